package spool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/groupguard/groupguard/internal/chat"
)

// How a page is judged. Groups do not wait for each other; the events of one group go in order, some of
// them at once: a store takes them together.
const (
	workers = 16
	maxRun  = 64
)

// result is what became of a page.
type result struct {
	done   []int64
	failed []failure
	away   bool // some of it was not judged, because the store is away
}

// failure is an entry that cannot be judged for a reason of its own.
type failure struct {
	id       int64
	provider chat.Provider
	kind     chat.Kind
	why      string
	cause    cause
}

// cause is what may be the reason of a failure.
type cause int

const (
	store  cause = iota // the event, or the store
	itself              // the event, or what judges it
	nobody              // it passes with another version of this program
)

// item is an entry with its event.
type item struct {
	id    int64
	event chat.Event
}

// judge hands a page on. It returns when nothing of it is under way.
func (s *Spool) judge(ctx context.Context, page []Entry) result {
	var all result
	var order []chat.Group
	groups := map[chat.Group][]item{}
	for i := range page {
		e, err := decode(page[i].Body)
		if err != nil {
			f := failure{id: page[i].ID, why: err.Error(), cause: itself}
			if errors.Is(err, errOtherForm) {
				f.cause = nobody
			}
			all.failed = append(all.failed, f)
			continue
		}
		if groups[e.Group] == nil {
			order = append(order, e.Group)
		}
		groups[e.Group] = append(groups[e.Group], item{page[i].ID, e})
	}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards all
	free := make(chan struct{}, workers)
	for _, g := range order {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			r := s.inOrder(ctx, groups[g])
			mu.Lock()
			defer mu.Unlock()
			all.add(r)
		})
	}
	wg.Wait()
	return all
}

func (r *result) add(other result) {
	r.done = append(r.done, other.done...)
	r.failed = append(r.failed, other.failed...)
	r.away = r.away || other.away
}

// inOrder hands the events of one group on, until the store is away.
func (s *Spool) inOrder(ctx context.Context, items []item) (all result) {
	for len(items) > 0 && !all.away {
		n := runOf(items, s.drain.run)
		all.add(s.hand(ctx, items[:n]))
		items = items[n:]
	}
	return all
}

// runOf returns how many of the events can be handed on at once. They are counted first and their cases
// are stored after that: so one who does something and then joins again is not in one run, or the join
// would be known before the case that it follows.
func runOf(items []item, most int) int {
	members := map[chat.MemberID]bool{}
	for i := range items {
		e := &items[i].event
		if i == most || members[e.Member] && e.Kind != chat.Message {
			return i
		}
		members[e.Member] = true
	}
	return len(items)
}

// hand hands some events on together. When that fails for a reason of their own, each goes alone: one of
// them must not hold back the others.
func (s *Spool) hand(ctx context.Context, items []item) result {
	events := make([]chat.Event, len(items))
	ids := make([]int64, len(items))
	for i := range items {
		ids[i], events[i] = items[i].id, items[i].event
	}
	panicked, err := s.call(ctx, events)
	switch {
	case err == nil:
		return result{done: ids}
	case !panicked && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || s.cfg.Away(err)):
		return result{away: true}
	case len(items) == 1:
		f := failure{id: ids[0], provider: events[0].Provider, kind: events[0].Kind, why: err.Error()}
		if panicked {
			f.cause = itself
		}
		return result{failed: []failure{f}}
	}
	var all result
	for i := range items {
		if all.add(s.hand(ctx, items[i:i+1])); all.away {
			break
		}
	}
	return all
}

// call is one call of Next, with a panic as an error. What was panicked with may repeat message text, so
// only an error of the runtime is told.
func (s *Spool) call(ctx context.Context, events []chat.Event) (panicked bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		s.cfg.Panics.Inc()
		panicked, err = true, fmt.Errorf("panic: %T", p)
		if r, ok := p.(runtime.Error); ok {
			err = fmt.Errorf("panic: %w", r)
		}
		s.cfg.Log.Error("judging what waited on disk panicked", "err", err, "stack", string(debug.Stack()))
	}()
	_, err = s.cfg.Next.Handle(ctx, events)
	return false, err
}
