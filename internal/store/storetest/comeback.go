package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// testComebacks is about a member who was removed, joined again and offended, and whose offence was
// told before the join: its removal was dropped for the sake of the first one.
func testComebacks(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("joins", func(t *testing.T) { testComebackJoins(t, s) })
	t.Run("exactly once", func(t *testing.T) { testComebackOnce(t, s) })
	t.Run("several actions", func(t *testing.T) { testComebackParts(t, s) })
	t.Run("without a join since", func(t *testing.T) { testNoComeback(t, s) })
	t.Run("the latest join counts", func(t *testing.T) { testLatestJoin(t, s) })
	t.Run("the first action's end", func(t *testing.T) { testFirstEnds(t, s) })
	t.Run("at once", func(t *testing.T) { testComebackAtOnce(t, s) })
	t.Run("without a record", func(t *testing.T) {
		testComebackUnrecorded(t, open(t, fresh, store.Options{Partitions: 1, MaxRecords: 20}))
	})
}

// dropped commits a first offence and, three seconds later, the second one, which is deduplicated.
func dropped(t *testing.T, s store.Store, g chat.Group, at time.Time, state actions.State) chat.Case {
	t.Helper()
	commit(t, s, caseOf(g, "e1", "m", at))
	if state != "" {
		settle(t, s, state, claimOne(t, s, g))
	}
	second := caseOf(g, "e2", "m", at.Add(3*time.Second))
	if got := commit(t, s, second)[0]; got.Known || got.Queued != 0 || len(got.Deduplicated) != 1 {
		t.Fatalf("the second offence: %+v, want it deduplicated", got)
	}
	return second
}

// repeat commits a case that is known and says how many of its actions must be queued by that.
func repeat(t *testing.T, s Observer, what string, c chat.Case, queued int) {
	t.Helper()
	if got := commit(t, s, c)[0]; !got.Known || got.Queued != queued || len(got.Deduplicated) != 0 {
		t.Errorf("%s: %+v, want known and %d queued", what, got, queued)
	}
}

func testComebackJoins(t *testing.T, s store.Store) {
	at := recent()
	join := func(m chat.MemberID, after time.Duration) chat.Look {
		return chat.Look{Event: chat.EventID("j" + after.String()), Member: m, Kind: chat.Join, At: at.Add(after)}
	}
	asked, kept := join("m", 2*time.Second), join("m", 2*time.Second)
	asked.Peek, kept.KeepJoin = true, time.Hour
	for i, test := range []struct {
		name  string
		joins []chat.Look
		want  int
	}{
		{"no join", nil, 0},
		{"between the offences", []chat.Look{join("m", 2*time.Second)}, 1},
		{"a join that is kept", []chat.Look{kept}, 1},
		{"at the instant of the second offence", []chat.Look{join("m", 3*time.Second)}, 1},
		{"after both offences", []chat.Look{join("m", 3*time.Second+time.Microsecond)}, 0},
		{"before both", []chat.Look{join("m", -time.Second)}, 0},
		{"at the instant of the first", []chat.Look{join("m", 0)}, 0},
		{"somebody else's", []chat.Look{join("m2", 2*time.Second)}, 0},
		{"one that is only asked for", []chat.Look{asked}, 0},
		{"between and after", []chat.Look{join("m", 2*time.Second), join("m", 4*time.Second)}, 0},
		{"after and between", []chat.Look{join("m", 4*time.Second), join("m", 2*time.Second)}, 0},
		{"twice between", []chat.Look{join("m", 2*time.Second), join("m", time.Second)}, 1},
		{"told twice", []chat.Look{join("m", 2*time.Second), join("m", 2*time.Second)}, 1},
	} {
		for _, state := range []actions.State{"", actions.Done, actions.Spared} {
			g := group(chat.GroupID(fmt.Sprint("comeback ", i, state)))
			second := dropped(t, s, g, at, state)
			for _, l := range test.joins {
				l.Group = g
				observe(t, s, l)
			}
			repeat(t, s, fmt.Sprintf("%s, the first removal %q", test.name, state), second, test.want)
		}
	}
}

