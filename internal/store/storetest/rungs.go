package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// rungOf is an intent on a rung, with a message of its own.
func rungOf(rule chat.RuleID, ev chat.EventID, at, below int) chat.Intent {
	return chat.Intent{Kind: chat.Recall, Rule: rule, Message: fmt.Sprintf("%s %s", rule, ev), AtStrikes: at, BelowStrikes: below}
}

// testActing counts the actions that act on a ladder of one to five strikes, and on none.
func testActing(t *testing.T, s Observer) {
	g, begin := group("acting"), longAgo()
	intents := func(ev chat.EventID) []chat.Intent {
		return []chat.Intent{
			rungOf("always", ev, 0, 0), rungOf("from two", ev, 2, 0), rungOf("below three", ev, 0, 3), rungOf("two and three", ev, 2, 4),
			{Kind: chat.Alert, Rule: "alert", AtStrikes: 1},
		}
	}
	for i, want := range []int{2, 4, 3, 2, 2} {
		ev := chat.EventID(fmt.Sprint("e", i))
		c := strikeOf(g, struck{ev: ev, rule: chat.RuleID(fmt.Sprint("r", i)), points: 1}, "m", begin)
		c.Intents = intents(ev)
		got := commit(t, s, c, c)
		if got[0].Strikes != i+1 || got[0].Queued != want || len(got[0].Deduplicated) != 0 {
			t.Errorf("at %d strikes: %+v, want %d queued and none deduplicated", i+1, got[0], want)
		}
		if !got[1].Known || got[1].Strikes != i+1 || got[1].Queued != 0 {
			t.Errorf("at %d strikes, again: %+v, want known", i+1, got[1])
		}
		plain := caseOf(g, ev+" plain", "m", begin, intents(ev+" plain")...)
		if got := commit(t, s, plain)[0]; got.Strikes != 0 || got.Queued != 2 {
			t.Errorf("a case without a strike, of a member with %d: %+v, want 2 queued", i+1, got)
		}
	}
}

// testStrikesAtOnce commits cases of one member, each of them many times, all at once.
func testStrikesAtOnce(t *testing.T, s Observer) {
	const cases, times = 20, 4
	g, begin := group("strikes at once"), longAgo()
	var mu sync.Mutex // guards got
	got := map[chat.EventID][]chat.Committed{}
	var wg sync.WaitGroup
	for i := range cases * times {
		wg.Go(func() {
			e := struck{ev: chat.EventID(fmt.Sprint(i % cases)), rule: chat.RuleID(fmt.Sprint("r", i%cases)), points: 1}
			out, err := s.Commit(t.Context(), []chat.Case{strikeOf(g, e, "m", begin)})
			if err != nil {
				t.Errorf("committing: %v", err)
				return
			}
			mu.Lock()
			got[e.ev] = append(got[e.ev], out[0])
			mu.Unlock()
		})
	}
	wg.Wait()
	var held []int
	for ev, all := range got {
		fresh := 0
		for _, c := range all {
			if !c.Known {
				fresh++
			}
			if c.Strikes != all[0].Strikes {
				t.Errorf("case %s: %+v, want one number of strikes", ev, all)
			}
		}
		if fresh != 1 {
			t.Errorf("case %s: new %d times, want once", ev, fresh)
		}
		held = append(held, all[0].Strikes)
	}
	slices.Sort(held)
	for i, n := range held {
		if n != i+1 {
			t.Fatalf("the ladder held %v, want each number once", held)
		}
	}
}

// testRungs looks at what whole stores do with actions that do not act.
func testRungs(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("no trace of what does not act", func(t *testing.T) { testNotActing(t, s) })
	t.Run("comebacks", func(t *testing.T) { testRungsComeBack(t, s) })
	t.Run("without a record", func(t *testing.T) {
		testStrikesUnrecorded(t, open(t, fresh, store.Options{Partitions: 1, MaxRecords: 20}))
	})
	t.Run("a new start", func(t *testing.T) { testStrikesReopen(t, fresh) })
}

// offence is a case on a ladder whose second strike removes and whose first one mutes.
func offence(g chat.Group, ev chat.EventID, rule chat.RuleID) chat.Case {
	c := strikeOf(g, struck{ev: ev, rule: rule, points: 1}, "m", recent())
	c.Intents = []chat.Intent{{Kind: chat.Mute, Rule: rule, BelowStrikes: 2}, {Kind: chat.Remove, Rule: rule, AtStrikes: 2}}
	return c
}

