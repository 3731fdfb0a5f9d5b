package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// testReturns is about a member who was removed and came back, or never went, and whose join nobody
// saw: an event later than the removal tells.
func testReturns(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("what tells", func(t *testing.T) { testReturnTimes(t, s) })
	t.Run("one after another", func(t *testing.T) { testReturnAgain(t, s) })
	t.Run("known cases", func(t *testing.T) { testReturnKnown(t, s) })
	t.Run("without a time", func(t *testing.T) { testReturnUntimed(t, s) })
}

// settleAt settles one entry that must be there, as ended at a time.
func settleAt(t *testing.T, s store.Store, g chat.Group, state actions.State, at time.Time) {
	t.Helper()
	out := actions.Settlement{Item: claimOne(t, s, g), State: state, At: at}
	if err := s.Settle(t.Context(), []actions.Settlement{out}); err != nil {
		t.Fatalf("settling %s: %v", state, err)
	}
}

func testReturnTimes(t *testing.T, s store.Store) {
	at := recent()
	done := at.Add(20 * time.Second)
	mute := chat.Intent{Kind: chat.Mute, Rule: "r1", Until: at.Add(time.Hour)}
	lockdown := chat.Intent{Kind: chat.Lockdown, Rule: "r1"}
	for i, test := range []struct {
		name   string
		state  actions.State // empty: pending
		intent chat.Intent
		event  time.Time // of the second offence
		want   int
	}{
		{"before the removal was done", actions.Done, removal, done.Add(-time.Second), 0},
		{"earlier than the first offence", actions.Done, removal, at.Add(-time.Hour), 0},
		{"when it was done", actions.Done, removal, done, 0},
		{"at the end of the room", actions.Done, removal, done.Add(store.ReturnRoom), 0},
		{"just after the room", actions.Done, removal, done.Add(store.ReturnRoom + time.Microsecond), 1},
		{"minutes later", actions.Done, removal, done.Add(9 * time.Minute), 1},
		{"spared, under way", actions.Spared, removal, done.Add(store.ReturnRoom), 0},
		{"spared, later", actions.Spared, removal, done.Add(store.ReturnRoom + time.Microsecond), 1},
		{"tried only", actions.Retry, removal, done.Add(time.Minute), 0},
		{"given back", actions.Free, removal, done.Add(time.Minute), 0},
		{"pending", "", removal, done.Add(time.Hour), 0},
		{"a mute, under way", actions.Done, mute, done.Add(store.ReturnRoom), 0},
		{"a mute that does not hold", actions.Done, mute, done.Add(store.ReturnRoom + time.Microsecond), 1},
		{"a lockdown, of which no event tells", actions.Done, lockdown, done.Add(9 * time.Minute), 0},
	} {
		g := group(chat.GroupID(fmt.Sprint("return ", i)))
		commit(t, s, caseOf(g, "e1", "m", at, test.intent))
		if test.state != "" {
			settleAt(t, s, g, test.state, done)
		}
		second := caseOf(g, "e2", "m", test.event, test.intent)
		got := commit(t, s, second)[0]
		if got.Known || got.Queued != test.want || len(got.Deduplicated) != 1-test.want {
			t.Errorf("%s: %+v, want %d queued", test.name, got, test.want)
		}
		if test.want == 1 {
			if it := claimOne(t, s, g); it.ID != second.Actions()[0].ID {
				t.Errorf("%s: claimed %+v, want the second offence's action", test.name, it)
			}
		}
	}
}

// testReturnAgain has a member come back twice: each action takes the mark over.
func testReturnAgain(t *testing.T, s store.Store) {
	g, at := group("again and again"), recent()
	commit(t, s, caseOf(g, "e1", "m", at))
	settleAt(t, s, g, actions.Done, at.Add(time.Second))
	for i, test := range []struct {
		name   string
		event  time.Duration
		want   int
		settle actions.State
		done   time.Duration
	}{
		{"back", 10 * time.Second, 1, "", 0},
		{"while that is pending", 20 * time.Second, 0, actions.Done, 30 * time.Second},
		{"later than the first end only", 12 * time.Second, 0, "", 0},
		{"under way at the second end", 35 * time.Second, 0, "", 0},
		{"back again", 36 * time.Second, 1, actions.Dead, 37 * time.Second},
		{"after a dead letter", 36 * time.Second, 1, actions.DryRun, 37 * time.Second},
		{"after a dry run", 36 * time.Second, 1, actions.Done, 37 * time.Second},
		{"after a removal", 36 * time.Second, 0, "", 0},
	} {
		ev := chat.EventID(fmt.Sprint("again ", i))
		if got := commit(t, s, caseOf(g, ev, "m", at.Add(test.event)))[0]; got.Queued != test.want {
			t.Errorf("%s: %+v, want %d queued", test.name, got, test.want)
		}
		if test.settle != "" {
			settleAt(t, s, g, test.settle, at.Add(test.done))
		}
	}
	if d := depth(t, s); d.Dead != 1 {
		t.Errorf("depth %+v, want the one dead letter", d)
	}
}

// testReturnKnown repeats a case that was dropped. A later end does not make it owed: only a join
// does, and then the mark that stands by now is looked at as for a new case.
func testReturnKnown(t *testing.T, s store.Store) {
	at := recent()
	for _, test := range []struct {
		name string
		join time.Duration // of the member; zero: none
		done time.Duration // the end of a third removal, whose mark stands
		want int
	}{
		{"no join", 0, 0, 0},
		{"a join, and a mark that holds", 2 * time.Second, 15 * time.Second, 0},
		{"a join, and a mark that was done long before", 2 * time.Second, 14 * time.Second, 1},
	} {
		g := group(chat.GroupID("known return, " + test.name))
		second := caseOf(g, "e2", "m", at.Add(20*time.Second))
		if got := commit(t, s, caseOf(g, "e1", "m", at), second); got[1].Queued != 0 {
			t.Fatalf("%s: %+v, want the second dropped while the first is pending", test.name, got)
		}
		settleAt(t, s, g, actions.Done, at.Add(time.Second))
		repeat(t, s, test.name+", at the end of the first", second, 0)
		if test.join > 0 {
			observe(t, s, joinOf(g, "j", "m", at.Add(test.join), 0))
			commit(t, s, caseOf(g, "e3", "m", at.Add(10*time.Second)))
			repeat(t, s, test.name+", the third pending", second, 0)
			settleAt(t, s, g, actions.Done, at.Add(test.done))
		}
		repeat(t, s, test.name, second, test.want)
		repeat(t, s, test.name+", once more", second, 0)
	}
}

// testReturnUntimed settles without a time: the store's own stands for it.
func testReturnUntimed(t *testing.T, s store.Store) {
	g, at := group("untimed"), recent()
	commit(t, s, caseOf(g, "e1", "m", at))
	settleAt(t, s, g, actions.Done, time.Time{})
	for i, test := range []struct {
		name  string
		event time.Time
		want  int
	}{
		{"before it was done", at.Add(50 * time.Second), 0},
		{"long after", time.Now().Add(patience), 1},
	} {
		ev := chat.EventID(fmt.Sprint("untimed ", i))
		if got := commit(t, s, caseOf(g, ev, "m", test.event))[0]; got.Queued != test.want {
			t.Errorf("%s: %+v, want %d queued", test.name, got, test.want)
		}
	}
}
