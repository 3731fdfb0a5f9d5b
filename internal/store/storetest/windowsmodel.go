package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

// heavy is an event with what it adds to a window.
type heavy struct {
	at  time.Duration // after the test's begin
	add int
}

func testWindowsAtRandom(t *testing.T, s Observer) {
	countAtRandom(t, s, "random", func(*rapid.T, int) int { return 0 })
}

func testWeightsAtRandom(t *testing.T, s Observer) {
	countAtRandom(t, s, "random weights", func(rt *rapid.T, limit int) int { return rapid.IntRange(0, limit).Draw(rt, "add") })
}

// countAtRandom compares with an oracle that keeps every event.
func countAtRandom(t *testing.T, s Observer, name string, weigh func(rt *rapid.T, limit int) int) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		const within, ids = 100 * time.Millisecond, 31
		limit := rapid.IntRange(1, 6).Draw(rt, "limit")
		g := group("random")
		w := chat.Window{ID: name, Key: fmt.Sprint(run), Group: &g, Limit: limit, Within: within}
		// An event has one time and weight, however often it comes: a store may have let go of it.
		var events [ids]heavy
		for i := range events {
			at := time.Duration(rapid.IntRange(0, 300).Draw(rt, "time")) * time.Millisecond
			events[i] = heavy{at: at, add: weigh(rt, limit)}
		}
		begin, all, first := recent(), map[int]heavy{}, map[int]int{}
		var newest time.Duration
		for i := range rapid.IntRange(1, 25).Draw(rt, "events") {
			id := rapid.IntRange(0, ids-1).Draw(rt, "id")
			e := seen{id: chat.EventID(fmt.Sprint(id)), at: events[id].at, peek: rapid.IntRange(0, 5).Draw(rt, "peek") == 0}
			w.Add = events[id].add
			facts, err := s.Observe(t.Context(), []chat.Look{look(g, e, begin, w)})
			if err != nil {
				rt.Fatalf("observing: %v", err)
			}
			got, want := facts[0].Counts[0], oracle(all, id, events[id], within)
			if n, known := first[id]; known && min(got, limit) == min(n, limit) {
				want = got // it is told what it was told at first; else a store has let go of it
			}
			if _, known := first[id]; !known && !e.peek {
				first[id] = got
			}
			if !e.peek {
				all[id], newest = events[id], max(newest, e.at)
			}
			// A store may have let go of a span's neighbours only where the event is late by a
			// window's length or more.
			if exact := newest-e.at < within; exact && min(got, limit) != min(want, limit) || got < 1 || got > want {
				rt.Fatalf("event %d %+v adds %d: count %d, want %d (limit %d, exact %v)", i, e, w.Add, got, want, limit, exact)
			}
		}
	})
}

// oracle is the definition of a window's count, spelled out.
func oracle(all map[int]heavy, id int, e heavy, within time.Duration) int {
	events := []heavy{e}
	for other, x := range all {
		if other != id {
			events = append(events, x)
		}
	}
	most := 0
	for _, end := range events {
		if end.at < e.at || end.at-within >= e.at {
			continue
		}
		n := 0
		for _, x := range events {
			if end.at-within < x.at && x.at <= end.at {
				n += max(x.add, 1)
			}
		}
		most = max(most, n)
	}
	return most
}
