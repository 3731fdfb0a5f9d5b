package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// testCameBack asks about actions in the queue whose members joined again, or did not.
func testCameBack(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("joins", func(t *testing.T) { testCameBackJoins(t, s) })
	t.Run("many at once", func(t *testing.T) { testCameBackBatch(t, s) })
	t.Run("from the queue", func(t *testing.T) { testCameBackQueued(t, s) })
	t.Run("ahead of the clock", func(t *testing.T) { testCameBackAhead(t, s) })
	t.Run("after a restart", func(t *testing.T) { testCameBackRestart(t, fresh(t)) })
}

func cameBack(t *testing.T, s store.Store, of ...chat.Action) []bool {
	t.Helper()
	back, err := s.CameBack(t.Context(), of)
	if err != nil || len(back) != len(of) {
		t.Fatalf("asking who came back: %d answers on %d actions, %v", len(back), len(of), err)
	}
	return back
}

// actionOf is the action of a case with one intent.
func actionOf(g chat.Group, ev chat.EventID, m chat.MemberID, at time.Time, intents ...chat.Intent) chat.Action {
	c := caseOf(g, ev, m, at, intents...)
	return c.Actions()[0]
}

func testCameBackJoins(t *testing.T, s store.Store) {
	at := recent()
	join := at.Add(20 * time.Second)
	early := join.Add(-store.ReturnRoom)
	exact := func(m chat.MemberID, at time.Time) chat.Look { return exactJoin(group(""), "j", m, at) }
	asked := exact("m", join)
	asked.Peek = true
	mute, lockdown := chat.Intent{Kind: chat.Mute, Rule: "r2"}, chat.Intent{Kind: chat.Lockdown, Rule: "r3"}
	for i, test := range []struct {
		name   string
		joins  []chat.Look
		event  time.Time
		intent chat.Intent
		want   bool
	}{
		{"no join", nil, at, removal, false},
		{"well before the join", []chat.Look{exact("m", join)}, at, removal, true},
		{"a mute from well before", []chat.Look{exact("m", join)}, at, mute, true},
		{"the group as a whole", []chat.Look{exact("m", join), exact("", join)}, at, lockdown, false},
		{"just before the room", []chat.Look{exact("m", join)}, early.Add(-time.Microsecond), removal, true},
		{"at the room", []chat.Look{exact("m", join)}, early, removal, false},
		{"the join itself", []chat.Look{exact("m", join)}, join, removal, false},
		{"after the join", []chat.Look{exact("m", join)}, join.Add(time.Second), removal, false},
		{"a join that is not exact", []chat.Look{joinOf(group(""), "j", "m", join, 0)}, at, removal, false},
		{"a join that is only asked for", []chat.Look{asked}, at, removal, false},
		{"somebody else's join", []chat.Look{exact("m2", join)}, at, removal, false},
		{"the later of two joins", []chat.Look{exact("m", at), exact("m", join)}, at, removal, true},
		{"the later of two joins, told first", []chat.Look{exact("m", join), exact("m", at)}, at, removal, true},
		{"a join that is not exact after one that is", []chat.Look{exact("m", join), joinOf(group(""), "j", "m", join.Add(time.Second), 0)}, at, removal, true},
	} {
		for _, queued := range []bool{false, true} {
			g := group(chat.GroupID(fmt.Sprint("came back ", i, queued)))
			c := caseOf(g, "e", "m", test.event, test.intent)
			if queued {
				commit(t, s, c)
			}
			for _, l := range test.joins {
				l.Group = g
				observe(t, s, l)
			}
			other := actionOf(group("came back elsewhere"), "e", "m", test.event, test.intent)
			if got := cameBack(t, s, c.Actions()[0], other); got[0] != test.want || got[1] {
				t.Errorf("%s, queued %t: %v, want %t, and nobody in another group", test.name, queued, got, test.want)
			}
		}
	}
}

// testCameBackBatch asks about members of several groups, some of them twice.
func testCameBackBatch(t *testing.T, s store.Store) {
	at := recent()
	var of []chat.Action
	var want []bool
	for n := range 300 {
		g, m := group(chat.GroupID(fmt.Sprint("many ", n%7))), chat.MemberID(fmt.Sprintf("m%d\x00'", n))
		back := n%3 == 0
		if back {
			observe(t, s, exactJoin(g, "j", m, at.Add(10*time.Second)))
		}
		of = append(of, actionOf(g, "e1", m, at), actionOf(g, "e2", m, at.Add(10*time.Second)))
		want = append(want, back, false)
	}
	of, want = append(of, of[0]), append(want, want[0])
	if got := cameBack(t, s, of...); !slices.Equal(got, want) {
		t.Errorf("%v came back, want %v", got, want)
	}
	if got := cameBack(t, s); len(got) != 0 {
		t.Errorf("of nobody %v came back", got)
	}
}

// testCameBackQueued has what is pending asked about: it stays in the queue, whoever joins.
func testCameBackQueued(t *testing.T, s store.Store) {
	at, g := recent(), group("came back, queued")
	commit(t, s, caseOf(g, "e", "m", at))
	item := claimOne(t, s, g)
	observe(t, s, exactJoin(g, "j", "m", at.Add(20*time.Second)))
	if got := cameBack(t, s, item.Action); !got[0] {
		t.Error("a claimed action: the member has not come back, although he has")
	}
	commit(t, s, caseOf(g, "e2", "m", at.Add(30*time.Second)))
	second := claimOne(t, s, g)
	if got := cameBack(t, s, second.Action, item.Action); got[0] || !got[1] {
		t.Errorf("what the member did since, and before: %v, want the latter", got)
	}
	settle(t, s, actions.Void, item)
	if got := commit(t, s, caseOf(g, "e3", "m", at.Add(31*time.Second)))[0]; got.Queued != 0 {
		t.Errorf("the end of what was settled lifted a later action's mark: %+v", got)
	}
	settle(t, s, actions.Done, second)
}

// testCameBackAhead has a join with a time that cannot be. It excuses nobody from what he does until then.
func testCameBackAhead(t *testing.T, s store.Store) {
	at := recent()
	for i, ahead := range []time.Duration{time.Minute, 365 * 24 * time.Hour} {
		g := group(chat.GroupID(fmt.Sprint("ahead ", i)))
		commit(t, s, caseOf(g, "e1", "m", at))
		observe(t, s, exactJoin(g, "j", "m", time.Now().Add(ahead)))
		now := time.Now()
		got := cameBack(t, s, actionOf(g, "e1", "m", at), actionOf(g, "e2", "m", now), actionOf(g, "e3", "m", now.Add(ahead/2)))
		if !got[0] || got[1] || got[2] {
			t.Errorf("a join %v ahead: %v, want only what was before now settled", ahead, got)
		}
		observe(t, s, exactJoin(g, "k", "m2", now.Add(ahead)))
		if got := commit(t, s, caseOf(g, "e4", "m2", time.Now()))[0]; got.Queued != 1 {
			t.Errorf("an offence after a join %v ahead: %+v, want it queued", ahead, got)
		}
	}
}

func testCameBackRestart(t *testing.T, again Open) {
	at, g := recent(), group("came back, restart")
	s := mustOpen(t, again, store.Options{})
	c := caseOf(g, "e", "m", at)
	commit(t, s, c)
	claimOne(t, s, g)
	observe(t, s, exactJoin(g, "j", "m", at.Add(20*time.Second)))
	mustClose(t, s)
	s = mustOpen(t, again, store.Options{})
	defer mustClose(t, s)
	if got := cameBack(t, s, c.Actions()...); !got[0] {
		t.Error("after a restart nobody knows that the member came back")
	}
}
