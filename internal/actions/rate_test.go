package actions

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// mostInAnySecond returns the largest number of calls in any one-second window, both ends
// counted: the strictest way in which a provider may count.
func mostInAnySecond(calls []time.Duration) int {
	most, from := 0, 0
	for i := range calls {
		for calls[i]-calls[from] > time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func TestPaceNeverPassesTheCeilingInAnyWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ceiling := rapid.SampledFrom([]int{1, 2, 5, 10, 100, 200, 1000}).Draw(t, "ceiling")
		r := RateOf(ceiling)
		var now, due time.Duration
		var calls []time.Duration
		for len(calls) < 3*ceiling+3 {
			// A caller that is late by anything from nothing to an idle spell.
			switch rapid.IntRange(0, 20).Draw(t, "late") {
			case 0:
				now += time.Duration(rapid.IntRange(0, 3000).Draw(t, "idle")) * time.Millisecond
			case 1, 2, 3:
				now += time.Duration(rapid.IntRange(0, 30_000).Draw(t, "jitter")) * time.Microsecond
			}
			var wait time.Duration
			due, wait = r.Next(due, now)
			if wait > 0 {
				now += wait
				continue
			}
			calls = append(calls, now)
		}
		if most := mostInAnySecond(calls); most > ceiling {
			t.Fatalf("%d calls in one second, the ceiling is %d", most, ceiling)
		}
	})
}

func TestPaceReachesMostOfTheCeiling(t *testing.T) {
	for _, ceiling := range []int{5, 200} {
		synctest.Test(t, func(t *testing.T) {
			g := Gate{Limiter: &LocalLimiter{}, Account: "a"}
			start := time.Now()
			for range 10 * ceiling {
				if err := g.Wait(t.Context(), "kick", ceiling); err != nil {
					t.Fatal(err)
				}
			}
			if share := 10 / time.Since(start).Seconds(); share < 0.95 || share > 1 {
				t.Errorf("ceiling %d: %.3f of it is used", ceiling, share)
			}
		})
	}
}

func TestGateKeepsAPIsApartAndHonoursContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := Gate{Limiter: &LocalLimiter{}, Account: "a"}
		start := time.Now()
		for _, api := range []string{"kick", "mute", "ban"} {
			if err := g.Wait(t.Context(), api, 1); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("first calls of three APIs waited %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := g.Wait(ctx, "kick", 1); err == nil {
			t.Error("the second call within a second was let through")
		}
	})
}
