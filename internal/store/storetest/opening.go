package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testOpening(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("partitions", func(t *testing.T) { testPartitions(t, fresh) })
	t.Run("what was stored is there", func(t *testing.T) { testReopen(t, fresh) })
}

func mustOpen(t *testing.T, at Open, o store.Options) store.Store {
	t.Helper()
	s, err := at(o)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return s
}

func mustClose(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
}

func testPartitions(t *testing.T, fresh func(t *testing.T) Open) {
	place := fresh(t)
	s := mustOpen(t, place, store.Options{Partitions: 7})
	if n := s.Parts(); n != 7 {
		t.Errorf("%d partitions, want 7", n)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	mustClose(t, s)
	if s, err := place(store.Options{Partitions: 29}); err == nil {
		mustClose(t, s)
		t.Fatal("a store of 7 partitions was opened with 29")
	} else if !errors.Is(err, store.ErrPartitions) || !strings.Contains(err.Error(), "7") || !strings.Contains(err.Error(), "29") {
		t.Errorf("opened with another number: %v, want ErrPartitions naming 7 and 29", err)
	}
	s = mustOpen(t, place, store.Options{Partitions: 7})
	mustClose(t, s)
	if _, err := s.Commit(t.Context(), []chat.Case{caseOf(group("g"), "e", "m", recent())}); err == nil {
		t.Error("a closed store took a case")
	}
	s = mustOpen(t, fresh(t), store.Options{})
	if n := s.Parts(); n != 16 {
		t.Errorf("%d partitions, want 16 by default", n)
	}
	mustClose(t, s)
}

func testReopen(t *testing.T, fresh func(t *testing.T) Open) {
	place := fresh(t)
	o := store.Options{Lease: shortLease}
	g, at := group("reopen"), recent()
	w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: 5, Within: time.Minute}
	s := mustOpen(t, place, o)
	observe(t, s, joinOf(g, "j", "old", at, time.Hour), look(g, seen{id: "a"}, at, w))
	commit(t, s, caseOf(g, "e1", "m1", at), caseOf(g, "e2", "m2", at), caseOf(g, "e3", "m3", at))
	items := claimAll(t, s, g, 3)
	settle(t, s, actions.Done, items[0])
	settle(t, s, actions.Dead, items[1])
	settle(t, s, actions.Retry, items[2])
	if err := s.SaveRoster(t.Context(), camsGroup("acc", "r"), chat.Roster{Version: 1, Members: []chat.MemberID{"1"}}); err != nil {
		t.Fatal(err)
	}
	memo := chat.Memo{Kind: "pause", Key: "0a", Version: 1, Body: []byte("body"), Expires: hence(time.Hour)}
	saveMemo(t, s, memo)
	held := shelve(t, s, actions.HeldShelf, caseOf(group("reopen held"), "e1", "m1", at))
	mustClose(t, s)

	s = mustOpen(t, place, o)
	defer mustClose(t, s)
	checkShelved(t, s, held, memo)
	if got := observe(t, s, look(g, seen{id: "b", at: time.Second}, at, w))[0].Counts[0]; got != 2 {
		t.Errorf("count %d, want 2: windows outlive the process", got)
	}
	if got := joinedAt(t, s, g, "old"); !got.Equal(at) {
		t.Errorf("joined at %v, want %v", got, at)
	}
	got := commit(t, s, caseOf(g, "e1", "m1", at), caseOf(g, "e4", "m1", at), caseOf(g, "e5", "m2", at), caseOf(g, "e6", "m3", at))
	if !got[0].Known || got[1].Queued != 0 || got[2].Queued != 1 || got[3].Queued != 0 {
		t.Errorf("committed again %+v, want known, done, queued after its dead letter, pending", got)
	}
	if d := depth(t, s); d.Entries != 2 || d.Dead != 1 || len(dead(t, s)) != 1 {
		t.Errorf("depth %+v, want 2 entries and 1 dead", d)
	}
	left := claimAll(t, s, g, 2)
	if left[0].Member != "m3" { // its lease may have to run out first
		left[0], left[1] = left[1], left[0]
	}
	if left[0].Member != "m3" || left[0].Attempts != 1 || left[0].Deliveries < 2 || left[1].Member != "m2" || left[1].Attempts != 0 {
		t.Errorf("claimed %+v, want m3 after one attempt, and m2", left)
	}
	if r, err := s.Roster(t.Context(), camsGroup("acc", "r")); err != nil || r.Version != 1 {
		t.Errorf("roster %+v, %v, want version 1", r, err)
	}
	if rec, ok := record(t, s, items[2].Case); !ok || len(rec.Answers) != 1 {
		t.Errorf("record %v with answers %+v, want one", ok, rec.Answers)
	}
}

// checkShelved looks for a held letter and a memo after the store was opened again.
func checkShelved(t *testing.T, s store.Store, held chat.Action, memo chat.Memo) {
	t.Helper()
	wantQueued(t, s, "one equal to a held action", caseOf(held.Group, "e2", held.Member, held.EventAt), 0)
	if l := letters(t, s, actions.HeldShelf); len(l) != 1 || l[0].Action.ID != held.ID {
		t.Errorf("held letters %+v, want %s", l, held.ID)
	}
	requeue(t, s, "after opening again", actions.HeldShelf, 1, recent(), held)
	it := claimOne(t, s, held.Group)
	if it.ID != held.ID {
		t.Errorf("claimed %+v, want the released action", it)
	}
	settle(t, s, actions.Done, it)
	wantStates(t, s, "held and released", held.Case, "held", "released", "done")
	if got := memos(t, s, memo.Kind); len(got) != 1 || !sameMemo(got[0], memo) {
		t.Errorf("memos %+v, want %+v", got, memo)
	}
	if got := cases(t, s, store.Query{Most: 10}, func(r *chat.Record) bool { return r.Case.ID == held.Case }); len(got) != 1 ||
		got[0].Case.Event.Text == "" || got[0].Fingerprint != chat.Fingerprint(got[0].Case.Event.Text) {
		t.Errorf("listed %+v, want the held one's case with its text", got)
	}
}
