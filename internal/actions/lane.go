package actions

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxFlights is how many calls of one API may be in flight: at 200 calls a second it keeps the
// pace up to a round trip of 320 ms.
const maxFlights = 64

// lane is one API of one provider: its pace and the groups whose next call goes by it. The
// dispatcher's mutex guards the last group of fields.
type lane struct {
	d        *Dispatcher
	provider chat.Provider
	account  Account
	api      string
	rate     Rate
	breaker  *breaker
	limited  prometheus.Counter // calls that were refused for their rate
	wake     chan struct{}      // holds one token when something may have become ready
	flights  chan struct{}      // one token per call in flight

	turns    *turns    // the groups
	paused   time.Time // no call before then
	answered time.Time // when the API last answered
}

func (d *Dispatcher) newLane(p chat.Provider, a Account, r Route) *lane {
	return &lane{
		d: d, provider: p, account: a, api: r.API, rate: RateOf(r.Rate), breaker: d.breakers[p],
		limited: d.metrics.limited.WithLabelValues(string(p), r.API),
		turns:   newTurns(), wake: make(chan struct{}, 1), flights: make(chan struct{}, maxFlights),
	}
}

func (l *lane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run makes the lane's calls until the context ends. A slot is taken only when something is ready,
// and the batch is planned only when the slot is granted: an idle lane sends a single action at
// once, and a backlog turns into full batches without any timer.
func (l *lane) run(ctx context.Context) {
	for l.ready(ctx) {
		select {
		case l.flights <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if !l.slot(ctx) {
			return
		}
		j := l.next()
		if len(j.batch) == 0 && len(j.stopped) == 0 {
			<-l.flights
			continue
		}
		l.d.calls.Go(func() {
			defer func() { <-l.flights }()
			if len(j.batch) > 0 {
				j.stopped = append(j.stopped, l.d.call(l, j.group, j.batch, j.permit)...)
			}
			l.d.keep(j.stopped)
		})
	}
}

// ready waits until a group may make a call; false when the context ends.
func (l *lane) ready(ctx context.Context) bool {
	for {
		l.d.mu.Lock()
		now := time.Now()
		wait := l.breaker.wait(now)
		if wait == 0 {
			wait = l.d.backlog.wait(l, now)
		}
		l.d.mu.Unlock()
		if wait == 0 {
			return ctx.Err() == nil
		}
		if !sleep(ctx, wait, l.wake) {
			return false
		}
	}
}

// slot waits for the rate to allow one call; false when the context ends. While the limiter cannot
// be asked no call is made: other replicas may be calling.
func (l *lane) slot(ctx context.Context) bool {
	for {
		wait, err := l.account.Gate.Take(ctx, l.api, l.rate)
		if err != nil {
			if ctx.Err() != nil {
				return false
			}
			l.d.log.Warn("rate limiter does not answer, calls wait", "api", l.api, "err", err)
			wait = limitPause
		} else if wait == 0 {
			return true
		}
		if !sleep(ctx, wait, nil) {
			return false
		}
	}
}

// job is what a lane does next: a call, and storing what is kept from acting.
type job struct {
	group   *group
	batch   []*held
	permit  permit
	stopped []Settlement
}

// maxStopped is how many actions that are kept from acting a lane passes over in search of a call.
const maxStopped = 1000

// next chooses the group whose turn it is and takes its call. The job is empty when nothing is ready
// any more, or no call may be made.
func (l *lane) next() (j job) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	now := time.Now()
	var ok bool
	if j.permit, ok = l.breaker.allow(); !ok {
		return j
	}
	for len(j.stopped) < maxStopped {
		g := l.d.backlog.choose(l, now)
		if g == nil {
			break
		}
		// What became due since the group was put into this lane may go by another call.
		l.d.backlog.settleLane(g, now, l.d.laneOf)
		if g.lane != l || g.ready.After(now) {
			continue
		}
		batch, stopped := l.d.stillMay(g, l.d.ours(g, l.d.backlog.take(g, now), now))
		j.stopped = append(j.stopped, stopped...)
		if len(batch) > 0 {
			j.group, j.batch = g, batch
			for _, h := range batch {
				l.d.flying[entry(h.Token)] = false
			}
			l.d.backlog.settleLane(g, now, l.d.laneOf)
			return j
		}
		l.d.backlog.landed(g, nil, nil, time.Time{}) // nothing of it is left
		l.d.backlog.settleLane(g, now, l.d.laneOf)
	}
	j.permit.end(errNoCall)
	return j
}

// sleep waits for the time or the wake channel; false when the context ends first.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return true
	case <-t.C:
		return true
	}
}
