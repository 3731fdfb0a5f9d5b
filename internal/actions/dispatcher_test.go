package actions

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestLoneActionGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		defer start(t, q, s, nil)()
		synctest.Wait()
		began := time.Now()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || !got.At.Equal(began) {
			t.Errorf("ended as %q after %v, want done at once", got.State, got.At.Sub(began))
		}
	})
}

func TestRaidGoesInFullBatchesUnderTheCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{took: 50 * time.Millisecond}
		const members = 10_000
		for i := range members {
			q.add(removal("raid", fmt.Sprint("m", i)))
		}
		began := time.Now()
		defer start(t, q, s, nil)()
		elapse(2 * time.Second)
		synctest.Wait()
		calls := s.seen()
		if len(q.ended) != members || len(calls) != members/100 {
			t.Fatalf("%d ended by %d calls, want %d by %d", len(q.ended), len(calls), members, members/100)
		}
		var at []time.Duration
		for _, c := range calls {
			at = append(at, c.at.Sub(began))
		}
		if most := mostInAnySecond(at); most > 200 {
			t.Errorf("%d calls in a second", most)
		}
		if last := at[len(at)-1]; last > 600*time.Millisecond {
			t.Errorf("the last call went after %v, the pace allows 0.5 s", last)
		}
	})
}

func TestRaidDoesNotHoldUpAnotherGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{took: 30 * time.Millisecond}
		for i := range 3_000 {
			a := removal("raid", fmt.Sprint("m", i))
			a.Intent.Reason = fmt.Sprint(i) // each needs a call of its own: 15 s of work
			q.add(a)
		}
		defer start(t, q, s, nil)()
		elapse(time.Second)
		began := time.Now()
		q.add(removal("calm", "a"))
		elapse(200 * time.Millisecond)
		synctest.Wait()
		got := q.end("calm/a")
		if got.State != Done || got.At.Sub(began) > 100*time.Millisecond {
			t.Errorf("ended as %q after %v", got.State, got.At.Sub(began))
		}
	})
}

func TestImpossibleIntentIsADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{route: func(chat.Action) (Route, error) { return Route{}, errors.New("cannot mute here") }}
		defer start(t, q, s, nil)()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != Dead || got.Text != "cannot mute here" || len(s.seen()) != 0 {
			t.Errorf("got %+v after %d calls", got, len(s.seen()))
		}
	})
}

func TestDryRunNeverCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		defer start(t, q, s, func(c *Config) { c.DryRun = true })()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != DryRun || len(s.seen()) != 0 {
			t.Errorf("ended as %q after %d calls", got.State, len(s.seen()))
		}
	})
}

func TestLockdownDoesNotWaitForARaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{took: 30 * time.Millisecond, route: func(a chat.Action) (Route, error) {
			return Route{API: string(a.Intent.Kind), Max: 1, Rate: 200}, nil
		}}
		for i := range 4_000 {
			q.add(removal("raid", fmt.Sprint("m", i))) // 20 s of work
		}
		defer start(t, q, s, nil)()
		elapse(time.Second)
		lock := removal("raid", "")
		lock.Intent.Kind = chat.Lockdown
		began := time.Now()
		q.add(lock)
		elapse(time.Second)
		synctest.Wait()
		if got := q.end("raid/"); got.State != Done || got.At.Sub(began) > 100*time.Millisecond {
			t.Errorf("ended as %q after %v", got.State, got.At.Sub(began))
		}
	})
}

func TestLockdownDoesNotWaitForAFailingRemoval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{answer: func(batch []chat.Action, i int) Outcome {
			if batch[i].Member == "stuck" {
				return Outcome{Class: Again}
			}
			return Outcome{}
		}, route: func(a chat.Action) (Route, error) {
			return Route{API: string(a.Intent.Kind), Max: 100, Rate: 200}, nil
		}}
		defer start(t, q, s, nil)()
		q.add(removal("g", "stuck"))
		elapse(10 * time.Minute)
		whole := removal("g", "")
		whole.Intent.Kind = chat.Lockdown
		began := time.Now()
		q.add(whole, removal("g", "raider"))
		elapse(10 * time.Second)
		synctest.Wait()
		for _, id := range []chat.ActionID{"g/", "g/raider"} {
			if got := q.end(id); got.State != Done || got.At.Sub(began) > 5*time.Second {
				t.Errorf("%s ended as %q after %v", id, got.State, got.At.Sub(began))
			}
		}
	})
}

func TestActionsGoByTheirOwnCallsWhateverBecomesDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		var mu sync.Mutex
		tries := map[chat.ActionID]int{}
		s := &fakeSender{answer: func(batch []chat.Action, i int) Outcome {
			mu.Lock()
			defer mu.Unlock()
			if tries[batch[i].ID]++; tries[batch[i].ID] <= 3 {
				return Outcome{Class: Again}
			}
			return Outcome{}
		}, route: func(a chat.Action) (Route, error) {
			return Route{API: string(a.Intent.Kind), Max: 3, Rate: 2}, nil
		}}
		var wrong int
		defer start(t, q, s, func(c *Config) {
			c.Settled = func(s Settlement) {
				if s.API != string(s.Item.Intent.Kind) {
					wrong++
				}
			}
		})()
		for i := range 60 {
			a := removal("g", fmt.Sprint("m", i))
			if i%2 == 0 {
				a.Intent.Kind = chat.Mute
			}
			q.add(a)
		}
		elapse(time.Hour)
		synctest.Wait()
		if len(q.ended) != 60 || wrong > 0 {
			t.Errorf("%d of 60 ended, %d settlements by another call than their own", len(q.ended), wrong)
		}
	})
}
