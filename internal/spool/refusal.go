package spool

import (
	"errors"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// refusingFor is how long a refusal tells about the next events.
const refusingFor = 10 * time.Second

// refusal is why events were refused.
type refusal struct {
	err  error
	at   time.Time
	held int64 // bytes on the disk then
}

// refused notes that events are neither judged nor stored, and returns why.
func (s *Spool) refused(events []chat.Event, err error) error {
	s.metrics.refused.Add(float64(len(events)))
	known := s.Refusing() != nil
	s.refusing.Store(&refusal{err, s.cfg.Now(), s.Depth().Bytes})
	if known {
		return err
	}
	if left, ok := s.refusals.allow(s.cfg.Now()); ok {
		s.cfg.Log.Error("neither the store nor the spool takes events: webhooks are answered with 503", "err", err, "not_told", left)
	}
	return err
}

// Refusing returns why events were refused lately; nil when the last ones were taken. A full disk refuses the
// next ones, too, until it holds less. For anything else that shows only when events come, and whoever asks
// here first may send none: so it counts for a while.
func (s *Spool) Refusing() error {
	r := s.refusing.Load()
	switch {
	case r == nil:
		return nil
	case errors.Is(r.err, ErrFull) && s.Depth().Bytes >= r.held, s.cfg.Now().Sub(r.at) < refusingFor:
		return r.err
	}
	return nil
}
