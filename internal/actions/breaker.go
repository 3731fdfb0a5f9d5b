package actions

import (
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/groupguard/groupguard/internal/chat"
)

// When a breaker opens, and how often a call is tried while it is open. With 64 calls in flight the
// failures of one hiccup come by the dozen, so opening is cheap: the first call that is answered
// closes it.
const (
	downInARow = 20 // calls without an answer, or with a server error
	authInARow = 5  // calls refused for their credentials
	probeEvery = 5 * time.Second
)

// What a breaker is told of a call.
var (
	errDown    = errors.New("no answer, or a server error")
	errRefused = errors.New("the credentials are refused")
	errNoCall  = errors.New("no call was made") // neither good nor bad
)

// breaker keeps calls from a provider account that does not answer, or that refuses its
// credentials. While it is open no call goes, and none of the waiting actions counts an attempt; now
// and then one call tries whether the account is back. The dispatcher's mutex guards it.
type breaker struct {
	steps   *gobreaker.TwoStepCircuitBreaker[struct{}]
	refused int       // calls in a row that were refused for their credentials
	probing bool      // the one call that tries is in flight
	until   time.Time // when the next call may try
}

// permit lets one call go. End must be called once with what came of it.
type permit struct {
	end   func(error)
	probe bool // the call tries whether the account is back: if it is not, nothing was tried
}

// newBreaker returns a closed breaker; changed is called whenever it opens, tries or closes.
func newBreaker(p chat.Provider, changed func(now gobreaker.State)) *breaker {
	b := &breaker{}
	b.steps = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name: string(p), Timeout: probeEvery,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.ConsecutiveFailures >= downInARow || b.refused >= authInARow
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errNoCall) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				// The breaker lets a call try only after its time, not at it.
				b.until = time.Now().Add(probeEvery + time.Millisecond)
			}
			changed(to)
		},
	})
	return b
}

// wait returns how long calls have to wait; 0: one may go. While one tries, the others wait until it
// has ended.
func (b *breaker) wait(now time.Time) time.Duration {
	const idle = time.Hour
	switch {
	case b.steps.State() == gobreaker.StateClosed:
		return 0
	case b.probing:
		return idle
	}
	return max(b.until.Sub(now), 0)
}

// allow asks for one call.
func (b *breaker) allow() (p permit, ok bool) {
	done, err := b.steps.Allow()
	if err != nil {
		return p, false
	}
	p.probe = b.steps.State() == gobreaker.StateHalfOpen
	b.probing = p.probe
	p.end = func(err error) {
		if p.probe {
			b.probing = false
		}
		switch {
		case errors.Is(err, errRefused):
			b.refused++
		case err == nil:
			b.refused = 0
		}
		done(err)
	}
	return p, true
}

// failureOf tells what the outcomes of one call say of its account: nil when it answered.
func failureOf(out []Outcome) error {
	for i := range out {
		switch {
		case out[i].Class == Auth:
			return errRefused
		case out[i].failed():
			return errDown
		}
	}
	return nil
}

// failed tells whether the outcome says more about the account than about the action.
func (o *Outcome) failed() bool { return o.Class == Auth || o.Class == Again && o.Down }

// addBreakers makes a closed breaker for every account.
func (d *Dispatcher) addBreakers() {
	for p, account := range d.cfg.Accounts {
		d.metrics.begin(p, account)
		d.breakers[p] = newBreaker(p, func(now gobreaker.State) { d.breakerChanged(p, now) })
	}
}

// breakerChanged reports a breaker's new state and wakes its account's lanes. The caller of the
// breaker holds d.mu.
func (d *Dispatcher) breakerChanged(p chat.Provider, now gobreaker.State) {
	at := slog.String("provider", string(p))
	switch now {
	case gobreaker.StateOpen:
		if !d.broken[p] {
			d.log.Error("the provider does not answer or refuses the credentials: its actions wait, a call tries now and then", at)
		}
		d.broken[p] = true
		d.metrics.open.WithLabelValues(string(p)).Set(1)
	case gobreaker.StateClosed:
		d.log.Info("the provider answers again", at)
		delete(d.broken, p)
		d.metrics.open.WithLabelValues(string(p)).Set(0)
	case gobreaker.StateHalfOpen: // a call tries: nothing is known yet
	}
}

// Broken returns the providers whose breaker is open, in order: their calls fail, and their actions
// wait for them to come back.
func (d *Dispatcher) Broken() []chat.Provider {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]chat.Provider, 0, len(d.broken))
	for p := range d.broken {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// wakeLanes lets an account's lanes look again whether they may call. The caller holds d.mu.
func (d *Dispatcher) wakeLanes(p chat.Provider) {
	for _, l := range d.byAPI {
		if l.provider == p {
			l.poke()
		}
	}
}
