package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestAMarkOutlivesARestart also takes the file through the schema that did not say when an action
// was done: such a mark holds until it expires, whatever comes later.
func TestAMarkOutlivesARestart(t *testing.T) {
	for _, test := range []struct {
		name   string
		old    bool
		settle bool
		wait   time.Duration
		event  time.Duration // after the action was done
		want   int
	}{
		{"under way", false, true, 0, store.ReturnRoom, 0},
		{"back", false, true, 0, store.ReturnRoom + time.Microsecond, 1},
		{"expired", false, true, chat.DedupeFor, 0, 1},
		{"pending", false, false, 0, time.Hour, 0},
		{"old and done", true, true, chat.DedupeFor - time.Microsecond, chat.DedupeFor, 0},
		{"old and expired", true, true, chat.DedupeFor, 0, 1},
		{"old and pending", true, false, 0, time.Hour, 0},
	} {
		s, c := openAt(t, store.Options{Partitions: 1})
		done := c.now()
		if _, err := s.Commit(t.Context(), []chat.Case{offence("e1", done)}); err != nil {
			t.Fatal(err)
		}
		if test.settle {
			items, err := s.Claim(t.Context(), 0, 1)
			if err != nil || len(items) != 1 {
				t.Fatalf("claimed %v, %v, want one", items, err)
			}
			if err := s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: actions.Done}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if test.old {
			downgrade(t, s.path, 1)
		}
		c.advance(test.wait)
		again, err := Open(filepath.Dir(s.path), store.Options{Partitions: 1, Now: c.now})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got, err := again.Commit(t.Context(), []chat.Case{offence("e2", done.Add(test.event))}); err != nil || got[0].Queued != test.want {
			t.Errorf("%s: %+v, %v, want %d queued", test.name, got, err, test.want)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}
