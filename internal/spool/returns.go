package spool

import (
	"context"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	// returnRoom is how much later than what a member did his join must be to show that he came back
	// after it: the two times may come from clocks that differ.
	returnRoom = 5 * time.Second
	// maxOvertook bounds the members in overtook.
	maxOvertook = 10_000
)

// keyOf names a member of a group, without telling who it is.
func keyOf(e *chat.Event) string {
	return chat.Digest("spool", string(e.Provider), string(e.Account), string(e.Group.ID), string(e.Member))
}

// returns tells whether the event says that its member is in the group from now on. Whoever only asks to
// join is not.
func returns(e *chat.Event) bool { return e.Kind == chat.Join && !e.Asked }

// pardon marks the events whose member has come back since: they are not judged. What he did before is
// settled by whoever let him in, and the store cannot know of a join that waits behind them.
func (s *Spool) pardon(ctx context.Context, events []chat.Event) error {
	back, err := s.CameBack(ctx, events)
	if err != nil {
		return err
	}
	for i := range back {
		events[i].Trusted = events[i].Trusted || back[i]
	}
	return nil
}

// CameBack tells of which events the member has come back since, by a join that waits on the disk or that
// was judged before what waits there.
func (s *Spool) CameBack(ctx context.Context, events []chat.Event) ([]bool, error) {
	keys := make([]string, len(events))
	for i := range events {
		keys[i] = keyOf(&events[i])
	}
	since, err := s.cfg.Disk.Returns(ctx, keys)
	if err != nil {
		return nil, err
	}
	back := make([]bool, len(events))
	for i := range events {
		at := events[i].At
		back[i] = after(since[keys[i]], at) || s.overtook.since(keys[i], at)
	}
	return back, nil
}

// remember lets a disk that has no room for events know who came back by them, so that it outlives the process:
// they are judged before what waits. What cannot be remembered so is in overtook.
func (s *Spool) remember(ctx context.Context, events []chat.Event) {
	var joins []Entry
	for i := range events {
		if e := &events[i]; returns(e) {
			joins = append(joins, Entry{At: e.Received, Return: keyOf(e), Since: e.At})
		}
	}
	if len(joins) == 0 || s.Depth().Entries == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.cfg.Disk.Remember(ctx, joins); err != nil {
		s.broken(ctx, err)
	}
}

func after(join, at time.Time) bool { return !join.IsZero() && join.Sub(at) > returnRoom }

// overtook holds the joins that are judged although earlier events may wait: those that the disk did not
// take. It is bounded: of more members than that it assumes that they are back. It is safe for
// concurrent use.
type overtook struct {
	mu     sync.Mutex // guards the fields below
	joins  map[string]time.Time
	others time.Time // the latest join that had no room
}

func (o *overtook) note(events []chat.Event) {
	for i := range events {
		if !returns(&events[i]) {
			continue
		}
		key, at := keyOf(&events[i]), events[i].At
		o.mu.Lock()
		switch known, ok := o.joins[key]; {
		case ok && !at.After(known):
		case ok || len(o.joins) < maxOvertook:
			if o.joins == nil {
				o.joins = map[string]time.Time{}
			}
			o.joins[key] = at
		case at.After(o.others):
			o.others = at
		}
		o.mu.Unlock()
	}
}

// since tells whether a member may have come back after a time.
func (o *overtook) since(key string, at time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return after(o.joins[key], at) || after(o.others, at)
}

// clear forgets everything, once nothing waits that could have been overtaken.
func (o *overtook) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.joins, o.others = nil, time.Time{}
}
