package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

// testAgain is about events that come again after later ones: a call that failed after the events were
// counted, or the notice of a message that the provider had asked about.
func testAgain(t *testing.T, s Observer) {
	t.Run("in order", func(t *testing.T) { testAgainInOrder(t, s) })
	t.Run("of one instant", func(t *testing.T) { testAgainAtOnce(t, s) })
	t.Run("on a trail", func(t *testing.T) { testAgainOnATrail(t, s) })
	t.Run("for long", func(t *testing.T) { testAgainForLong(t, s) })
	t.Run("at random", func(t *testing.T) { testAgainAtRandom(t, s) })
}

// testAgainInOrder has far more events than a window needs, and then each of them again.
func testAgainInOrder(t *testing.T, s Observer) {
	const limit, all = 5, 60
	for _, every := range []time.Duration{0, time.Millisecond, 300 * time.Millisecond} {
		g, begin := group(chat.GroupID("again "+every.String())), recent()
		w := chat.Window{ID: "again", Key: string(g.ID), Group: &g, Limit: limit, Within: 20 * time.Second}
		ask := func(i int) int {
			e := seen{id: chat.EventID(fmt.Sprint(i)), at: time.Duration(i) * every}
			return observe(t, s, look(g, e, begin, w))[0].Counts[0]
		}
		var first [all]int
		for i := range first {
			first[i] = ask(i)
		}
		for range 2 {
			for i := range first {
				if n := ask(i); min(n, limit) != min(first[i], limit) {
					t.Errorf("every %v: event %d counts %d again, and %d at first", every, i, n, first[i])
				}
			}
		}
	}
}

// testAgainAtOnce has the members of one webhook join at one instant, and the call repeated.
func testAgainAtOnce(t *testing.T, s Observer) {
	g, begin := group("again at once"), recent()
	const limit = 5
	w := chat.Window{ID: "again", Key: "at once", Group: &g, Limit: limit, Within: time.Minute}
	var looks []chat.Look
	for i := range 7 {
		looks = append(looks, look(g, seen{id: chat.EventID(fmt.Sprint("j", i))}, begin, w))
	}
	for range 3 {
		for i, f := range observe(t, s, looks...) {
			if n := f.Counts[0]; min(n, limit) != min(i+1, limit) {
				t.Errorf("member %d counts %d, want %d whenever it is asked", i, n, i+1)
			}
		}
	}
}

// testAgainForLong has a window in which something goes on for hours: bursts, two events at each instant,
// and each burst once more when it is over.
func testAgainForLong(t *testing.T, s Observer) {
	g, begin := group("again for long"), recent().Add(-8*time.Hour)
	const limit, bursts = 20, 300
	w := chat.Window{ID: "again", Key: "for long", Group: &g, Limit: limit, Within: time.Minute}
	for burst := range bursts {
		var looks []chat.Look
		for i := range limit {
			at := time.Duration(burst)*70*time.Second + time.Duration(i/2)*time.Second
			looks = append(looks, look(g, seen{id: chat.EventID(fmt.Sprint(burst, " ", i)), at: at}, begin, w))
		}
		for range 2 {
			for i, f := range observe(t, s, looks...) {
				if n := f.Counts[0]; n != i+1 {
					t.Fatalf("burst %d: event %d counts %d, want %d whenever it is asked", burst, i, n, i+1)
				}
			}
		}
	}
}

func testAgainOnATrail(t *testing.T, s Observer) {
	g, begin := group("again on a trail"), recent()
	w := chat.Window{ID: "again", Group: &g, Limit: 5, Within: 10 * second}
	times := map[string]time.Duration{"a": 0, "b": second, "c": second, "e": 4 * second, "d": 2 * second, "f": 4 * second}
	before := map[string]int{}
	for range 3 {
		for i, id := range []string{"a", "b", "c", "e", "d", "f"} {
			w.Note = id
			entries := trailAnswer(t, s, g, seen{id: chat.EventID(id), at: times[id]}, begin, w)
			if len(entries) != i {
				t.Errorf("event %s is answered with %+v, want the %d that were there at first", id, entries, i)
			}
			for _, e := range entries {
				if n, known := before[e.Note]; !known || n > i {
					t.Errorf("event %s is answered with %q, which came later", id, e.Note)
				}
			}
			before[id] = i
		}
	}
}

// testAgainAtRandom repeats events of any times: what one is told again is what it was told at first, up
// to the limit. No more of them come than every window holds.
func testAgainAtRandom(t *testing.T, s Observer) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		const within = 100 * time.Millisecond
		limit := rapid.IntRange(1, 6).Draw(rt, "limit")
		weight := rapid.IntRange(1, max(1, limit/2)).Draw(rt, "weight")
		g, begin, first := group("again at random"), recent(), map[int]int{}
		w := chat.Window{ID: "again", Key: fmt.Sprint(run), Group: &g, Limit: limit, Within: within, Add: weight}
		var times []time.Duration
		for range 2 * limit / weight {
			times = append(times, time.Duration(rapid.IntRange(0, 150).Draw(rt, "time"))*time.Millisecond)
		}
		for range rapid.IntRange(1, 4).Draw(rt, "calls") {
			var looks []chat.Look
			ids := rapid.SliceOfN(rapid.IntRange(0, len(times)-1), 1, 12).Draw(rt, "events")
			for _, id := range ids {
				looks = append(looks, look(g, seen{id: chat.EventID(fmt.Sprint(id)), at: times[id]}, begin, w))
			}
			facts, err := s.Observe(t.Context(), looks)
			if err != nil {
				rt.Fatalf("observing: %v", err)
			}
			for i, id := range ids {
				n := facts[i].Counts[0]
				if before, known := first[id]; !known {
					first[id] = n
				} else if min(n, limit) != min(before, limit) {
					rt.Fatalf("event %d of %v counts %d again, and %d at first (limit %d)", id, times, n, before, limit)
				}
			}
		}
	})
}
