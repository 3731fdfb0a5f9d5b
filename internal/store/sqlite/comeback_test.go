package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// offence is a case of one member, some time after the clock's begin.
func offence(ev string, at time.Time) chat.Case {
	c := caseAt(ev, at)
	c.Event.Member = "m"
	return c
}

// comeback has a member removed, offend again and join in between, in the order in which the
// webhooks come. It returns the second offence.
func comeback(t *testing.T, s *Store, c *clock) chat.Case {
	t.Helper()
	second := offence("e2", c.now().Add(2*time.Second))
	if _, err := s.Commit(t.Context(), []chat.Case{offence("e1", c.now()), second}); err != nil {
		t.Fatal(err)
	}
	items, err := s.Claim(t.Context(), 0, 2)
	if err != nil || len(items) != 1 {
		t.Fatalf("claimed %v, %v, want one", items, err)
	}
	if err := s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: actions.Done, At: c.now()}}); err != nil {
		t.Fatal(err)
	}
	join := chat.Look{Event: "j", Group: second.Event.Group, Member: "m", Kind: chat.Join, At: c.now().Add(time.Second)}
	if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
		t.Fatal(err)
	}
	return second
}

func TestAComebackIsRememberedForAsLongAsAMark(t *testing.T) {
	for _, test := range []struct {
		wait time.Duration
		want int
	}{{chat.DedupeFor - time.Second, 1}, {chat.DedupeFor, 0}} {
		s, c := openAt(t, store.Options{Partitions: 1})
		second := comeback(t, s, c)
		c.advance(test.wait)
		if got, err := s.Commit(t.Context(), []chat.Case{second}); err != nil || got[0].Queued != test.want {
			t.Errorf("after %v: %+v, %v, want %d queued", test.wait, got, err, test.want)
		}
		if err := s.purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, s, "lifted"); n != test.want {
			t.Errorf("after %v: %d joins that lifted, want %d", test.wait, n, test.want)
		}
	}
}

// TestAComebackOutlivesARestart also takes the file through the schema before comebacks, which has
// none to tell of.
func TestAComebackOutlivesARestart(t *testing.T) {
	for _, old := range []bool{false, true} {
		s, c := openAt(t, store.Options{Partitions: 1})
		second := comeback(t, s, c)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		want := 1
		if old {
			want = 0
			downgrade(t, s.path, 1)
		}
		again, err := Open(filepath.Dir(s.path), store.Options{Partitions: 1, Now: c.now})
		if err != nil {
			t.Fatalf("old %t: %v", old, err)
		}
		if got, err := again.Commit(t.Context(), []chat.Case{second}); err != nil || !got[0].Known || got[0].Queued != want {
			t.Errorf("old %t: %+v, %v, want known and %d queued", old, got, err, want)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}
