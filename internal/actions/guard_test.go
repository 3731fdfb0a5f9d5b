package actions

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fakeGuard rules by functions that a test may change.
type fakeGuard struct {
	mu    sync.Mutex // guards the fields below
	admit func([]chat.Action) ([]Ruling, error)
	still func(*chat.Action) Ruling
	asked int
}

func (g *fakeGuard) Admit(_ context.Context, as []chat.Action) ([]Ruling, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if g.admit == nil {
		return make([]Ruling, len(as)), nil
	}
	return g.admit(as)
}

func (g *fakeGuard) Still(a *chat.Action) Ruling {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.still == nil {
		return Ruling{}
	}
	return g.still(a)
}

func (g *fakeGuard) set(change func(*fakeGuard)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(g)
}

func guarded(g Guard) func(*Config) { return func(c *Config) { c.Guard = g } }

func TestWhatTheGuardStopsIsNeverCalled(t *testing.T) {
	rulings := map[chat.MemberID]Ruling{
		"paused": {State: Held, Code: "paused", Text: "the rule is paused"},
		"undone": {State: Void, Code: "undone"},
		"exempt": {State: Spared, Code: "exempt"},
	}
	for name, g := range map[string]*fakeGuard{
		"after the claim": {admit: func(as []chat.Action) (out []Ruling, _ error) {
			for _, a := range as {
				out = append(out, rulings[a.Member])
			}
			return out, nil
		}},
		"before the call": {still: func(a *chat.Action) Ruling { return rulings[a.Member] }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s := newMemoryQueue(), &fakeSender{}
				q.add(removal("g", "a"), removal("g", "paused"), removal("g", "undone"), removal("g", "exempt"), removal("g", "b"))
				defer start(t, q, s, guarded(g))()
				elapse(time.Second)
				synctest.Wait()
				for m, want := range rulings {
					if got := q.end(chat.ActionID("g/" + m)); got.State != want.State || got.Code != want.Code || got.Text != want.Text || got.API != "" {
						t.Errorf("%s ended as %+v, want %+v", m, got, want)
					}
				}
				calls := s.seen()
				if len(calls) != 1 || fmt.Sprint(calls[0].members) != "[a b]" {
					t.Errorf("calls %v, want one of the others", calls)
				}
			})
		})
	}
}

func TestAPauseStopsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, g := newMemoryQueue(), &fakeSender{took: time.Second}, &fakeGuard{}
		s.route = func(chat.Action) (Route, error) { return Route{API: "kick", Max: 1, Rate: 1}, nil }
		for i := range 100 {
			q.add(removal("g", fmt.Sprint("m", i)))
		}
		defer start(t, q, s, guarded(g))()
		elapse(5 * time.Second)
		before := len(s.seen())
		g.set(func(g *fakeGuard) {
			g.still = func(*chat.Action) Ruling { return Ruling{State: Held, Code: "paused"} }
		})
		elapse(5 * time.Second)
		synctest.Wait()
		if after := len(s.seen()); after != before || before == 0 || len(q.ended) != 100 {
			t.Errorf("%d calls before the pause and %d after it, %d of 100 ended", before, after-before, len(q.ended))
		}
	})
}

func TestAnActionBehindAHeldOneOfItsMemberGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := newTrace(nil)
		g := &fakeGuard{still: func(a *chat.Action) Ruling {
			if a.Intent.Kind == chat.Remove {
				return Ruling{State: Held, Code: "brake"}
			}
			return Ruling{}
		}}
		q.add(on(chat.Remove, "a", 0), on(chat.Readmit, "a", 0))
		defer start(t, q, &s.fakeSender, func(c *Config) { s.config(c); c.Guard = g })()
		elapse(time.Second)
		synctest.Wait()
		if got := q.end("readmit/a/0"); got.State != Done || q.end("remove/a/0").State != Held || len(s.batches) != 1 {
			t.Errorf("readmitted %q after a removal that is %q, by %q", got.State, q.end("remove/a/0").State, s.batches)
		}
	})
}

func TestNothingGoesWhileTheGuardDoesNotAnswer(t *testing.T) {
	for name, g := range map[string]*fakeGuard{
		"an error":          {admit: func([]chat.Action) ([]Ruling, error) { return nil, errors.New("store is away") }},
		"too few rulings":   {admit: func(as []chat.Action) ([]Ruling, error) { return make([]Ruling, len(as)-1), nil }},
		"too many rulings":  {admit: func(as []chat.Action) ([]Ruling, error) { return make([]Ruling, len(as)+1), nil }},
		"an error and some": {admit: func(as []chat.Action) ([]Ruling, error) { return make([]Ruling, len(as)), errors.New("unsure") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s := newLeasedQueue(1, 15*time.Second), &fakeSender{}
				q.add(removal("g", "a"))
				defer startOn(t, q, s, guarded(g))()
				elapse(10 * time.Minute)
				synctest.Wait()
				if len(s.seen()) != 0 || len(q.left()) != 1 {
					t.Fatalf("%d calls, %d left", len(s.seen()), len(q.left()))
				}
				g.set(func(g *fakeGuard) { g.admit = nil })
				elapse(2 * claimPause)
				synctest.Wait()
				got := q.end("g/a")
				if got.State != Done || got.Item.Deliveries != 1 {
					t.Errorf("ended as %q after %d claims, want done by the first", got.State, got.Item.Deliveries)
				}
			})
		})
	}
}

func TestAGuardThatWaitsHoldsUpItsPartitionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newLeasedQueue(2, 15*time.Second), &fakeSender{}
		g := &fakeGuard{admit: func(as []chat.Action) ([]Ruling, error) {
			if as[0].Group.ID == "a" {
				return nil, errors.New("store is away")
			}
			return make([]Ruling, len(as)), nil
		}}
		q.add(removal("a", "x"), removal("b", "x"))
		defer startOn(t, q, s, guarded(g))()
		elapse(time.Millisecond)
		synctest.Wait()
		if left := q.left(); fmt.Sprint(left) != "[a/x]" {
			t.Errorf("%v are left, want only what the guard does not answer about", left)
		}
	})
}

func TestWhatTheGuardWasNotAskedAboutIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newLeasedQueue(1, time.Hour), &fakeSender{}
		g := &fakeGuard{admit: func([]chat.Action) ([]Ruling, error) { return nil, errors.New("store is away") }}
		q.add(removal("g", "a"))
		stop := startOn(t, q, s, guarded(g))
		elapse(time.Second)
		stop()
		defer startOn(t, q, s, nil)()
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || got.Item.Deliveries != 2 {
			t.Errorf("ended as %q after %d claims, want at once by the next process", got.State, got.Item.Deliveries)
		}
	})
}