func testNotActing(t *testing.T, s store.Store) {
	g := group("not acting")
	first, second, third := offence(g, "e1", "r1"), offence(g, "e2", "r2"), offence(g, "e3", "r3")
	var claimed []chat.ActionID
	for i, c := range []chat.Case{first, second, third} {
		got := commit(t, s, c)[0]
		dropped := max(0, i-1) // the second removal, not what does not act
		if got.Strikes != i+1 || got.Queued != 1-dropped || len(got.Deduplicated) != dropped {
			t.Errorf("offence %d: %+v, want one action that acts", i, got)
		}
		rec, ok := record(t, s, c.ID)
		if !ok || rec.Strikes != i+1 || len(rec.Answers) != dropped || len(rec.Case.Intents) != 2 || rec.Case.Strike == nil {
			t.Errorf("offence %d is recorded as %+v, want %d strikes", i, rec, i+1)
		}
	}
	for _, it := range claimAll(t, s, g, 2) {
		claimed = append(claimed, it.ID)
		settle(t, s, actions.Done, it)
	}
	if want := []chat.ActionID{first.Actions()[0].ID, second.Actions()[1].ID}; !slices.Equal(claimed, want) {
		t.Errorf("claimed %v, want the first mute and the second removal %v", claimed, want)
	}
	if d := depth(t, s); d.Entries != 0 {
		t.Errorf("depth %+v, want an empty queue", d)
	}
}

// testRungsComeBack repeats a case after the join that shows that its removal was owed.
func testRungsComeBack(t *testing.T, s store.Store) {
	g, at := group("rungs come back"), recent()
	commit(t, s, caseOf(g, "e0", "m", at.Add(-10*second)))
	settle(t, s, actions.Done, claimOne(t, s, g))
	muted, owed := offence(g, "e1", "r1"), offence(g, "e2", "r2")
	muted.Event.At, owed.Event.At = at.Add(-9*second), at.Add(-6*second)
	muted.Intents = append(muted.Intents, chat.Intent{Kind: chat.Lockdown, Rule: "r1", AtStrikes: 9})
	settle(t, s, actions.Done, claimAll(t, s, g, commit(t, s, muted)[0].Queued)...)
	if got := commit(t, s, owed)[0]; got.Strikes != 2 || len(got.Deduplicated) != 1 {
		t.Fatalf("the second offence: %+v, want its removal deduplicated", got)
	}
	observe(t, s, joinOf(g, "j", "m", at.Add(-7*second), 0))
	repeat(t, s, "of a case whose removal did not act", muted, 0)
	repeat(t, s, "of a case whose mute did not act", owed, 1)
	repeat(t, s, "once more", owed, 0)
	if it := claimOne(t, s, g); it.ID != owed.Actions()[1].ID {
		t.Errorf("claimed %+v, want the second offence's removal", it)
	}
}

func testStrikesUnrecorded(t *testing.T, s store.Store) {
	g, fill, at, n := group("strikes unrecorded"), group("fill"), recent(), 0
	first := offence(g, "e1", "r1")
	commit(t, s, first)
	waitFor(t, "the record to go", func() bool {
		var more []chat.Case
		for range 20 {
			more = append(more, caseN(fill, n, at))
			n++
		}
		commit(t, s, more...)
		_, ok := record(t, s, first.ID)
		return !ok
	})
	if got := commit(t, s, first)[0]; !got.Known || got.Strikes != 0 || got.Queued != 0 {
		t.Errorf("a case whose record went: %+v, want known and no strikes", got)
	}
	if got := commit(t, s, offence(g, "e2", "r2"))[0]; got.Strikes != 2 {
		t.Errorf("the next offence: %+v, want 2 strikes", got)
	}
}

// testStrikesReopen closes a store with a ladder and a trail, and opens it again.
func testStrikesReopen(t *testing.T, fresh func(t *testing.T) Open) {
	place, g, at := fresh(t), group("reopened"), recent()
	trail := func(s store.Store, ev chat.EventID, note string) []chat.Entry {
		w := chat.Window{ID: "trail", Key: "k", Group: &g, Limit: 5, Within: minute, Note: note}
		return onlyTrail(t, observe(t, s, look(g, seen{id: ev}, at, w))[0])
	}
	s := mustOpen(t, place, store.Options{})
	first := offence(g, "e1", "r1")
	commit(t, s, first)
	trail(s, "a", "\x00\xff")
	mustClose(t, s)
	s = mustOpen(t, place, store.Options{})
	defer mustClose(t, s)
	got := commit(t, s, first, offence(g, "e2", "r1"), offence(g, "e3", "r2"))
	if !got[0].Known || got[0].Strikes != 1 || got[1].Strikes != 1 || got[2].Strikes != 2 {
		t.Errorf("committed again %+v, want strikes of 1, 1 and 2", got)
	}
	if entries := trail(s, "b", "2"); len(entries) != 1 || entries[0].Note != "\x00\xff" || !entries[0].At.Equal(at) {
		t.Errorf("the trail holds %+v, want the entry from before", entries)
	}
}
