package actions

import (
	"context"
	"sync"
	"time"
)

// Rate paces calls so that no one-second window, as the provider counts it, holds more than a
// ceiling of them. It is a GCRA whose small slack makes up for late timers.
type Rate struct {
	Interval time.Duration // between calls in the long run
	Slack    time.Duration // how far a late caller may catch up
}

// The pace is 0.965 of the ceiling and the slack 5 ms, so that a window holds at most
// (1 s + Slack)/Interval + 1 granted calls: 194 of 200, 5 of 5. The rest is room for calls that a
// busy machine or the network delays and bunches: they may be 30 ms late. With 20 ms a machine whose
// two cores were both busy sent 203 calls in a second. The slack is what timers may be late without a
// loss of pace; while the garbage collector runs they are later than that.
const (
	paceShare = 0.965
	paceSlack = 5 * time.Millisecond
)

// RateOf returns the pace for a ceiling of calls in any one-second window.
func RateOf(ceiling int) Rate {
	return Rate{
		Interval: time.Duration(float64(time.Second) / (paceShare * float64(max(ceiling, 1)))),
		Slack:    paceSlack,
	}
}

// Next decides one request at time now, given due, the time at which the pace allows the next
// call. It returns the new due time and 0 when the call may be made now; else due as it was and
// how long to wait. Times are on any one clock.
func (r Rate) Next(due, now time.Duration) (newDue, wait time.Duration) {
	if early := due - now; early > r.Slack {
		return due, early - r.Slack
	}
	return max(due, now) + r.Interval, 0
}

// Slowdown is how far a pace is below the one that was asked for, because the provider refused calls
// for their rate. It wears off by itself. The zero Slowdown slows nothing.
type Slowdown struct {
	Share float64       // of the pace, at the time At; 0: the whole of it
	At    time.Duration // on the clock of Rate.Next
}

// How a pace is slowed and recovers.
const (
	slowOnce   = time.Second      // refusals within this time of a slowdown belong to it
	slowLeast  = 1.0 / 64         // the lowest share: a call every third of a second at 200 a second
	recoversIn = 60 * time.Second // from standing still to the whole pace
)

// Halve returns the slowdown after a refusal at time now.
func (s Slowdown) Halve(now time.Duration) Slowdown {
	if s.Share > 0 && now-s.At < slowOnce {
		return s
	}
	return Slowdown{Share: max(s.Left(now)/2, slowLeast), At: now}
}

// Left returns the share of the pace that is left at time now, over 0 and at most 1.
func (s Slowdown) Left(now time.Duration) float64 {
	if s.Share <= 0 {
		return 1
	}
	return min(1, s.Share+float64(max(now-s.At, 0))/float64(recoversIn))
}

// Slowed returns the pace at time now under a slowdown.
func (r Rate) Slowed(s Slowdown, now time.Duration) Rate {
	r.Interval = time.Duration(float64(r.Interval) / s.Left(now))
	return r
}

// Limiter grants calls. All replicas share one through the store.
type Limiter interface {
	// Take asks for one call under key at this pace. A wait of 0 grants it: make the call at once.
	// Otherwise nothing was taken; ask again after wait.
	Take(ctx context.Context, key string, r Rate) (wait time.Duration, err error)
	// Slow tells that the provider refused a call under key for its rate: the pace is halved and
	// recovers by itself, and no call is granted before wait is over. Refusals within a second of one
	// that halved the pace are the same event: they only prolong the wait.
	Slow(ctx context.Context, key string, wait time.Duration) error
}

// LocalLimiter is the Limiter of a single process. The zero value is ready.
type LocalLimiter struct {
	mu    sync.Mutex // guards the fields below
	start time.Time
	keys  map[string]pace
}

// pace is what a LocalLimiter knows of one key.
type pace struct {
	due   time.Duration
	slow  Slowdown
	until time.Duration // no call before then
}

// clock returns the time since the limiter was first used. The caller holds l.mu.
func (l *LocalLimiter) clock() time.Duration {
	if l.keys == nil {
		l.keys, l.start = map[string]pace{}, time.Now()
	}
	return time.Since(l.start)
}

// Take implements Limiter. It never fails.
func (l *LocalLimiter) Take(_ context.Context, key string, r Rate) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	p := l.keys[key]
	if p.until > now {
		return p.until - now, nil
	}
	due, wait := r.Slowed(p.slow, now).Next(p.due, now)
	p.due = due
	l.keys[key] = p
	return wait, nil
}

// Slow implements Limiter. It never fails.
func (l *LocalLimiter) Slow(_ context.Context, key string, wait time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	p := l.keys[key]
	p.slow = p.slow.Halve(now)
	p.until = max(p.until, now+wait)
	l.keys[key] = p
	return nil
}

// Gate is the way to a provider account's APIs: it waits for rate slots.
type Gate struct {
	Limiter Limiter
	Account string // rates are kept per account and API
}

// Take asks for one call of the API, as Limiter.Take does.
func (g Gate) Take(ctx context.Context, api string, r Rate) (wait time.Duration, err error) {
	return g.Limiter.Take(ctx, g.Account+" "+api, r)
}

// Slow tells that the provider refused a call of the API for its rate, as Limiter.Slow does.
func (g Gate) Slow(ctx context.Context, api string, wait time.Duration) error {
	return g.Limiter.Slow(ctx, g.Account+" "+api, wait)
}

// Wait returns when one call of the API may be made, or with the context's or store's error.
func (g Gate) Wait(ctx context.Context, api string, ceiling int) error {
	r := RateOf(ceiling)
	for {
		wait, err := g.Take(ctx, api, r)
		if err != nil {
			return err
		}
		if wait == 0 {
			return nil
		}
		if !sleep(ctx, wait, nil) {
			return ctx.Err()
		}
	}
}
