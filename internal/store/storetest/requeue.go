package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// requeue takes actions off a shelf and checks how many are queued.
func requeue(t *testing.T, s store.Store, what string, shelf actions.Shelf, want int, released time.Time, of ...chat.Action) {
	t.Helper()
	n, err := s.Requeue(t.Context(), shelf, of, released)
	if err != nil || n != want {
		t.Errorf("%s: %d of %d taken off shelf %s were queued, %v, want %d", what, n, len(of), shelf, err, want)
	}
}

func testRelease(t *testing.T, s store.Store) {
	g, at := group("release \xff\x00"), recent()
	c := caseOf(g, "e1", "m\xfe", at)
	commit(t, s, c)
	it := claimOne(t, s, g)
	settle(t, s, actions.Retry, it)
	settle(t, s, actions.Held, it)
	wantQueued(t, s, "another one", caseOf(g, "e2", "m2", at), 1)
	released := recent()
	requeue(t, s, "released", actions.HeldShelf, 1, released, it.Action)
	wantDepth(t, s, "released", 2, 0, 0)
	wantStates(t, s, "released", c.ID, "retry", "held", "released")
	rec, _ := record(t, s, c.ID)
	if a := rec.Answers[len(rec.Answers)-1]; a.Action != it.ID || a.Kind != chat.Remove || a.Member == "" || a.At.IsZero() {
		t.Errorf("answer %+v, want the release of %s", a, it.ID)
	}
	wantQueued(t, s, "an equal action", caseOf(g, "e3", "m\xfe", at.Add(time.Second)), 0)
	want := it.Action
	want.Released = released
	items := claimAll(t, s, g, 2)
	if items[0].Member != "m2" || items[1].Attempts != 0 || items[1].Deliveries != 1 {
		t.Errorf("claimed %+v, want the one that waited, then the released one as a new one", items)
	}
	if err := sameAction(items[1].Action, want); err != nil {
		t.Errorf("the released action: %v", err)
	}
	settle(t, s, actions.Held, items[1])
	requeue(t, s, "released without a time", actions.HeldShelf, 1, time.Time{}, items[1].Action)
	again := claimOne(t, s, g)
	if err := sameAction(again.Action, want); err != nil {
		t.Errorf("released once more, without a time: %v", err)
	}
	settle(t, s, actions.Done, again)
	wantQueued(t, s, "an equal action once it is done", caseOf(g, "e4", "m\xfe", at.Add(time.Second)), 0)
}

// onTheWay is what happens to a member between the day that an action of his was put on a shelf and
// the one on which it is taken off.
type onTheWay struct {
	name   string
	do     func(t *testing.T, s store.Store, a chat.Action)
	queued map[actions.Shelf]int
}

func testRequeue(t *testing.T, s store.Store) {
	always := map[actions.Shelf]int{actions.DeadShelf: 1, actions.HeldShelf: 1}
	dead := map[actions.Shelf]int{actions.DeadShelf: 1}
	equal := func(t *testing.T, s store.Store, a chat.Action, rule chat.RuleID, state actions.State, done time.Time) {
		t.Helper()
		wantQueued(t, s, "an equal action", caseOf(a.Group, "equal", a.Member, a.EventAt, byRule(rule)), 1)
		if state != "" {
			settleAt(t, s, a.Group, state, done)
		}
	}
	for i, way := range []onTheWay{
		{"nothing", func(*testing.T, store.Store, chat.Action) {}, always},
		{"its mark was lifted", func(t *testing.T, s store.Store, a chat.Action) { forget(t, s, a) }, dead},
		{"an equal action is pending", func(t *testing.T, s store.Store, a chat.Action) { equal(t, s, a, "r2", "", a.EventAt) }, nil},
		{"an equal action is held", func(t *testing.T, s store.Store, a chat.Action) { equal(t, s, a, "r2", actions.Held, a.EventAt) }, always},
		{"an equal action of its rule is held", func(t *testing.T, s store.Store, a chat.Action) {
			forget(t, s, a) // a held action's own mark would keep the other one out
			equal(t, s, a, a.Intent.Rule, actions.Held, a.EventAt)
		}, nil},
		{"an equal action was done", func(t *testing.T, s store.Store, a chat.Action) { equal(t, s, a, "r2", actions.Done, a.EventAt) }, nil},
		{"an equal action was done before the event", func(t *testing.T, s store.Store, a chat.Action) {
			equal(t, s, a, "r2", actions.Done, a.EventAt.Add(-store.ReturnRoom-time.Millisecond))
		}, always},
		{"an equal action was taken back", func(t *testing.T, s store.Store, a chat.Action) {
			equal(t, s, a, "r2", actions.Void, a.EventAt)
		}, always},
		{"the member was let in again", func(t *testing.T, s store.Store, a chat.Action) {
			mute := chat.Intent{Kind: chat.Mute, Rule: "r2"} // a mark for the join to lift, whichever the shelf
			wantQueued(t, s, "a mute", caseOf(a.Group, "mute", a.Member, a.EventAt, mute), 1)
			settleAt(t, s, a.Group, actions.Done, a.EventAt)
			observe(t, s, joinOf(a.Group, "j", a.Member, a.EventAt.Add(time.Second), 0))
		}, nil},
	} {
		for _, shelf := range []actions.Shelf{actions.DeadShelf, actions.HeldShelf} {
			t.Run(string(shelf)+", "+way.name, func(t *testing.T) {
				requeueAfter(t, s, shelf, way, group(chat.GroupID([]byte{'q', byte('a' + i), shelf[0]})))
			})
		}
	}
}

func requeueAfter(t *testing.T, s store.Store, shelf actions.Shelf, way onTheWay, g chat.Group) {
	want := way.queued[shelf]
	c := caseOf(g, "e1", "m", recent())
	a := shelve(t, s, shelf, c)
	way.do(t, s, a)
	before := depth(t, s)
	requeue(t, s, "first", shelf, want, time.Time{}, a)
	requeue(t, s, "a second time", shelf, 0, time.Time{}, a)
	for _, l := range letters(t, s, shelf) {
		if l.Action.ID == a.ID {
			t.Errorf("it is still on shelf %s", shelf)
		}
	}
	if want == 0 {
		wantStates(t, s, "kept out", c.ID, string(shelf), "deduplicated")
		return
	}
	state := map[actions.Shelf]string{actions.DeadShelf: "requeued", actions.HeldShelf: "released"}[shelf]
	wantStates(t, s, "queued", c.ID, string(shelf), state)
	if d := depth(t, s); d.Entries != before.Entries+1 || d.Dead+d.Held != before.Dead+before.Held-1 {
		t.Errorf("depth %+v after %+v, want one entry more and one letter less", d, before)
	}
	it := claimOne(t, s, g)
	if err := sameAction(it.Action, a); err != nil || it.Attempts != 0 || it.Deliveries != 1 {
		t.Errorf("claimed %+v, want the action as a new one: %v", it, err)
	}
	wantQueued(t, s, "an equal action", caseOf(g, "e9", "m", a.EventAt), 0)
	settle(t, s, actions.Done, it)
	wantQueued(t, s, "an equal action once it is done", caseOf(g, "e10", "m", a.EventAt), 0)
}
