package sqlite

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// release takes a case's letter off the shelf of held ones.
func release(t *testing.T, s *Store, what string, c chat.Case, want int) {
	t.Helper()
	if n, err := s.Requeue(t.Context(), actions.HeldShelf, c.Actions(), time.Time{}); err != nil || n != want {
		t.Errorf("%s: %d queued, %v, want %d", what, n, err, want)
	}
}

// TestAHeldMarkStandsUntilTheMemberJoins lets so much time pass that everything else has expired.
func TestAHeldMarkStandsUntilTheMemberJoins(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1})
	stays, back := caseAt("e1", c.now()), caseAt("e2", c.now())
	shelve(t, s, actions.Held, stays, back)
	join := chat.Look{Event: "j", Group: back.Event.Group, Member: back.Event.Member, Kind: chat.Join, At: c.now().Add(time.Second)}
	if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
		t.Fatal(err)
	}
	c.advance(100 * 24 * time.Hour)
	if err := s.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s, "lifted"); n != 0 {
		t.Fatalf("%d joins are remembered, want none", n)
	}
	release(t, s, "who stayed away", stays, 1)
	release(t, s, "who came back", back, 0)
	if d, err := s.Depth(t.Context()); err != nil || d.Held != 0 || d.Entries != 1 {
		t.Errorf("depth %+v, %v, want one entry and no letter", d, err)
	}
}

// TestALetterOfAnOlderProgramIsReleased has the mark of a held action under the key of pending ones.
func TestALetterOfAnOlderProgramIsReleased(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1})
	queued, dropped, forgotten := caseAt("e1", c.now()), caseAt("e2", c.now()), caseAt("e3", c.now())
	equal := func(what, ev string, like chat.Case, want int) {
		t.Helper()
		one := caseAt(ev, c.now())
		one.Event.Member, one.Intents[0].Rule = like.Event.Member, "another rule"
		if got, err := s.Commit(t.Context(), []chat.Case{one}); err != nil || got[0].Queued != want {
			t.Errorf("%s: %+v, %v, want %d queued", what, got, err, want)
		}
	}
	shelve(t, s, actions.Held, queued, dropped, forgotten)
	for _, of := range []chat.Case{queued, dropped, forgotten} {
		a := of.Actions()[0]
		key, _ := a.Dedupe()
		err := s.change(t.Context(), 1, func(t *tx) error {
			return t.exec("UPDATE marks SET key = ? WHERE key = ?", []byte(key), []byte(store.HeldKey(a.Intent.Rule, key)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	equal("beside an old letter", "e4", queued, 0)
	release(t, s, "an old letter", queued, 1)
	equal("once it is released", "e5", queued, 0)
	if n, err := s.Discard(t.Context(), actions.HeldShelf, dropped.Actions()); n != 1 || err != nil {
		t.Errorf("%d old letters were dropped, %v, want 1", n, err)
	}
	equal("once it is dropped", "e6", dropped, 1)
	if err := s.Forget(t.Context(), forgotten.Actions()); err != nil {
		t.Fatal(err)
	}
	release(t, s, "an old letter that was forgotten", forgotten, 0)
}
