package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// defaultDeadline is how long an event may take before it goes to the disk. Tencent waits two seconds
// for an answer (https://trtc.io/document/34354, 2025), and the disk needs some of them.
const defaultDeadline = 800 * time.Millisecond

// Next judges and stores events. An error means that they may not be stored, and that the same events
// may be handed in again.
type Next interface {
	Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error)
}

// Config is what a Spool is made of.
type Config struct {
	Next Next
	Disk Disk
	// Away tells whether an error of Next says that the store cannot serve now, whatever the event. Such
	// an error never counts against an event.
	Away func(error) bool
	// Stored returns how often the store has taken a case so far. An event that fails while it does has
	// itself to blame.
	Stored func() uint64
	// Unjudged is the answer to an asked event that cannot be judged now. Nil: it is let through.
	Unjudged func(*chat.Event) chat.Verdict
	// Failed is told of every error of the disk but ErrFull, so that the process can end after one that
	// leaves it unsure what is stored. Nil: nobody is.
	Failed func(error)
	// KeepText is how long a text may be kept; zero: no matter how long.
	KeepText time.Duration
	Deadline time.Duration // zero: 800 ms
	Now      func() time.Time
	Metrics  prometheus.Registerer
	Panics   prometheus.Counter // counts those that were caught
	Log      *slog.Logger
}

// Spool hands events on, and keeps on its disk those that cannot be stored in time. It is safe for
// concurrent use; Run must be called once.
type Spool struct {
	cfg       Config
	metrics   *metrics
	appending atomic.Int64  // deliveries on their way to the disk
	wake      chan struct{} // has room for one: something was appended

	refusing atomic.Pointer[error] // why events were refused lately; nil when the last ones were taken

	mu     sync.Mutex // guards outage
	outage outage

	drain drain // Run's own
}

// outage is the time in which events wait, for the log.
type outage struct {
	since                    time.Time // zero: there is none
	spooled, judged, givenUp int
}

// New returns a Spool and registers its metrics.
func New(c Config) *Spool {
	if c.Deadline == 0 {
		c.Deadline = defaultDeadline
	}
	if c.Unjudged == nil {
		c.Unjudged = func(*chat.Event) chat.Verdict { return chat.Verdict{} }
	}
	if c.Failed == nil {
		c.Failed = func(error) {}
	}
	return &Spool{cfg: c, metrics: newMetrics(c.Metrics, c.Disk, c.Now), wake: make(chan struct{}, 1), drain: newDrain()}
}

// Handle judges the events of one delivery, or stores them to be judged later. After an error they are
// neither. As long as anything waits on the disk, new events go behind it: so they are judged in order,
// and nobody waits for a store that is away.
func (s *Spool) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	if s.waiting() {
		return s.put(ctx, events, nil)
	}
	verdicts, err := s.try(ctx, events)
	switch {
	case err == nil:
		s.refusing.Store(nil)
		return verdicts, nil
	case errors.Is(ctx.Err(), context.Canceled): // nobody waits for an answer any more
		return nil, err
	}
	return s.put(ctx, events, err)
}

// waiting tells whether anything is on the disk or on its way there.
func (s *Spool) waiting() bool { return s.appending.Load() > 0 || s.cfg.Disk.Depth().Entries > 0 }

func (s *Spool) try(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Deadline)
	defer cancel()
	return s.cfg.Next.Handle(ctx, events)
}

// put stores events and answers those that ask. The cause is why they could not be judged; nil when
// they only go behind others.
func (s *Spool) put(ctx context.Context, events []chat.Event, cause error) ([]chat.Verdict, error) {
	s.appending.Add(1)
	defer s.appending.Add(-1)
	if err := s.store(ctx, events); err != nil {
		s.metrics.refused.Add(float64(len(events)))
		s.refused(err)
		return nil, errors.Join(err, cause)
	}
	s.metrics.spooled.Add(float64(len(events)))
	s.accepted(len(events), cause)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	verdicts := make([]chat.Verdict, len(events))
	for i := range events {
		if events[i].Asked {
			verdicts[i] = s.cfg.Unjudged(&events[i])
		}
	}
	return verdicts, nil
}

func (s *Spool) store(ctx context.Context, events []chat.Event) error {
	entries := make([]Entry, len(events))
	for i := range events {
		e := events[i]
		e.Answered = e.Asked
		body, err := encode(&e)
		if err != nil {
			return err
		}
		entries[i] = Entry{At: e.Received, Text: e.Kind == chat.Message || e.Text != "", Body: body}
	}
	if err := s.cfg.Disk.Append(ctx, entries); err != nil {
		if !errors.Is(err, ErrFull) {
			s.cfg.Failed(err)
		}
		return fmt.Errorf("spooling %d events: %w", len(events), err)
	}
	return nil
}

// accepted notes that events were stored, and tells of the first.
func (s *Spool) accepted(n int, cause error) {
	s.refusing.Store(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage.since.IsZero() {
		s.outage.since = s.cfg.Now()
		s.cfg.Log.Warn("the store does not take events in time: they wait on disk", "err", cause)
	}
	s.outage.spooled += n
}

// refused notes that events could not be stored, and tells of the first.
func (s *Spool) refused(err error) {
	if s.refusing.Swap(&err) == nil {
		s.cfg.Log.Error("neither the store nor the spool takes events: webhooks are answered with 503", "err", err)
	}
}

// Refusing returns why events were refused lately; nil when the last ones were taken.
func (s *Spool) Refusing() error {
	if err := s.refusing.Load(); err != nil {
		return *err
	}
	return nil
}

// Depth is what waits on the disk.
func (s *Spool) Depth() Depth { return s.cfg.Disk.Depth() }
