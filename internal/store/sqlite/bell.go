package sqlite

import "sync"

// bell wakes the claims that wait for a partition when entries come to it. The zero value is ready.
type bell struct {
	mu    sync.Mutex // guards waits; a lost ring would cost a waiting claim up to a second
	waits map[int]chan struct{}
}

// wait returns a channel that the partition's next ring closes.
func (b *bell) wait(part int) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waits == nil {
		b.waits = map[int]chan struct{}{}
	}
	if b.waits[part] == nil {
		b.waits[part] = make(chan struct{})
	}
	return b.waits[part]
}

func (b *bell) ring(parts map[int]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for part := range parts {
		if c := b.waits[part]; c != nil {
			close(c)
			delete(b.waits, part)
		}
	}
}
