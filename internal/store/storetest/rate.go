package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

func testRate(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("pace", func(t *testing.T) { testPace(t, s) })
	t.Run("a slower pace", func(t *testing.T) { testSlow(t, s) })
}

func testPace(t *testing.T, s store.Store) {
	slow := actions.Rate{Interval: time.Hour}
	take := func(key string, r actions.Rate) time.Duration {
		t.Helper()
		wait, err := s.Take(t.Context(), key, r)
		if err != nil {
			t.Fatalf("taking under %q: %v", key, err)
		}
		return wait
	}
	for _, key := range []string{"a", "b", "a\x00", "}{", ""} {
		if wait := take(key, slow); wait != 0 {
			t.Errorf("the first call under %q waits %v", key, wait)
		}
		if wait := take(key, slow); wait < 55*time.Minute || wait > time.Hour {
			t.Errorf("the second call under %q waits %v, want about an hour", key, wait)
		}
		if wait := take(key, slow); wait < 55*time.Minute || wait > time.Hour {
			t.Errorf("a refused call under %q was counted: wait %v", key, wait)
		}
	}
	// Calls as fast as the limiter grants them: never more in a window than the pace allows.
	pace := actions.RateOf(40)
	var granted []time.Time
	waitFor(t, "21 grants", func() bool {
		for {
			before := time.Now() // the grant's own time is not before this
			if take("pace", pace) != 0 {
				break
			}
			granted = append(granted, before)
		}
		return len(granted) >= 21
	})
	if took, least := granted[20].Sub(granted[0]), 19*pace.Interval; took < least-pace.Slack-10*time.Millisecond {
		t.Errorf("21 calls took %v, want at least about %v", took, least)
	}
}

// testSlow asks for one call an hour, so that what a slower pace regains meanwhile hardly counts.
func testSlow(t *testing.T, s store.Store) {
	slow := func(key string, wait time.Duration) {
		t.Helper()
		if err := s.Slow(t.Context(), key, wait); err != nil {
			t.Fatalf("slowing %q: %v", key, err)
		}
	}
	for _, test := range []struct {
		name        string
		do          func(key string)
		first       [2]time.Duration // bounds of the first call's wait
		then        [2]time.Duration // of the next one's, when the first is granted
		sameInstant bool             // it only says something when its calls take less than a second
	}{
		{"not slowed", func(string) {}, [2]time.Duration{}, [2]time.Duration{55 * minute, time.Hour}, false},
		{"halved", func(key string) { slow(key, 0) }, [2]time.Duration{}, [2]time.Duration{100 * minute, 2 * time.Hour}, false},
		{"halved once for two refusals", func(key string) { slow(key, 0); slow(key, 0) }, [2]time.Duration{}, [2]time.Duration{100 * minute, 2 * time.Hour}, true},
		{"told to wait", func(key string) { slow(key, 3*time.Hour) }, [2]time.Duration{175 * minute, 3 * time.Hour}, [2]time.Duration{}, false},
		{"told to wait longer", func(key string) { slow(key, minute); slow(key, 3*time.Hour) }, [2]time.Duration{175 * minute, 3 * time.Hour}, [2]time.Duration{}, false},
		{"told to wait less", func(key string) { slow(key, 3*time.Hour); slow(key, minute) }, [2]time.Duration{175 * minute, 3 * time.Hour}, [2]time.Duration{}, false},
		{"another key is slowed", func(key string) { slow(key+"\x00", 3*time.Hour) }, [2]time.Duration{}, [2]time.Duration{55 * minute, time.Hour}, false},
	} {
		begin, key := time.Now(), "slow "+test.name+" }{"
		test.do(key)
		waits := [2]time.Duration{}
		for i, bounds := range [][2]time.Duration{test.first, test.then} {
			if bounds == ([2]time.Duration{}) && i == 1 {
				continue
			}
			wait, err := s.Take(t.Context(), key, actions.Rate{Interval: time.Hour})
			waits[i] = wait
			if test.sameInstant && time.Since(begin) >= time.Second {
				continue
			}
			if err != nil || wait < bounds[0] || wait > bounds[1]+time.Second {
				t.Errorf("%s: call %d waits %v, %v, want %v to %v", test.name, i+1, waits, err, bounds[0], bounds[1])
			}
		}
	}
}
