package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestWindowsOfTheVersionBeforeAreRead packs a window and a trail as that did, and goes on with them.
func TestWindowsOfTheVersionBeforeAreRead(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1})
	look := func(n int) chat.Look {
		return chat.Look{
			Event: chat.EventID(fmt.Sprint(n)), Kind: chat.Message, At: c.now().Add(time.Duration(n) * time.Second),
			Windows: []chat.Window{
				{ID: "count", Limit: 5, Within: time.Minute}, {ID: "trail", Limit: 5, Within: time.Minute, Note: fmt.Sprint("note ", n)},
			},
		}
	}
	begin := []chat.Look{look(0), look(1), look(2)}
	if _, err := s.Observe(t.Context(), begin); err != nil {
		t.Fatal(err)
	}
	plain := func(id digest, long bool) {
		t.Helper()
		err := s.change(t.Context(), 1, func(t *tx) error {
			w, err := t.window(id, long)
			if err != nil {
				return err
			}
			var body []byte
			for _, p := range w.points {
				packed := p.appendTo(nil, 0)
				body = append(body, packed[:plainSize]...)
			}
			for _, e := range w.trail {
				packed := e.appendTo(nil, 0)
				body = append(append(body, packed[:plainSize]...), 0, byte(len(e.note)))
				body = append(body, e.note...)
			}
			return t.exec(putWindow, body, id[:], formPlain)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	plain(digestOf("count", ""), false)
	plain(digestOf("trail", "", "trail"), true)
	got, err := s.Observe(t.Context(), append(begin, look(3), look(1), look(3)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 2, 3, 4, 2, 4} {
		if n, entries := got[i].Counts[0], len(got[i].Trails[1]); n != want || entries != want-1 {
			t.Errorf("look %d: count %d and %d entries, want %d and %d", i, n, entries, want, want-1)
		}
	}
}