func testComebackOnce(t *testing.T, s store.Store) {
	at := recent()
	for _, end := range []actions.State{actions.Done, actions.Dead} {
		g := group(chat.GroupID("once " + end))
		second := dropped(t, s, g, at, actions.Done)
		observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
		if got := commit(t, s, second, second); !got[0].Known || !got[1].Known || got[0].Queued+got[1].Queued != 1 {
			t.Errorf("twice in one call: %+v, want one queued", got)
		}
		if got := commit(t, s, caseOf(g, "e3", "m", at.Add(4*time.Second)))[0]; got.Queued != 0 || len(got.Deduplicated) != 1 {
			t.Errorf("a third offence: %+v, want it deduplicated by the second one's mark", got)
		}
		repeat(t, s, "once more, pending", second, 0)
		it := claimOne(t, s, g)
		if err := sameAction(it.Action, second.Actions()[0]); err != nil || it.Attempts != 0 || it.Deliveries != 1 {
			t.Errorf("claimed %+v, want the second offence's removal, new: %v", it, err)
		}
		settle(t, s, end, it)
		repeat(t, s, "once more, "+string(end), second, 0)
		rec, _ := record(t, s, second.ID)
		if len(rec.Answers) != 2 || rec.Answers[0].State != "deduplicated" || rec.Answers[1].State != string(end) {
			t.Errorf("answers %+v, want deduplicated and %s", rec.Answers, end)
		}
	}
	// Two joins later, no mark stands at all: what was queued is not queued a second time.
	g := group("once lifted")
	second := dropped(t, s, g, at, actions.Done)
	observe(t, s, joinOf(g, "j1", "m", at.Add(time.Second), 0))
	repeat(t, s, "after the join", second, 1)
	settle(t, s, actions.Dead, claimOne(t, s, g))
	observe(t, s, joinOf(g, "j2", "m", at.Add(2*time.Second), 0))
	repeat(t, s, "after a further join", second, 0)
}

func testComebackParts(t *testing.T, s store.Store) {
	g, at := group("parts"), recent()
	intents := []chat.Intent{removal, {Kind: chat.Mute, Rule: "r2"}, {Kind: chat.Lockdown, Rule: "r3"}}
	second := caseOf(g, "e2", "m", at.Add(3*time.Second), intents...)
	got := commit(t, s, caseOf(g, "e1", "m", at, intents...), second)
	if got[0].Queued != 3 || len(got[1].Deduplicated) != 3 {
		t.Fatalf("%+v, want three queued, then three deduplicated", got)
	}
	observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
	if got := commit(t, s, caseOf(g, "e3", "m", at.Add(3*time.Second), intents[1]))[0]; got.Queued != 1 {
		t.Fatalf("a mute after the join: %+v, want it queued", got)
	}
	repeat(t, s, "the mute's mark stands again, and a join lifts no lockdown", second, 1)
	want := second.Actions()[0].ID
	if items := claimAll(t, s, g, 5); items[4].ID != want {
		t.Errorf("claimed %s last, want the removal %s", items[4].ID, want)
	}
	repeat(t, s, "once more", second, 0)
	// Two removals of one case: the second one was dropped because of the first, not of an old mark.
	byOther := removal
	byOther.Rule = "r9"
	g = group("parts of one case")
	commit(t, s, caseOf(g, "e1", "m", at))
	settle(t, s, actions.Done, claimOne(t, s, g))
	observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
	twice := caseOf(g, "e2", "m", at.Add(3*time.Second), removal, byOther)
	if got := commit(t, s, twice)[0]; got.Queued != 1 || len(got.Deduplicated) != 1 {
		t.Fatalf("two removals of one case: %+v, want one of each", got)
	}
	settle(t, s, actions.Dead, claimOne(t, s, g))
	repeat(t, s, "a case that was queued after the join", twice, 0)
}

func testNoComeback(t *testing.T, s store.Store) {
	at := recent()
	for _, state := range []actions.State{actions.Dead, actions.DryRun} {
		g := group("mark gone, " + chat.GroupID(state))
		second := dropped(t, s, g, at, "")
		settle(t, s, state, claimOne(t, s, g))
		repeat(t, s, "the mark went with "+string(state), second, 0)
	}

	// The join came before the action that dropped the other one.
	g := group("join before")
	commit(t, s, caseOf(g, "e0", "m", at.Add(-time.Minute)))
	settle(t, s, actions.Done, claimOne(t, s, g))
	observe(t, s, joinOf(g, "j", "m", at.Add(-time.Second), 0))
	second := dropped(t, s, g, at, "")
	settle(t, s, actions.Dead, claimOne(t, s, g))
	repeat(t, s, "the mark that the join lifted was another one", second, 0)

	// A repeat that claims a later time does not make the offence a new one.
	g = group("retold")
	second = dropped(t, s, g, at, actions.Done)
	observe(t, s, joinOf(g, "j", "m", at.Add(4*time.Second), 0))
	repeat(t, s, "told again with a time after the join", caseOf(g, "e2", "m", at.Add(5*time.Second)), 0)
	repeat(t, s, "told again as it was", second, 0)

	// A mark that ended by its age.
	g = group("aged")
	mute := func(ev chat.EventID, after time.Duration) chat.Case {
		return caseOf(g, ev, "m", at.Add(after), chat.Intent{Kind: chat.Mute, Rule: "r1", Until: at.Add(after + time.Second)})
	}
	commit(t, s, mute("e1", 0))
	settle(t, s, actions.Done, claimOne(t, s, g))
	aged := mute("e2", 3*time.Second)
	if got := commit(t, s, aged)[0]; len(got.Deduplicated) != 1 {
		t.Fatalf("a second mute: %+v, want it deduplicated", got)
	}
	n := 0
	waitFor(t, "the mark to end by its age", func() bool {
		repeat(t, s, "while the mark ends", aged, 0)
		n++
		return commit(t, s, mute(chat.EventID(slices.Repeat([]byte("x"), n)), 4*time.Second))[0].Queued == 1
	})
	settle(t, s, actions.Dead, claimOne(t, s, g))
	repeat(t, s, "the mark ended by its age", aged, 0)
}

