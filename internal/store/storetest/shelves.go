package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testShelves(t *testing.T, fresh func(t *testing.T) Open) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"held", testHeld},
		{"held, beside other rules", testHeldBeside},
		{"held, and the member came back", testHeldJoin},
		{"held, without a mark", testHeldUnmarked},
		{"held, and released beside other rules", testHeldRelease},
		{"void", testVoid},
		{"letters", testLetters},
		{"release", testRelease},
		{"requeue", testRequeue},
		{"what is not on the shelf", testNotThere},
		{"many at once", testRequeueMany},
		{"discard", testDiscard},
		{"forget", testForget},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t, fresh, store.Options{})) })
	}
}

// letters returns all letters of a shelf.
func letters(t *testing.T, s store.Store, shelf actions.Shelf) []actions.Letter {
	t.Helper()
	out, err := s.Letters(t.Context(), shelf, nil, 2000)
	if err != nil {
		t.Fatalf("reading the letters on shelf %s: %v", shelf, err)
	}
	return out
}

// shelve commits a case of one action and settles it as dead or held.
func shelve(t *testing.T, s store.Store, shelf actions.Shelf, c chat.Case) chat.Action {
	t.Helper()
	if got := commit(t, s, c)[0]; got.Queued != 1 {
		t.Fatalf("committing %s: %+v, want 1 queued", c.Event.ID, got)
	}
	it := claimOne(t, s, c.Event.Group)
	settle(t, s, actions.State(shelf), it)
	return it.Action
}

// states returns the states of a case's answers, in order.
func states(t *testing.T, s store.Store, id chat.CaseID) []string {
	t.Helper()
	rec, _ := record(t, s, id)
	out := make([]string, len(rec.Answers))
	for i, a := range rec.Answers {
		out[i] = a.State
	}
	return out
}

func wantStates(t *testing.T, s store.Store, what string, id chat.CaseID, want ...string) {
	t.Helper()
	if got := states(t, s, id); !slices.Equal(got, want) {
		t.Errorf("%s: the case has the answers %q, want %q", what, got, want)
	}
}

// wantDepth checks the numbers of entries, dead letters and held ones.
func wantDepth(t *testing.T, s store.Store, what string, entries, dead, held int) {
	t.Helper()
	if d := depth(t, s); d.Entries != entries || d.Dead != dead || d.Held != held {
		t.Errorf("%s: depth %+v, want %d entries, %d dead, %d held", what, d, entries, dead, held)
	}
}

// wantQueued commits a case of one action, and checks whether a mark keeps it out.
func wantQueued(t *testing.T, s store.Store, what string, c chat.Case, want int) {
	t.Helper()
	if got := commit(t, s, c)[0]; got.Known || got.Queued != want || len(got.Deduplicated) != 1-want {
		t.Errorf("%s: %+v, want %d queued and the rest deduplicated", what, got, want)
	}
}

// pause returns when the clock has moved on, so that times before and after can be told apart.
func pause(t *testing.T) {
	t.Helper()
	begin := time.Now()
	waitFor(t, "the clock to move on", func() bool { return time.Since(begin) > 5*time.Millisecond })
}

func testHeld(t *testing.T, s store.Store) {
	g, at := group("held"), recent()
	c := caseOf(g, "e1", "m", at)
	commit(t, s, c)
	it := claimOne(t, s, g)
	settle(t, s, actions.Retry, it)
	settle(t, s, actions.Held, it)
	wantDepth(t, s, "one held", 0, 0, 1)
	wantStates(t, s, "one held", c.ID, "retry", "held")
	l := letters(t, s, actions.HeldShelf)
	if len(l) != 1 || l[0].Code != "10007" || l[0].Text != "answer text" || l[0].Attempts != 1 || l[0].At.IsZero() {
		t.Fatalf("held letters %+v, want one with code, text, one attempt and a time", l)
	}
	if err := sameAction(l[0].Action, it.Action); err != nil {
		t.Errorf("the held letter: %v", err)
	}
	// Its mark never gets old: however late an equal one of its rule is, it is kept out.
	wantQueued(t, s, "an equal action", caseOf(g, "e2", "m", at.Add(time.Second)), 0)
	wantQueued(t, s, "a late equal action", caseOf(g, "e3", "m", at.Add(time.Hour)), 0)
	for _, state := range []actions.State{actions.Dead, actions.Void, actions.Held, actions.Done} {
		settle(t, s, state, it) // has ended already
		wantDepth(t, s, "settled again as "+string(state), 0, 0, 1)
	}
	wantStates(t, s, "settled again", c.ID, "retry", "held")
	wantQueued(t, s, "an equal action after all that", caseOf(g, "e4", "m", at.Add(time.Second)), 0)
}

func testVoid(t *testing.T, s store.Store) {
	g, at := group("void"), recent()
	c := caseOf(g, "e1", "m", at)
	commit(t, s, c)
	settle(t, s, actions.Void, claimOne(t, s, g))
	wantDepth(t, s, "one taken back", 0, 0, 0)
	wantStates(t, s, "one taken back", c.ID, "undone")
	wantQueued(t, s, "an equal action", caseOf(g, "e2", "m", at), 1)
	if got := commit(t, s, c)[0]; !got.Known || got.Queued != 0 {
		t.Errorf("the case again: %+v, want known", got)
	}
}

func testLetters(t *testing.T, s store.Store) {
	at := recent()
	var held []chat.ActionID // newest first
	for _, id := range []chat.GroupID{"letters a", "letters b", "letters a", "letters c"} {
		ev := chat.EventID([]byte{'e', byte('0' + len(held))})
		held = slices.Insert(held, 0, shelve(t, s, actions.HeldShelf, caseOf(group(id), ev, chat.MemberID(ev), at)).ID)
		pause(t)
	}
	gone := shelve(t, s, actions.DeadShelf, caseOf(group("letters a"), "d", "d", at)).ID
	ofA := func(l *actions.Letter) bool { return l.Action.Group.ID == "letters a" }
	for _, test := range []struct {
		name  string
		shelf actions.Shelf
		keep  func(*actions.Letter) bool
		most  int
		want  []chat.ActionID
	}{
		{"all held", actions.HeldShelf, nil, 10, held},
		{"all dead", actions.DeadShelf, nil, 10, []chat.ActionID{gone}},
		{"the newest", actions.HeldShelf, nil, 2, held[:2]},
		{"those of a group", actions.HeldShelf, ofA, 10, []chat.ActionID{held[1], held[3]}},
		{"the newest of a group", actions.HeldShelf, ofA, 1, held[1:2]},
		{"an old one behind many", actions.HeldShelf, func(l *actions.Letter) bool { return l.Action.Member == "e0" }, 1, held[3:]},
		{"none wanted", actions.HeldShelf, func(*actions.Letter) bool { return false }, 10, nil},
		{"none asked for", actions.HeldShelf, nil, 0, nil},
	} {
		got, err := s.Letters(t.Context(), test.shelf, test.keep, test.most)
		ids := make([]chat.ActionID, len(got))
		for i, l := range got {
			ids[i] = l.Action.ID
		}
		if err != nil || !slices.Equal(ids, test.want) {
			t.Errorf("%s: %v, %v, want %v", test.name, ids, err, test.want)
		}
	}
}
