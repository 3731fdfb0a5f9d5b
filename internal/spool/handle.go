package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxSeats bounds how many deliveries are with the store at the same time. It is well under the places of
// the webhook port: a store that takes long for each must not keep others from the disk.
const maxSeats = 256

// patience is how long events wait for the disk alone: half of what the store has for them, so that both
// are done while the sender waits.
const patience = 400 * time.Millisecond

// errBusy is the cause of an event that goes to the disk since the store is slow.
var errBusy = errors.New("the store is slow: as many events are with it as may be")

// Handle judges the events of one delivery, or stores them to be judged later. After an error they are
// neither. As long as anything waits on the disk, new events go behind it: so they are judged in order,
// and nobody waits for a store that is away.
func (s *Spool) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	if s.behind(events) {
		return s.putFirst(ctx, events, nil)
	}
	select {
	case s.seats <- struct{}{}:
	default:
		return s.putFirst(ctx, events, errBusy)
	}
	verdicts, err := s.try(ctx, events)
	if err == nil {
		s.taken()
		return verdicts, nil
	}
	if errors.Is(ctx.Err(), context.Canceled) { // nobody waits for an answer any more
		return nil, err
	}
	verdicts = s.unjudged(events)
	if no := s.put(ctx, events, verdicts, err); no != nil {
		return nil, s.refused(events, errors.Join(no, err))
	}
	return verdicts, nil
}

// putFirst stores events that were not tried. What the disk does not take, or not soon, is judged before its
// turn: not to lose it matters more. Whichever of the two has them first ends the other. Both may have
// them all the same: then they are judged twice.
func (s *Spool) putFirst(ctx context.Context, events []chat.Event, cause error) ([]chat.Verdict, error) {
	storing, leave := context.WithCancel(ctx)
	defer leave()
	judging, stop := context.WithCancel(ctx)
	defer stop()
	verdicts, own := s.unjudged(events), slices.Clone(events) // who judges events may change them
	var no error
	stored := make(chan struct{}) // closed once no is known
	go func() {
		defer close(stored)
		if no = s.put(storing, own, verdicts, cause); no == nil {
			stop()
		}
	}()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-stored:
		if no == nil {
			s.hold(ctx, events)
			return verdicts, nil
		}
		if errors.Is(no, ErrFull) {
			s.remember(ctx, events)
		}
	case <-t.C:
	}
	judged, err := s.overtake(judging, events)
	if err == nil {
		leave()
	}
	<-stored
	switch {
	case err == nil: // a judgement is worth more than none
		return judged, nil
	case no == nil:
		return verdicts, nil
	}
	return nil, s.refused(events, errors.Join(no, err))
}

// overtake judges events although earlier ones may wait on the disk.
func (s *Spool) overtake(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Deadline)
	defer cancel()
	select {
	case s.seats <- struct{}{}:
	case <-ctx.Done():
		return nil, errBusy
	}
	s.overtook.note(events) // before they are judged: what waits is judged meanwhile
	if err := s.pardon(ctx, events); err != nil {
		<-s.seats
		return nil, err
	}
	verdicts, err := s.try(ctx, events)
	if err == nil {
		s.taken()
	}
	return verdicts, err
}

// behind tells whether events have to go behind others. Who joins goes by the disk also while only
// such entries are there that nobody waits for: it is how they learn that he is back.
func (s *Spool) behind(events []chat.Event) bool {
	return s.waiting() || s.aside.Load() > 0 && slices.ContainsFunc(events, func(e chat.Event) bool { return returns(&e) })
}

// waiting tells whether anything is on the disk that can be judged in its turn, or on its way there.
func (s *Spool) waiting() bool {
	return s.appending.Load() > 0 || s.cfg.Disk.Depth().Entries > s.aside.Load()
}

// try hands events on, and leaves the seat that its caller has taken.
func (s *Spool) try(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	defer func() { <-s.seats }()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Deadline)
	defer cancel()
	return s.cfg.Next.Handle(ctx, events)
}

// hold keeps those waiting a little who do not ask for a verdict, as long as it helps.
func (s *Spool) hold(ctx context.Context, events []chat.Event) {
	if s.Depth().Entries-s.aside.Load() < holdFrom || slices.ContainsFunc(events, func(e chat.Event) bool { return e.Asked }) {
		return
	}
	s.pace.hold(ctx, len(events))
}

// unjudged answers events that are not judged now.
func (s *Spool) unjudged(events []chat.Event) []chat.Verdict {
	verdicts := make([]chat.Verdict, len(events))
	for i := range events {
		if events[i].Asked {
			verdicts[i] = s.cfg.Unjudged(&events[i])
		}
	}
	return verdicts
}

// put stores events behind all others. The cause is why they could not be judged; nil when they only go
// behind others.
func (s *Spool) put(ctx context.Context, events []chat.Event, verdicts []chat.Verdict, cause error) error {
	s.appending.Add(1)
	defer s.appending.Add(-1)
	if err := s.store(ctx, events, verdicts); err != nil {
		return err
	}
	s.metrics.spooled.Add(float64(len(events)))
	s.accepted(len(events), cause)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// store writes events to the disk, with what those were told that asked.
func (s *Spool) store(ctx context.Context, events []chat.Event, verdicts []chat.Verdict) error {
	entries := make([]Entry, len(events))
	for i := range events {
		e := events[i]
		e.Answered, e.Refused = e.Asked, verdicts[i].Block
		body, err := encode(&e)
		if err != nil {
			return err
		}
		entries[i] = Entry{At: e.Received, Text: e.Kind == chat.Message || e.Text != "", Body: body}
		if returns(&e) {
			entries[i].Return, entries[i].Since = keyOf(&e), e.At
		}
	}
	if err := s.cfg.Disk.Append(ctx, entries); err != nil {
		if !errors.Is(err, ErrFull) {
			s.cfg.Failed(err)
		}
		return fmt.Errorf("spooling %d events: %w", len(events), err)
	}
	return nil
}

// taken notes that the store has taken events at once. Only stuck entries want to know how often.
func (s *Spool) taken() {
	if s.refusing.Load() != nil {
		s.refusing.Store(nil)
	}
	if s.aside.Load() > 0 {
		s.direct.Add(1)
	}
}

// accepted notes that events were stored, and tells of the first.
func (s *Spool) accepted(n int, cause error) {
	if s.refusing.Load() != nil {
		s.refusing.Store(nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage.since.IsZero() && cause != nil {
		s.outage.since = s.cfg.Now()
		s.cfg.Log.Warn("the store does not take events in time: they wait on disk", "err", cause)
	}
	s.outage.spooled += n
}

// Depth is what waits on the disk.
func (s *Spool) Depth() Depth { return s.cfg.Disk.Depth() }
