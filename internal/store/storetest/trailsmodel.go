package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

// step is one event on a trail of the model.
type step struct {
	at   time.Duration // after the test's begin
	note string
}

// path is a trail in the model: every event by its ID.
type path struct {
	limit  int
	within time.Duration
	all    map[int]step
	came   map[int]int // how many there were when an event was added
	newest time.Duration
	called map[string]int // which event an Entry.Event stands for
	names  map[int]string
}

// testTrailsAtRandom compares with an oracle that keeps every event.
func testTrailsAtRandom(t *testing.T, s Observer) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		const ids = 40
		p := path{
			limit: rapid.IntRange(1, 4).Draw(rt, "limit"), within: 100 * time.Millisecond,
			all: map[int]step{}, came: map[int]int{}, called: map[string]int{}, names: map[int]string{},
		}
		g, begin := group("random"), recent()
		var events [ids]step
		kinds, span := rapid.IntRange(1, 9).Draw(rt, "kinds"), rapid.IntRange(50, 400).Draw(rt, "span")
		for i := range events {
			at := time.Duration(rapid.IntRange(0, span).Draw(rt, "time")) * time.Millisecond
			events[i] = step{at: at, note: fmt.Sprint(rapid.IntRange(1, kinds).Draw(rt, "note"))}
			if slices.Contains(events[:i], events[i]) {
				events[i].note = fmt.Sprint("alone ", i)
			}
		}
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			id := rapid.IntRange(0, ids-1).Draw(rt, "id")
			e, peek := events[id], rapid.IntRange(0, 5).Draw(rt, "peek") == 0
			w := chat.Window{ID: "random trail", Key: fmt.Sprint(run), Group: &g, Limit: p.limit, Within: p.within, Note: e.note}
			facts, err := s.Observe(t.Context(), []chat.Look{look(g, seen{id: chat.EventID(fmt.Sprint(id)), at: e.at, peek: peek}, begin, w)})
			if err != nil || len(facts[0].Trails) != 1 {
				rt.Fatalf("observing: %+v, %v", facts, err)
			}
			_, again := p.came[id]
			if !peek {
				p.all[id], p.newest = e, max(p.newest, e.at)
			}
			if !peek && !again {
				p.came[id] = len(p.came)
			}
			if found := p.find(rt, id, facts[0].Trails[0], begin); again {
				p.checkAgain(rt, id, e, found)
			} else {
				p.check(rt, id, e, found)
			}
		}
	})
}

// find returns the events behind entries, by time and note, which no two events share.
func (p *path) find(rt *rapid.T, asks int, entries []chat.Entry, begin time.Time) map[int]bool {
	found := map[int]bool{}
	last := time.Time{}
	for _, entry := range entries {
		of := -1
		for id, x := range p.all {
			if id != asks && !found[id] && begin.Add(x.at).Equal(entry.At) && x.note == entry.Note {
				of = id
			}
		}
		if of < 0 || entry.At.Before(last) {
			rt.Fatalf("event %d is answered with %+v, where %+v is no other event that was added or not in order", asks, entries, entry)
		}
		before, known := p.called[entry.Event]
		if name := p.names[of]; known && before != of || name != "" && name != entry.Event {
			rt.Fatalf("event %d is %q, which stands for event %d, and was %q", of, entry.Event, before, name)
		}
		p.called[entry.Event], p.names[of], found[of], last = of, entry.Event, true, entry.At
	}
	return found
}

// check tells whether what was found around an event is right: nothing from outside, nothing missing
// but what need not be there, and the fullest span has as many notes as there are, up to the limit.
func (p *path) check(rt *rapid.T, id int, e step, found map[int]bool) {
	for other, x := range p.all {
		near := other != id && x.at > e.at-p.within && x.at < e.at+p.within
		if found[other] && !near {
			rt.Fatalf("event %d at %v is answered with event %d at %v", id, e.at, other, x.at)
		}
		if near && !found[other] && !p.needless(other, x) {
			rt.Fatalf("event %d at %v is not answered with event %d, %q at %v (limit %d, of %v)", id, e.at, other, x.note, x.at, p.limit, p.all)
		}
	}
	if max(p.newest, e.at)-e.at >= p.within {
		return // what is around it may have gone
	}
	got, want := 0, 0
	for end := e.at; end < e.at+p.within; end += time.Millisecond {
		got, want = max(got, p.notes(id, e, end, found)), max(want, p.notes(id, e, end, nil))
	}
	if min(got, p.limit) != min(want, p.limit) {
		rt.Fatalf("event %d at %v: a span of %d notes, want %d (limit %d, found %v of %v)", id, e.at, got, want, p.limit, found, p.all)
	}
}

// checkAgain tells whether a repeated event was answered with those that came before it, and no others. A
// store may have let go of the event.
func (p *path) checkAgain(rt *rapid.T, id int, e step, found map[int]bool) {
	lost := p.needless(id, e)
	for other, x := range p.all {
		near := other != id && x.at > e.at-p.within && x.at < e.at+p.within
		before := p.came[other] < p.came[id]
		if found[other] && (!near || !before && !lost) {
			rt.Fatalf("event %d at %v is answered again with event %d at %v", id, e.at, other, x.at)
		}
		if near && before && !found[other] && !p.needless(other, x) {
			rt.Fatalf("event %d at %v is not answered again with event %d, %q at %v (limit %d, of %v)", id, e.at, other, x.note, x.at, p.limit, p.all)
		}
	}
}

// notes counts the notes in a span that holds an event, its own with them. found are the entries
// that were answered; nil: all that there are.
func (p *path) notes(id int, e step, end time.Duration, found map[int]bool) int {
	notes := map[string]bool{e.note: true}
	for other, x := range p.all {
		if other != id && (found == nil || found[other]) && x.at > end-p.within && x.at <= end {
			notes[x.note] = true
		}
	}
	return len(notes)
}

// needless tells whether an entry may be missing: it stands between two equal ones that a span can
// hold, or there are enough that are no older, or it is old.
func (p *path) needless(id int, x step) bool {
	var before, after time.Duration = -1, -1
	later := 0
	for other, y := range p.all {
		if other == id {
			continue
		}
		if y.at >= x.at {
			later++
		}
		switch {
		case y.note != x.note:
		case y.at < x.at:
			before = max(before, y.at)
		case after < 0 || y.at < after:
			after = y.at
		}
	}
	between := before >= 0 && after >= 0 && after-before <= p.within
	return between || later >= 4*p.limit || x.at <= p.newest-2*p.within
}
