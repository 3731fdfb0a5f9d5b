package tencent

import (
	"context"
	"slices"
	"sync"
)

// smallBatch is how many actions a job has at most that waits in the short line of a turnstile.
const smallBatch = 10

// turnstile lets one job at a time ask for a slot of an API. Jobs wait in two lines, one of small
// batches and one of large ones, that take turns: the look-up for a single member does not wait behind
// those of a whole raid. The zero turnstile is ready.
type turnstile struct {
	mu   sync.Mutex // guards the field below
	apis map[string]*lines
}

// lines are the jobs that wait for one API. There are lines only while somebody is at the turnstile.
type lines struct {
	small, large []chan struct{}
	wasSmall     bool // who passed last
}

// enter returns when it is the job's turn; leave must be called then. It fails with the context.
func (t *turnstile) enter(ctx context.Context, api string, small bool) error {
	t.mu.Lock()
	l := t.apis[api]
	if l == nil {
		if t.apis == nil {
			t.apis = map[string]*lines{}
		}
		t.apis[api] = &lines{wasSmall: small}
		t.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	line := &l.large
	if small {
		line = &l.small
	}
	*line = append(*line, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(*line, turn)
	if i >= 0 {
		*line = slices.Delete(*line, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // it came at the same moment
		t.leave(api)
	}
	return ctx.Err()
}

// leave lets the next one in.
func (t *turnstile) leave(api string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.apis[api]
	line := &l.small
	if len(l.small) == 0 || l.wasSmall && len(l.large) > 0 {
		line = &l.large
	}
	if len(*line) == 0 {
		delete(t.apis, api)
		return
	}
	l.wasSmall = line == &l.small
	close((*line)[0])
	*line = (*line)[1:]
}
