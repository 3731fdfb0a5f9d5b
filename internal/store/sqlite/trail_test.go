package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"pgregory.net/rapid"
)

func drawTrail(rt *rapid.T) trail {
	var tr trail
	for i, at := range rapid.SliceOfN(rapid.Int64Range(-20, 20), 0, 30).Draw(rt, "times") {
		tr.insert(entry{point: point{at: at, id: digestOf(fmt.Sprint(i))}, turn: uint64(i), note: rapid.SampledFrom([]string{"a", "b", "a\x00", "\xff"}).Draw(rt, "note")})
	}
	return tr
}

func TestATrailIsReadBackAsItWas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := drawTrail(rt)
		if len(tr) > 0 {
			tr[0].note = strings.Repeat("\x00", rapid.SampledFrom([]int{0, 1, chat.MaxNote}).Draw(rt, "length"))
		}
		if back := decodeTrail(tr.encode(), formMore); !slices.Equal(back, tr) {
			rt.Fatalf("read back %v, want %v", back, tr)
		}
	})
}

func FuzzDecodeTrail(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add(trail{{point: point{at: 1, id: digestOf("a")}, note: "note"}}.encode(), true)
	f.Add(trail{{point: point{at: 1, id: digestOf("a")}, turn: 7, note: "note"}}.encode(), true)
	f.Fuzz(func(t *testing.T, body []byte, turns bool) {
		packed := formPlain
		if turns {
			packed = formMore
		}
		read := decodeTrail(decodeTrail(body, packed).encode(), formMore) // turns begin at 0 now
		if again := decodeTrail(read.encode(), formMore); !slices.Equal(again, read) {
			t.Errorf("read %v, then %v", read, again)
		}
	})
}

// TestThinningLeavesEachNoteInEachSpan compares the notes of every span before and after, and looks
// for more than two of a note.
func TestThinningLeavesEachNoteInEachSpan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		within := rapid.Int64Range(1, 12).Draw(rt, "within")
		before := drawTrail(rt)
		after := slices.Clone(before)
		for _, note := range []string{"a", "b", "a\x00", "\xff"} {
			after.thin(note, within)
		}
		for end := int64(-20); end <= 20; end++ {
			in := func(tr trail) map[string]int {
				notes := map[string]int{}
				for _, e := range tr[tr.after(end-within):tr.after(end)] {
					notes[e.note]++
				}
				return notes
			}
			had, has := in(before), in(after)
			for note, n := range has {
				if n > 2 {
					rt.Fatalf("the span that ends at %d has %d of note %q: %v of %v", end, n, note, after, before)
				}
			}
			if len(had) != len(has) {
				rt.Fatalf("the span that ends at %d has the notes %v, want %v", end, has, had)
			}
		}
	})
}

// TestTrailsAreBounded has a busy trail of many notes, and one of few.
func TestTrailsAreBounded(t *testing.T) {
	for _, test := range []struct {
		notes int
		want  int // entries that stay
	}{{200, 20}, {1, 2}, {3, 6}} {
		s, c := openAt(t, store.Options{})
		for i := range 200 {
			c.advance(time.Millisecond)
			_, err := s.Observe(t.Context(), []chat.Look{{
				Event: chat.EventID(fmt.Sprint(i)), Kind: chat.Message, At: c.now(),
				Windows: []chat.Window{{ID: "w", Limit: 5, Within: time.Minute, Note: fmt.Sprintf("%03d", i%test.notes)}},
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		var size int
		if err := s.read.QueryRowContext(t.Context(), "SELECT LENGTH(points) FROM windows").Scan(&size); err != nil {
			t.Fatal(err)
		}
		if want := test.want * (formMore.head() + 3); size != want {
			t.Errorf("200 events of %d notes at a limit of 5 take %d bytes, want %d", test.notes, size, want)
		}
		c.advance(5 * time.Minute)
		if err := s.purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, s, "windows"); n != 0 {
			t.Errorf("%d trails when their time is over", n)
		}
	}
}

// TestAnOverlongNoteIsCut keeps a trail readable whatever a caller hands in.
func TestAnOverlongNoteIsCut(t *testing.T) {
	s, c := openAt(t, store.Options{})
	look := func(ev chat.EventID) chat.Look {
		w := chat.Window{ID: "w", Limit: 5, Within: time.Minute, Note: strings.Repeat("x", 1<<17)}
		return chat.Look{Event: ev, Kind: chat.Message, At: c.now(), Windows: []chat.Window{w}}
	}
	got, err := s.Observe(t.Context(), []chat.Look{look("a"), look("b")})
	if err != nil || len(got[1].Trails[0]) != 1 || len(got[1].Trails[0][0].Note) != chat.MaxNote {
		t.Errorf("%v, want an entry with a note of %d bytes", err, chat.MaxNote)
	}
}

func TestARepeatedEventKeepsItsFirstTimeOnATrail(t *testing.T) {
	s, c := openAt(t, store.Options{})
	look := func(ev chat.EventID, after time.Duration) chat.Look {
		w := chat.Window{ID: "w", Limit: 5, Within: time.Minute, Note: string(ev)}
		return chat.Look{Event: ev, Kind: chat.Message, At: c.now().Add(after), Windows: []chat.Window{w}}
	}
	got, err := s.Observe(t.Context(), []chat.Look{look("a", 0), look("b", time.Second), look("b", time.Hour)})
	if err != nil || len(got[2].Trails[0]) != 1 || got[2].Trails[0][0].Note != "a" {
		t.Errorf("told again with a later time: %+v, %v, want what is around its first one", got, err)
	}
}
