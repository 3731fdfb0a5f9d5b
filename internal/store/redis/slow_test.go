package redis

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// slowed is what Redis keeps of a slowdown.
type slowed struct {
	share    float64
	at, till time.Duration
}

func readSlow(t *testing.T, s *Store, key string) slowed {
	t.Helper()
	parts := strings.Fields(s.client.Get(t.Context(), key).Val())
	if len(parts) != 4 {
		t.Fatalf("slowdown %q", parts)
	}
	share, err := strconv.ParseFloat(parts[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	var us [2]int64
	for i := range us {
		if us[i], err = strconv.ParseInt(parts[i+1], 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return slowed{share: share, at: time.Duration(us[0]) * time.Microsecond, till: time.Duration(us[1]) * time.Microsecond}
}

func writeSlow(t *testing.T, s *Store, key string, w slowed) {
	t.Helper()
	text := fmt.Sprintf("%.9f %d %d NONCE", w.share, w.at.Microseconds(), w.till.Microseconds())
	if err := s.client.Set(t.Context(), key, text, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
}

// redisNow returns the clock by which Redis paces.
func redisNow(t *testing.T, s *Store) time.Duration {
	t.Helper()
	now, err := s.client.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.UnixMicro()) * time.Microsecond
}

// TestTheSharedSlowdownIsTheLocalOne plays refusals and calls to the scripts and to actions.Slowdown.
// Redis's clock goes on meanwhile: the scripts' answers lie between those of before and after.
func TestTheSharedSlowdownIsTheLocalOne(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	ctx, key, r := t.Context(), slowKey(0, "k"), actions.Rate{Interval: 10 * time.Second}
	const room = 1e-6 // shares are kept with nine digits
	for _, test := range []struct {
		share float64
		ago   time.Duration
	}{
		{1, time.Hour}, {0.5, 0}, {0.5, 900 * time.Millisecond}, {0.5, 1001 * time.Millisecond}, {0.5, 20 * time.Second},
		{0.5, 29 * time.Second}, {0.5, 2 * time.Minute}, {1.0 / 64, 2 * time.Second}, {1.0 / 64, 40 * time.Second},
	} {
		before := redisNow(t, s)
		at := before - test.ago
		writeSlow(t, s, key, slowed{share: test.share, at: at, till: at})
		if err := s.client.Set(ctx, limitKey(0, "k"), before.Microseconds(), time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
		if wait, err := s.Take(ctx, "k", r); wait != 0 || err != nil {
			t.Fatalf("share %g since %v: waits %v, %v", test.share, test.ago, wait, err)
		}
		due, err := s.client.Get(ctx, limitKey(0, "k")).Int64()
		if err != nil {
			t.Fatal(err)
		}
		after := redisNow(t, s)
		want := actions.Slowdown{Share: test.share, At: at}
		longest, shortest := r.Slowed(want, before), r.Slowed(want, after)
		got := time.Duration(due) * time.Microsecond
		if lo, hi := before+shortest.Interval, after+longest.Interval; got < lo-time.Millisecond || got > hi+time.Millisecond {
			t.Errorf("share %g since %v: due %v, want %v to %v", test.share, test.ago, got, lo, hi)
		}

		if err := s.Slow(ctx, "k", 3*time.Second); err != nil {
			t.Fatal(err)
		}
		end := redisNow(t, s)
		halved := readSlow(t, s, key)
		lo, hi := want.Halve(before), want.Halve(end)
		if halved.share < min(lo.Share, hi.Share)-room || halved.share > max(lo.Share, hi.Share)+room || halved.at < lo.At || halved.at > hi.At {
			t.Errorf("share %g since %v: halved to %+v, want %+v to %+v", test.share, test.ago, halved, lo, hi)
		}
		if halved.till < before+3*time.Second || halved.till > end+3*time.Second {
			t.Errorf("share %g since %v: no call until %v, want 3 seconds", test.share, test.ago, halved.till-before)
		}
		if wait, err := s.Take(ctx, "k", r); err != nil || wait < halved.till-redisNow(t, s) {
			t.Errorf("share %g since %v: waits %v, %v, want until the refusal's wait is over", test.share, test.ago, wait, err)
		}
	}
}

// TestASlowdownOfAClockAheadEnds reads what a server wrote whose clock was an hour ahead.
func TestASlowdownOfAClockAheadEnds(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	key := slowKey(0, "k")
	ahead := redisNow(t, s) + time.Hour
	writeSlow(t, s, key, slowed{share: 0.25, at: ahead, till: ahead + 2*time.Second})
	wait, err := s.Take(t.Context(), "k", actions.RateOf(5))
	if err != nil || wait <= 0 || wait > 2*time.Second {
		t.Errorf("waits %v, %v, want at most the 2 seconds that were asked for", wait, err)
	}
	if got, now := readSlow(t, s, key), redisNow(t, s); got.at > now || got.till > now+2*time.Second || got.share != 0.25 {
		t.Errorf("kept as %+v at %v, want it to begin now", got, now)
	}
	if ttl := s.client.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("it lives for %v", ttl)
	}
}

// TestASlowdownIsForgottenOnceItHasWornOff looks at the time to live.
func TestASlowdownIsForgottenOnceItHasWornOff(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	for _, test := range []struct{ wait, lives time.Duration }{
		{0, 31 * time.Second}, {10 * time.Second, 31 * time.Second}, {5 * time.Minute, 5*time.Minute + time.Second},
	} {
		if err := s.Slow(t.Context(), test.wait.String(), test.wait); err != nil {
			t.Fatal(err)
		}
		if ttl := s.client.PTTL(t.Context(), slowKey(0, test.wait.String())).Val(); ttl > test.lives || ttl < test.lives-20*time.Second {
			t.Errorf("after a wait of %v it lives for %v, want %v", test.wait, ttl, test.lives)
		}
	}
}
