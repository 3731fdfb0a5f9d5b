package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// shelve commits cases and settles their actions to one state.
func shelve(t *testing.T, s *Store, state actions.State, cases ...chat.Case) {
	t.Helper()
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	items, err := s.Claim(t.Context(), 0, len(cases))
	if err != nil || len(items) != len(cases) {
		t.Fatalf("claimed %d of %d, %v", len(items), len(cases), err)
	}
	out := make([]actions.Settlement, len(items))
	for i, it := range items {
		out[i] = actions.Settlement{Item: it, State: state, At: cases[i].Event.At}
	}
	if err := s.Settle(t.Context(), out); err != nil {
		t.Fatal(err)
	}
}

// TestAFullShelfLosesItsOldestLetters trims one shelf and looks at both. What goes is in the case, and
// keeps nobody out any more.
func TestAFullShelfLosesItsOldestLetters(t *testing.T) {
	for _, n := range []int{5, 2*purgeStep + 5} {
		s, c := openAt(t, store.Options{Partitions: 1})
		var held, dead []chat.Case
		for i := range n {
			held = append(held, caseAt(fmt.Sprint("held ", i), c.now()))
		}
		for i := range 5 {
			dead = append(dead, caseAt(fmt.Sprint("dead ", i), c.now()))
		}
		shelve(t, s, actions.Dead, dead...)
		for i := 0; i < n; i += maxClaim {
			shelve(t, s, actions.Held, held[i:min(i+maxClaim, n)]...)
		}
		for _, most := range []int{n + 1, n, 3} {
			if err := s.trimShelf(t.Context(), actions.HeldShelf, most); err != nil {
				t.Fatal(err)
			}
			if d, err := s.Depth(t.Context()); err != nil || d.Held != min(n, most) || d.Dead != 5 {
				t.Errorf("%d letters on a shelf of %d: %+v, %v", n, most, d, err)
			}
		}
		left, err := s.Letters(t.Context(), actions.HeldShelf, nil, n)
		if err != nil || len(left) != 3 || left[0].Action.Case != held[n-1].ID || left[2].Action.Case != held[n-3].ID {
			t.Errorf("%d letters are left, %v, want the newest 3", len(left), err)
		}
		for i, want := range map[int]string{0: "dropped", n - 4: "dropped", n - 3: "held", n - 1: "held"} {
			rec, _, err := s.Record(t.Context(), held[i].ID)
			if err != nil || rec.Answers[len(rec.Answers)-1].State != want {
				t.Errorf("held action %d of %d: %+v, %v, want it %s at last", i, n, rec.Answers, err, want)
			}
			equal := caseAt("again "+string(held[i].Event.ID), c.now().Add(time.Second))
			equal.Event.Member = held[i].Event.Member
			queued := map[string]int{"dropped": 1}[want]
			if got, err := s.Commit(t.Context(), []chat.Case{equal}); err != nil || got[0].Queued != queued {
				t.Errorf("an action equal to held action %d of %d: %+v, %v, want %d queued", i, n, got, err, queued)
			}
		}
	}
}

// TestAnActionHasOneLetterOnAShelf has a case come again after the audit has forgotten it, when its
// action is on the shelf still.
func TestAnActionHasOneLetterOnAShelf(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1, KeepRecords: time.Hour, KeepSeen: time.Hour})
	first, other := caseAt("e1", c.now()), caseAt("e2", c.now())
	shelve(t, s, actions.Dead, first, other)
	c.advance(3 * time.Hour)
	for range 2 {
		if err := s.purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first.Event.At = c.now()
	shelve(t, s, actions.Dead, first)
	got, err := s.Letters(t.Context(), actions.DeadShelf, nil, 10)
	if err != nil || len(got) != 2 || got[0].Action.Case != first.ID || !got[0].At.Equal(c.now()) {
		t.Errorf("letters %+v, %v, want the newer one of the first action, then the other's", got, err)
	}
}

// TestUnknownShelvesAreRefused takes a word that is no shelf.
func TestUnknownShelvesAreRefused(t *testing.T) {
	s, c := openAt(t, store.Options{})
	for name, call := range map[string]func() error{
		"letters": func() error { _, err := s.Letters(t.Context(), "attic", nil, 1); return err },
		"requeue": func() error { _, err := s.Requeue(t.Context(), "attic", nil, c.now()); return err },
		"discard": func() error { _, err := s.Discard(t.Context(), "", nil); return err },
	} {
		if err := call(); err == nil {
			t.Errorf("%s of an unknown shelf: no error", name)
		}
	}
}