// testLatestJoin tells of an earlier join after a later one.
func testLatestJoin(t *testing.T, s store.Store) {
	g, at := group("latest"), recent()
	second := dropped(t, s, g, at, actions.Done)
	observe(t, s, joinOf(g, "j2", "m", at.Add(4*time.Second), 0))
	observe(t, s, joinOf(g, "j1", "m", at.Add(2*time.Second), 0))
	repeat(t, s, "an earlier join came late", second, 0)
	if got := commit(t, s, caseOf(g, "e3", "m", at.Add(5*time.Second)))[0]; got.Queued != 1 {
		t.Errorf("a case after both joins: %+v, want it queued", got)
	}
	observe(t, s, joinOf(g, "j3", "m", at.Add(3*time.Second), 0))
	if got := commit(t, s, caseOf(g, "e4", "m", at.Add(6*time.Second)))[0]; got.Queued != 0 {
		t.Errorf("a join earlier than the mark lifted it, on the word of a later one before: %+v", got)
	}
}

// testFirstEnds settles the first action, whose mark would last a second only, when the mark is
// another action's.
func testFirstEnds(t *testing.T, s store.Store) {
	at := recent()
	short := chat.Intent{Kind: chat.Mute, Rule: "r1", Until: at.Add(time.Second)}
	long := chat.Intent{Kind: chat.Mute, Rule: "r1", Until: at.Add(time.Hour)}
	for _, known := range []bool{false, true} {
		g, other := group(chat.GroupID(fmt.Sprint("first ", known))), group(chat.GroupID(fmt.Sprint("other ", known)))
		commit(t, s, caseOf(g, "e1", "m", at, short), caseOf(other, "e1", "m", at, short))
		first := claimOne(t, s, g)
		second := caseOf(g, "e2", "m", at.Add(3*time.Second), long)
		if known {
			commit(t, s, second)
		}
		observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
		if got := commit(t, s, second)[0]; got.Known != known || got.Queued != 1 {
			t.Fatalf("the second action: %+v, want known %t and queued", got, known)
		}
		settle(t, s, actions.Done, first)
		settle(t, s, actions.Done, claimOne(t, s, other)) // its mark ends no sooner
		n := 0
		waitFor(t, "a mark of a second to end", func() bool {
			n++
			return commit(t, s, caseOf(other, chat.EventID(slices.Repeat([]byte("x"), n)), "m", at, short))[0].Queued == 1
		})
		if got := commit(t, s, caseOf(g, "e3", "m", at.Add(4*time.Second), long))[0]; got.Queued != 0 {
			t.Errorf("the first action's end ended the second one's mark: %+v", got)
		}
		settle(t, s, actions.Done, claimOne(t, s, g))
	}
}

func testComebackAtOnce(t *testing.T, s store.Store) {
	at := recent()
	for round := range 5 {
		g := group(chat.GroupID(fmt.Sprint("at once ", round)))
		second := dropped(t, s, g, at, actions.Done)
		observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
		var queued atomic.Int32
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				got, err := s.Commit(t.Context(), []chat.Case{second})
				if err != nil || !got[0].Known {
					t.Errorf("committing: %+v, %v, want known", got, err)
					return
				}
				queued.Add(int32(got[0].Queued)) //nolint:gosec // 0 or 1
			})
		}
		wg.Wait()
		if queued.Load() != 1 {
			t.Errorf("32 repeats queued %d, want 1", queued.Load())
		}
		settle(t, s, actions.Done, claimOne(t, s, g))
	}
}

func testComebackUnrecorded(t *testing.T, s store.Store) {
	g, fill, at, n := group("unrecorded"), group("fill"), recent(), 0
	second := dropped(t, s, g, at, actions.Done)
	waitFor(t, "the record to go", func() bool {
		var more []chat.Case
		for range 20 {
			more = append(more, caseN(fill, n, at))
			n++
		}
		commit(t, s, more...)
		_, ok := record(t, s, second.ID)
		return !ok
	})
	settle(t, s, actions.Done, claimAll(t, s, fill, n)...)
	observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
	repeat(t, s, "a case whose record went", second, 1)
	settle(t, s, actions.Done, claimOne(t, s, g))
}
