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

// The pace is 0.96 of the ceiling and the slack 5 ms, so that a window holds at most
// (1 s + Slack)/Interval + 1 granted calls: 193 of 200, 5 of 5. The rest is room for calls that a
// busy machine or the network delays and bunches: they may be 35 ms late.
const (
	paceShare = 0.96
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

// Limiter grants calls. All replicas share one through the store.
type Limiter interface {
	// Take asks for one call under key at this pace. A wait of 0 grants it: make the call at once.
	// Otherwise nothing was taken; ask again after wait.
	Take(ctx context.Context, key string, r Rate) (wait time.Duration, err error)
}

// LocalLimiter is the Limiter of a single process. The zero value is ready.
type LocalLimiter struct {
	mu    sync.Mutex // guards the fields below
	start time.Time
	due   map[string]time.Duration
}

// Take implements Limiter. It never fails.
func (l *LocalLimiter) Take(_ context.Context, key string, r Rate) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due == nil {
		l.due, l.start = map[string]time.Duration{}, time.Now()
	}
	due, wait := r.Next(l.due[key], time.Since(l.start))
	l.due[key] = due
	return wait, nil
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
