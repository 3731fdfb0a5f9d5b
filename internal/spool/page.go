package spool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// How a page is read.
const (
	pageEntries = 512
	pageBytes   = 4 << 20
	callTimeout = 5 * time.Second // for one call of Next
)

// page is what was read from the disk at once.
type page struct {
	items  []item
	failed []failure // that cannot be read
	after  int64     // the last entry of it
	last   bool      // nothing was behind it
	err    error
}

// result is what became of events that were handed on.
type result struct {
	lane   *lane
	done   []int64
	failed []failure
	away   bool  // the rest was not judged, because the store is away
	err    error // of the disk
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
	size  int // bytes on the disk
	event chat.Event
}

// read reads a page of at most so many entries behind another one.
func (s *Spool) read(ctx context.Context, after int64, most int) (p page) {
	entries, err := s.cfg.Disk.Next(ctx, after, most, pageBytes)
	if p.last = len(entries) == 0; err != nil || p.last {
		p.err = err
		return p
	}
	for i := range entries {
		e, err := decode(entries[i].Body)
		if err == nil {
			p.items = append(p.items, item{entries[i].ID, len(entries[i].Body), e})
			continue
		}
		f := failure{id: entries[i].ID, why: err.Error(), cause: itself}
		if errors.Is(err, errOtherForm) {
			f.cause = nobody
		}
		p.failed = append(p.failed, f)
	}
	p.after = entries[len(entries)-1].ID
	return p
}

func (r *result) add(other result) {
	r.done = append(r.done, other.done...)
	r.failed = append(r.failed, other.failed...)
	r.away, r.err = r.away || other.away, errors.Join(r.err, other.err)
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
	if err := s.pardon(ctx, events); err != nil {
		return result{err: err}
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
		if all.add(s.hand(ctx, items[i:i+1])); all.away || all.err != nil {
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
		if left, ok := s.panics.allow(s.cfg.Now()); ok {
			s.cfg.Log.Error("judging what waited on disk panicked", "err", err, "stack", string(debug.Stack()), "not_told", left)
		}
	}()
	_, err = s.cfg.Next.Handle(ctx, events)
	return false, err
}
