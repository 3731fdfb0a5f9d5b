package actions

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestSlowdown halves and waits at random, on a clock of its own.
func TestSlowdown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked := RateOf(rapid.IntRange(1, 1000).Draw(t, "ceiling"))
		var s Slowdown
		var now time.Duration
		if s.Left(now) != 1 {
			t.Fatal("the zero slowdown slows")
		}
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			before := s.Left(now)
			now += time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "pass"))
			left := s.Left(now)
			if left < before || left <= 0 || left > 1 {
				t.Fatalf("%v of the pace was left, and later %v", before, left)
			}
			if slow := asked.Slowed(s, now); slow.Interval < asked.Interval || slow.Slack != asked.Slack {
				t.Fatalf("%+v became %+v", asked, slow)
			}
			if !rapid.Bool().Draw(t, "refused") {
				continue
			}
			same := s.Share > 0 && now-s.At < slowOnce
			next := s.Halve(now)
			switch {
			case same && next != s:
				t.Fatalf("a refusal within a second changed %+v to %+v", s, next)
			case !same && next.Left(now) != max(left/2, slowLeast):
				t.Fatalf("%v of the pace became %v", left, next.Left(now))
			case next.Left(now+recoversIn) != 1:
				t.Fatalf("%v of the pace is left after %v", next.Left(now+recoversIn), recoversIn)
			}
			s = next
			if again := s.Halve(s.At + slowOnce - 1); again != s {
				t.Fatalf("a refusal within a second changed %+v to %+v", s, again)
			}
		}
	})
}

func TestSlowdownOfAClockThatWentBack(t *testing.T) {
	s := Slowdown{}.Halve(time.Hour)
	if left := s.Left(0); left != s.Share {
		t.Errorf("%v of the pace is left, want %v as at the refusal", left, s.Share)
	}
}

// granted counts the calls of an API that a limiter grants within a time.
func granted(t *testing.T, g Gate, api string, within time.Duration) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for g.Wait(ctx, api, 200) == nil {
		n++
	}
	return n
}

func TestARefusalHalvesThePaceAndItRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := Gate{Limiter: &LocalLimiter{}, Account: "a"}
		full := granted(t, g, "kick", time.Second)
		for range 10 { // refusals of one moment are one event
			if err := g.Slow(t.Context(), "kick", 3*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if n := granted(t, g, "kick", 3*time.Second-time.Millisecond); n != 0 {
			t.Errorf("%d calls within the time that the provider named", n)
		}
		if n := granted(t, g, "kick", time.Second); n < full*45/100 || n > full*65/100 {
			t.Errorf("%d calls a second after it, %d before", n, full)
		}
		if n := granted(t, g, "mute", time.Second); n != full {
			t.Errorf("%d calls of another API, want %d", n, full)
		}
		elapse(recoversIn)
		if n := granted(t, g, "kick", time.Second); n != full {
			t.Errorf("%d calls a second after a minute, want %d", n, full)
		}
	})
}

// refusals is a LocalLimiter that notes what it was told.
type refusals struct {
	LocalLimiter
	mu   sync.Mutex
	told []string
}

func (r *refusals) Slow(ctx context.Context, key string, wait time.Duration) error {
	r.mu.Lock()
	r.told = append(r.told, fmt.Sprint(key, " ", wait))
	r.mu.Unlock()
	return r.LocalLimiter.Slow(ctx, key, wait)
}

func TestEachRefusedCallSlowsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r, calls := newMemoryQueue(), &refusals{}, 0
		s := &fakeSender{answer: func(_ []chat.Action, i int) Outcome {
			if i == 0 {
				calls++
			}
			switch calls {
			case 1:
				return Outcome{Class: Limited, Wait: 7 * time.Second}
			case 2:
				return Outcome{Class: Limited}
			}
			return Outcome{}
		}}
		q.add(removal("g", "a"), removal("g", "b"), removal("g", "c"))
		defer start(t, q, s, func(c *Config) {
			c.Accounts[chat.Tencent] = Account{Sender: s, Gate: Gate{Limiter: r, Account: "acc"}}
		})()
		elapse(time.Minute)
		synctest.Wait()
		if want := []string{"acc kick 7s", "acc kick 1s"}; !slices.Equal(r.told, want) || len(q.ended) != 3 {
			t.Errorf("slowed %q, want %q; %d ended", r.told, want, len(q.ended))
		}
		at := s.seen()
		if first, second := at[1].at.Sub(at[0].at), at[2].at.Sub(at[1].at); first < 7*time.Second || first > 8*time.Second || second < time.Second || second > 2*time.Second {
			t.Errorf("waited %v and %v", first, second)
		}
	})
}

// TestAProviderWithALowerCeilingThanToldIsFollowed lets the provider take a quarter of what it is said
// to take.
func TestAProviderWithALowerCeilingThanToldIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		var taken []time.Time
		refused := 0
		s := &fakeSender{took: 30 * time.Millisecond, answer: func([]chat.Action, int) Outcome {
			now := time.Now()
			taken = slices.DeleteFunc(taken, func(at time.Time) bool { return now.Sub(at) >= time.Second })
			if len(taken) >= 50 {
				refused++
				return Outcome{Class: Limited, Wait: time.Second}
			}
			taken = append(taken, now)
			return Outcome{}
		}, route: func(chat.Action) (Route, error) { return Route{API: "kick", Max: 1, Rate: 200}, nil }}
		const n = 3000
		for i := range n {
			q.add(removal("g", fmt.Sprint("m", i)))
		}
		defer start(t, q, s, nil)()
		elapse(3 * time.Minute)
		synctest.Wait()
		if len(q.ended) != n || refused > n/5 {
			t.Errorf("%d of %d ended, %d calls were refused", len(q.ended), n, refused)
		}
	})
}
