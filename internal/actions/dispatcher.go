package actions

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// Account is one provider account and the way to its APIs.
type Account struct {
	Sender Sender
	Gate   Gate
	Quiet  bool // what goes well is not logged
}

// Config is what a Dispatcher is made of.
type Config struct {
	Queue    Queue
	Accounts map[chat.Provider]Account
	Guard    Guard         // may keep actions from being carried out; nil: all may go
	Lease    time.Duration // how long a claim holds in the queue; it is renewed three times as often
	DryRun   bool          // settle without calling
	// CameBack tells of each action whether its member has joined again since what it is for. It is asked
	// right before the call, about removals and mutes that are no longer fresh; an error means that
	// nobody knows, and that none of them may go. Nil: nobody has.
	CameBack func(ctx context.Context, of []chat.Action) ([]bool, error)
	Drain    time.Duration // how long Run waits for calls in flight when it is stopped
	Metrics  prometheus.Registerer
	Panics   prometheus.Counter // counts calls that ended in a panic of ours; nil: nobody wants to know
	Log      *slog.Logger
	// Settled, when not nil, is told of every settlement that was stored. It must not block.
	Settled func(Settlement)
}

// Dispatcher carries out the queue's actions. Make one with New and call Run once.
type Dispatcher struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	calls   sync.WaitGroup // calls in flight
	lanes   sync.WaitGroup
	work    context.Context // what calls and settlements run under: outlives Run's context by Drain

	mu       sync.Mutex // guards the fields below
	ctx      context.Context
	backlog  *backlog
	byAPI    map[string]*lane
	breakers map[chat.Provider]*breaker
	broken   map[chat.Provider]bool
	held     map[Token]time.Time // every claimed action that is not settled: when the claim was last known to hold
	count    []int               // how many of them each partition has
	flying   map[Token]bool      // calls in flight, by token without its fence: claimed anew meanwhile
	over     map[Token]finished  // outcomes that could not be stored at once, by token without its fence

	room []chan struct{} // per partition: holds one token when an action was settled

	unheard atomic.Bool // nobody can tell who came back
}

// New returns a Dispatcher that is not running yet. It registers its metrics.
func New(c Config) *Dispatcher {
	parts := c.Queue.Parts()
	if c.Panics == nil {
		c.Panics = prometheus.NewCounter(prometheus.CounterOpts{})
	}
	d := &Dispatcher{
		cfg: c, log: c.Log, metrics: newMetrics(c.Metrics), backlog: newBacklog(),
		byAPI: map[string]*lane{}, breakers: map[chat.Provider]*breaker{}, broken: map[chat.Provider]bool{},
		held: map[Token]time.Time{}, flying: map[Token]bool{}, over: map[Token]finished{}, room: make([]chan struct{}, parts), count: make([]int, parts),
	}
	d.addBreakers()
	for i := range d.room {
		d.room[i] = make(chan struct{}, 1)
	}
	return d
}

// Run claims, sends and settles until the context ends. Then it claims no more, lets calls in
// flight end and be settled for at most Config.Drain, gives back what was not tried, and returns.
// What could not be given back stays in the queue until its claim runs out.
func (d *Dispatcher) Run(ctx context.Context) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	d.mu.Lock()
	d.ctx, d.work = ctx, work
	d.mu.Unlock()
	var loops sync.WaitGroup
	for part := range d.room {
		loops.Go(func() { d.claim(ctx, part) })
	}
	renewing, stopRenewing := context.WithCancel(work)
	defer stopRenewing()
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		d.renew(renewing)
	}()

	<-ctx.Done()
	timer := time.AfterFunc(d.cfg.Drain, stop)
	defer timer.Stop()
	loops.Wait()
	d.lanes.Wait()
	d.calls.Wait()
	stopRenewing()
	<-renewed
	d.giveBack()
}

// route finds out how an action is carried out; final with the settlement of one that never is.
func (d *Dispatcher) route(h *held) (s Settlement, final bool) {
	if d.cfg.DryRun {
		return Settlement{Item: h.Item, State: DryRun, At: time.Now()}, true
	}
	r, err := d.cfg.Accounts[h.Group.Provider].Sender.Route(h.Action)
	if err != nil {
		return Settlement{Item: h.Item, State: Dead, Code: "impossible", Text: clip(err.Error()), At: time.Now()}, true
	}
	h.route = r
	return s, false
}

// laneOf returns the lane of an action's route and starts it when it is new. The caller holds d.mu.
func (d *Dispatcher) laneOf(h *held) *lane {
	key := string(h.Group.Provider) + " " + h.route.API
	l := d.byAPI[key]
	if l == nil {
		l = d.newLane(h.Group.Provider, d.cfg.Accounts[h.Group.Provider], h.route)
		d.byAPI[key] = l
		if ctx := d.ctx; ctx != nil && ctx.Err() == nil {
			d.lanes.Go(func() { l.run(ctx) })
		}
	}
	return l
}
