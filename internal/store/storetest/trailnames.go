package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// trailAnswer has one event look at one trail.
func trailAnswer(t *testing.T, s Observer, g chat.Group, e seen, begin time.Time, w chat.Window) []chat.Entry {
	t.Helper()
	return onlyTrail(t, observe(t, s, look(g, e, begin, w))[0])
}

func testTrailNames(t *testing.T, s Observer) {
	begin := recent()
	odd := []string{"", "a", "a\x00", "a\x00b", "}{", "a:b", "a b", "a\xff", "%", "*", "'", "\n"}
	for i, id := range odd {
		for j, key := range odd {
			g := group(chat.GroupID("g" + key))
			w := chat.Window{ID: "t" + id, Key: "k" + key, Group: &g, Limit: 3, Within: time.Minute, Note: "n"}
			first, second := trailAnswer(t, s, g, seen{id: "e"}, begin, w), trailAnswer(t, s, g, seen{id: "e\x00"}, begin, w)
			if len(first) != 0 || len(second) != 1 {
				t.Fatalf("trail %q (%d), key %q (%d): %v, then %v, want none and one entry", id, i, key, j, first, second)
			}
		}
	}
	// What stands for an event is the same on each trail, and on those that span groups.
	g1, g2, names := group("names1"), group("names2"), names{}
	for _, w := range []chat.Window{
		{ID: "one", Key: "k", Limit: 5, Within: time.Minute}, {ID: "two", Key: "k", Limit: 9, Within: time.Hour},
	} {
		events := []struct {
			g  chat.Group
			id chat.EventID
		}{{g1, "e"}, {g2, "e"}, {g1, "f"}, {g1, "e\x00"}, {group("names1e"), ""}}
		for i, ev := range events {
			w.Note = fmt.Sprint(w.ID, i)
			entries := trailAnswer(t, s, ev.g, seen{id: ev.id, at: time.Duration(i) * second}, begin, w)
			if len(entries) != i {
				t.Fatalf("event %d on trail %s: %+v, want %d entries", i, w.ID, entries, i)
			}
			for _, e := range entries {
				before := events[e.At.Sub(begin)/second]
				names.check(t, before.g, before.id, e.Event)
			}
		}
	}
	mine := chat.Window{ID: "own group", Key: "k", Group: &g1, Limit: 5, Within: time.Minute, Note: "n"}
	trailAnswer(t, s, g1, seen{id: "e"}, begin, mine)
	for _, e := range trailAnswer(t, s, g1, seen{id: "g"}, begin, mine) {
		names.check(t, g1, "e", e.Event)
	}
}

func testNotes(t *testing.T, s Observer) {
	g, begin := group("notes"), recent()
	notes := []string{
		"a", "a\x00", "a\x00b", "\x00", "\xff\xfe", "a\xff", "ab", "}{", "\n", "'; --", "é世界", " ", "0", "\xed\xa0\x80",
		strings.Repeat("\x00", chat.MaxNote), strings.Repeat("\xff", chat.MaxNote), strings.Repeat("x", chat.MaxNote),
	}
	w := chat.Window{ID: "notes", Key: "k", Group: &g, Limit: len(notes), Within: time.Minute}
	for i, note := range notes {
		w.Note = note
		entries := trailAnswer(t, s, g, seen{id: chat.EventID(fmt.Sprint(i)), at: time.Duration(i) * time.Millisecond}, begin, w)
		if len(entries) != i {
			t.Fatalf("note %d: %d entries, want %d", i, len(entries), i)
		}
		for j, e := range entries {
			if e.Note != notes[j] || !e.At.Equal(begin.Add(time.Duration(j)*time.Millisecond)) {
				t.Errorf("entry %d: %q at %v, want %q", j, e.Note, e.At, notes[j])
			}
		}
	}
}

// testTrailsBesideCounts has trails and counts in one look. Those of one name are apart: a rule that
// changes may turn the one into the other.
func testTrailsBesideCounts(t *testing.T, s Observer) {
	g, begin := group("beside"), recent()
	count := chat.Window{ID: "beside", Key: "k", Group: &g, Limit: 5, Within: time.Minute}
	trail, other := count, count
	trail.Note, other.Note, other.ID = "n", "m", "beside too"
	ask := func(id chat.EventID, at time.Duration, ws ...chat.Window) chat.Look {
		return look(g, seen{id: id, at: at}, begin, ws...)
	}
	got := observe(t, s, ask("a", 0, count, trail), ask("b", 1, trail, count, other))
	got = append(got, observe(t, s, ask("c", 2, count), ask("d", 3), ask("e", 4, other, trail))...)
	for i, want := range []struct {
		counts []int
		trails []int // how many entries; -1: no trail
	}{
		{[]int{1, 0}, []int{-1, 0}}, {[]int{0, 2, 0}, []int{1, -1, 0}}, {[]int{3}, []int{-1}}, {nil, nil}, {[]int{0, 0}, []int{1, 2}},
	} {
		f := got[i]
		if len(f.Counts) != len(want.counts) || f.Trails != nil && len(f.Trails) != len(want.trails) {
			t.Fatalf("look %d: %+v, want counts %v", i, f, want.counts)
		}
		for j := range want.counts {
			if f.Counts[j] != want.counts[j] {
				t.Errorf("look %d: counts %v, want %v", i, f.Counts, want.counts)
			}
			switch {
			case want.trails[j] >= 0 && (f.Trails == nil || len(f.Trails[j]) != want.trails[j]):
				t.Errorf("look %d: trails %+v, want %d entries in the one at %d", i, f.Trails, want.trails[j], j)
			case want.trails[j] < 0 && f.Trails != nil && f.Trails[j] != nil:
				t.Errorf("look %d: a trail at %d, where there is none: %+v", i, j, f.Trails[j])
			}
		}
	}
}

// testLongTrail fills a trail far beyond its limit: what is left is the newest, at most one of them
// the event's own.
func testLongTrail(t *testing.T, s Observer) {
	const limit, all = 3, 60
	const least = 4*limit - 1
	g, begin := group("long"), recent()
	for i := range all {
		w := chat.Window{ID: "long", Key: "k", Group: &g, Limit: limit, Within: time.Minute, Note: fmt.Sprint(i)}
		entries := trailAnswer(t, s, g, seen{id: chat.EventID(fmt.Sprint(i)), at: time.Duration(i) * time.Millisecond}, begin, w)
		if len(entries) < min(i, least) || len(entries) > i {
			t.Fatalf("event %d: %d entries, want at least %d and at most %d", i, len(entries), min(i, least), i)
		}
		for back := range min(i, least) {
			if e := entries[len(entries)-1-back]; e.Note != fmt.Sprint(i-1-back) {
				t.Fatalf("event %d: entry %d from the end is %q, want %d", i, back, e.Note, i-1-back)
			}
		}
	}
}
