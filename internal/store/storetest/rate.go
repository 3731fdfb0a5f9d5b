package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

func testRate(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
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
