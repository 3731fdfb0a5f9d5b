package actions

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// leasedQueue is a Queue in memory whose claims run out, with several partitions and dispatchers.
type leasedQueue struct {
	lease time.Duration

	mu    sync.Mutex // guards the fields below
	parts [][]*slot  // entries in order; those that ended go now and then
	named map[string]*slot
	fresh []int       // per partition, from where on they were never claimed
	seen  []time.Time // per partition, when those before were last looked at
	ended map[chat.ActionID]Settlement
	tries map[chat.ActionID]int
	fault func() error // what a call to the queue fails with; nil: nothing
	wake  chan struct{}
}

// slot is one entry.
type slot struct {
	item  Item
	until time.Time // claimed until then; zero: claimable
	over  bool
}

func newLeasedQueue(parts int, lease time.Duration) *leasedQueue {
	return &leasedQueue{
		lease: lease, parts: make([][]*slot, parts), named: map[string]*slot{}, fresh: make([]int, parts), seen: make([]time.Time, parts), ended: map[chat.ActionID]Settlement{},
		tries: map[chat.ActionID]int{}, wake: make(chan struct{}),
	}
}

// add puts actions into the partition of their group.
func (q *leasedQueue) add(as ...chat.Action) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range as {
		part := 0
		for _, c := range []byte(a.Group.ID) {
			part = (part*31 + int(c)) % len(q.parts)
		}
		s := &slot{item: Item{Action: a, Token: Token{Part: part, Entry: string(a.ID)}}}
		q.parts[part], q.named[string(a.ID)] = append(q.parts[part], s), s
	}
	close(q.wake)
	q.wake = make(chan struct{})
}

func (q *leasedQueue) Parts() int { return len(q.parts) }

func (q *leasedQueue) failing() error {
	if q.fault == nil {
		return nil
	}
	return q.fault()
}

func (q *leasedQueue) Claim(ctx context.Context, part, most int) ([]Item, error) {
	q.mu.Lock()
	if err := q.failing(); err != nil {
		q.mu.Unlock()
		return nil, err
	}
	now, wake := time.Now(), q.wake
	if now.Sub(q.seen[part]) >= q.lease/4 { // claims may have run out
		q.parts[part] = slices.DeleteFunc(q.parts[part], func(s *slot) bool { return s.over })
		q.seen[part], q.fresh[part] = now, 0
	}
	var out []Item
	for ; q.fresh[part] < len(q.parts[part]) && len(out) < most; q.fresh[part]++ {
		s := q.parts[part][q.fresh[part]]
		if s.over || s.until.After(now) {
			continue
		}
		s.until = now.Add(q.lease)
		s.item.Token.Fence++
		s.item.Deliveries++
		out = append(out, s.item)
	}
	q.mu.Unlock()
	if len(out) > 0 {
		return out, nil
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wake:
	case <-time.After(q.lease / 4):
	}
	return nil, nil
}

// of returns the slot that a token claims; nil when it is somebody else's.
func (q *leasedQueue) of(t Token) *slot {
	if s := q.named[t.Entry]; s != nil && s.item.Token == t && !s.until.IsZero() {
		return s
	}
	return nil
}

func (q *leasedQueue) Renew(_ context.Context, tokens []Token) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing(); err != nil {
		return err
	}
	for _, t := range tokens {
		if s := q.of(t); s != nil {
			s.until = time.Now().Add(q.lease)
		}
	}
	return nil
}

func (q *leasedQueue) Settle(_ context.Context, ss []Settlement) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing(); err != nil {
		return err
	}
	for _, one := range ss {
		s := q.of(one.Item.Token)
		if s == nil {
			continue // it has ended, or somebody else has claimed it
		}
		switch one.State {
		case Retry:
			s.item.Attempts++
			q.tries[s.item.ID]++
		case Free:
			s.until, q.seen[s.item.Token.Part] = time.Time{}, time.Time{}
		case Done, Spared, DryRun, Dead, Held, Void:
			q.ended[one.Item.ID], s.over = one, true
			delete(q.named, one.Item.Token.Entry)
		}
	}
	return nil
}

// left returns the actions that have not ended.
func (q *leasedQueue) left() []chat.ActionID {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []chat.ActionID
	for _, s := range q.named {
		out = append(out, s.item.ID)
	}
	return out
}

// entries returns how many actions have not ended.
func (q *leasedQueue) entries() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.named)
}

func (q *leasedQueue) end(id chat.ActionID) Settlement {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended[id]
}

var errAway = errors.New("store is away")
