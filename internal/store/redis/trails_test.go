package redis

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestAFloodedTrailStaysSmallAndExact compares, with all events, how many notes differ in the fullest
// span, and looks at what is stored: few entries, and none that is old.
func TestAFloodedTrailStaysSmallAndExact(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	const limit, within = 5, time.Second
	g := groupN(1)
	begin := time.Now().Add(-time.Minute).Truncate(time.Second).UTC()
	for _, notes := range []int{1, 3, 7, 1000} {
		w := chat.Window{ID: "w", Key: fmt.Sprint(notes), Group: &g, Limit: limit, Within: within}
		var all []chat.Entry
		var newest time.Time
		for n, e := range flood(600, 1) {
			w.Note = fmt.Sprint(n * n % notes)
			own := chat.Entry{At: begin.Add(e.at), Event: eventHash(g, chat.EventID(fmt.Sprint(n))), Note: w.Note}
			look := chat.Look{
				Event: chat.EventID(fmt.Sprint(n)), Group: g, Member: "m", Kind: chat.Message, At: own.At, Windows: []chat.Window{w},
			}
			facts, err := s.Observe(t.Context(), []chat.Look{look})
			if err != nil {
				t.Fatal(err)
			}
			got, want := fullest(facts[0].Trails[0], own, within), fullest(all, own, within)
			if min(got, limit) != min(want, limit) || got > want {
				t.Fatalf("event %d of %d notes: %d in a span, want %d up to %d", n, notes, got, want, limit)
			}
			all = append(all, own)
			if own.At.After(newest) {
				newest = own.At
			}
			stored, err := s.client.ZRangeWithScores(t.Context(), windowKey(0, &w), 0, -1).Result()
			if err != nil || len(stored) > 4*limit {
				t.Fatalf("%d notes: %d entries, %v, want at most %d", notes, len(stored), err, 4*limit)
			}
			// Of three equal notes in a row, the first and the last are more than a length apart.
			if notes == 1 && len(stored) > 6 {
				t.Fatalf("event %d: %d entries of one note", n, len(stored))
			}
			if time.UnixMicro(int64(stored[0].Score)).Before(newest.Add(-2 * within)) {
				t.Fatalf("event %d: %+v is older than two lengths", n, stored[0])
			}
		}
	}
}

// fullest returns how many notes differ in the span with the most of them that also holds an event.
func fullest(entries []chat.Entry, own chat.Entry, within time.Duration) int {
	entries = append(slices.Clone(entries), own)
	most := 0
	for _, end := range entries {
		if end.At.Before(own.At) || end.At.Sub(own.At) >= within {
			continue
		}
		notes := map[string]bool{}
		for _, e := range entries {
			if !e.At.After(end.At) && end.At.Sub(e.At) < within {
				notes[e.Note] = true
			}
		}
		most = max(most, len(notes))
	}
	return most
}

func TestATrailIsKeptLikeAWindow(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	g := groupN(1)
	w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: 5, Within: time.Hour, Note: "note"}
	look := chat.Look{Event: "x", Group: g, Member: "m", Kind: chat.Message, At: time.Now(), Peek: true, Windows: []chat.Window{w}}
	for _, peek := range []bool{true, false} {
		look.Peek = peek
		if _, err := s.Observe(t.Context(), []chat.Look{look}); err != nil {
			t.Fatal(err)
		}
		if n := s.client.Exists(t.Context(), windowKey(0, &w)).Val(); (n == 0) != peek {
			t.Errorf("peek %v: %d keys", peek, n)
		}
	}
	want := 2*w.Within + lateness
	if ttl := s.client.PTTL(t.Context(), windowKey(0, &w)).Val(); ttl <= want-time.Minute || ttl > want {
		t.Errorf("a trail is kept for %v, want %v", ttl, want)
	}
}

// TestTheFirstNoteOfAnEventStands has an event come again with another note, as it may once rules
// changed.
func TestTheFirstNoteOfAnEventStands(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	g, at := groupN(1), time.Now().Truncate(time.Millisecond)
	w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: 5, Within: time.Hour}
	var got []chat.Entry
	for n, note := range []string{"first", "second", "other"} {
		w.Note = note
		look := chat.Look{
			Event: chat.EventID(fmt.Sprint("e", n/2)), Group: g, Member: "m", Kind: chat.Message, At: at,
			Windows: []chat.Window{w},
		}
		facts, err := s.Observe(t.Context(), []chat.Look{look})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, facts[0].Trails[0]...)
	}
	want := chat.Entry{At: at.UTC(), Event: eventHash(g, "e0"), Note: "first"}
	if !slices.Equal(got, []chat.Entry{want}) {
		t.Errorf("answered with %+v, want %+v to the last", got, want)
	}
}
