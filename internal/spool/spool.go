package spool

import (
	"context"
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

	aside    atomic.Int64  // entries on the disk that nobody has to go behind; see setAside
	direct   atomic.Uint64 // deliveries that were judged at once while there were such
	seats    chan struct{} // one for each delivery that is with the store
	pace     *pace
	overtook overtook

	refusing atomic.Pointer[refusal] // the last one; nil when events were taken since

	refusals, firsts, panics, breaks lines // of the log

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
	s := &Spool{
		cfg: c, metrics: newMetrics(c.Metrics, c.Disk, c.Now), wake: make(chan struct{}, 1),
		seats: make(chan struct{}, maxSeats), pace: newPace(), drain: newDrain(),
	}
	if n := s.Depth().Entries; n > 0 {
		s.outage = outage{since: c.Now(), spooled: int(n)}
		c.Log.Warn("events of the run before wait on disk", "entries", n)
	}
	return s
}
