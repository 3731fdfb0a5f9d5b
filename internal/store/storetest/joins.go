package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func joinOf(g chat.Group, ev chat.EventID, m chat.MemberID, at time.Time, keep time.Duration) chat.Look {
	return chat.Look{Event: ev, Group: g, Member: m, Kind: chat.Join, At: at, KeepJoin: keep}
}

func joinedAt(t *testing.T, s Observer, g chat.Group, m chat.MemberID) time.Time {
	t.Helper()
	return observe(t, s, chat.Look{Event: "ask", Group: g, Member: m, Kind: chat.Message, At: time.Now(), Joined: true})[0].JoinedAt
}

func testJoins(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	RunJoins(t, func(*testing.T) Observer { return s })
	t.Run("a join that is kept briefly", func(t *testing.T) { testBriefJoin(t, s) })
	t.Run("lifting", func(t *testing.T) { testLifting(t, s) })
	t.Run("exact joins and what is owed", func(t *testing.T) { testExactReturns(t, s) })
	t.Run("answers to late news", func(t *testing.T) {
		testLateAnswers(t, open(t, fresh, store.Options{}))
	})
}

func testJoinTimes(t *testing.T, s Observer) {
	g, at := group("joins"), recent()
	if got := joinedAt(t, s, g, "m"); !got.IsZero() {
		t.Errorf("a member never seen joined at %v, want zero", got)
	}
	observe(t, s, joinOf(g, "j1", "m", at, time.Hour))
	if got := joinedAt(t, s, g, "m"); !got.Equal(at) {
		t.Errorf("joined at %v, want %v", got, at)
	}
	observe(t, s, joinOf(g, "j2", "m", at.Add(time.Second), time.Hour), joinOf(g, "j0", "m", at.Add(-time.Second), time.Hour))
	if got := joinedAt(t, s, g, "m"); !got.Equal(at.Add(time.Second)) {
		t.Errorf("joined at %v, want the latest join %v", got, at.Add(time.Second))
	}
	for _, other := range []struct {
		g chat.Group
		m chat.MemberID
	}{{g, "M"}, {g, ""}, {g, "m\x00"}, {group("joins2"), "m"}, {group(""), "joinsm"}} {
		if got := joinedAt(t, s, other.g, other.m); !got.IsZero() {
			t.Errorf("member %q of group %q joined at %v, want zero", other.m, other.g.ID, got)
		}
	}
	peek := joinOf(g, "j3", "asked", at, time.Hour)
	peek.Peek = true
	observe(t, s, peek, joinOf(g, "j4", "unkept", at, 0))
	for _, m := range []chat.MemberID{"asked", "unkept"} {
		if got := joinedAt(t, s, g, m); !got.IsZero() {
			t.Errorf("%s joined at %v, want zero", m, got)
		}
	}
	facts := observe(t, s, joinOf(g, "j5", "both", at, time.Hour),
		chat.Look{Event: "x", Group: g, Member: "both", Kind: chat.Message, At: at, Joined: true})
	if !facts[1].JoinedAt.Equal(at) {
		t.Errorf("a look after the join in the same call: joined at %v, want %v", facts[1].JoinedAt, at)
	}
}

func testBriefJoin(t *testing.T, s Observer) {
	g := group("brief join")
	observe(t, s, joinOf(g, "j", "brief", time.Now(), 200*time.Millisecond))
	waitFor(t, "a join time to be let go", func() bool { return joinedAt(t, s, g, "brief").IsZero() })
}

func testLifting(t *testing.T, s store.Store) {
	at := recent()
	for _, test := range []struct {
		name  string
		group chat.GroupID
		settl actions.State // empty: the first action stays pending
		join  chat.Look
		want  bool // a second case is queued
	}{
		{"no join", "l0", "", chat.Look{Event: "x", Member: "m", Kind: chat.Message, At: at.Add(time.Second), Joined: true}, false},
		{"a later join, pending", "l1", "", chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at.Add(time.Second)}, true},
		{"a later join, done", "l2", actions.Done, chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at.Add(time.Second)}, true},
		{"a later join that is kept", "l3", actions.Done, chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at.Add(time.Second), KeepJoin: time.Hour}, true},
		{"a join at the same instant", "l4", "", chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at}, false},
		{"an earlier join", "l5", "", chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at.Add(-time.Second)}, false},
		{"somebody else's join", "l6", "", chat.Look{Event: "j", Member: "m2", Kind: chat.Join, At: at.Add(time.Second)}, false},
		{"an asked join", "l7", "", chat.Look{Event: "j", Member: "m", Kind: chat.Join, At: at.Add(time.Second), Peek: true}, false},
		{"a later message", "l8", actions.Done, chat.Look{Event: "j", Member: "m", Kind: chat.Message, At: at.Add(time.Second), Joined: true}, false},
		{"a later leave", "l9", actions.Done, chat.Look{Event: "j", Member: "m", Kind: chat.Leave, At: at.Add(time.Second), Joined: true}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := group(test.group)
			commit(t, s, caseOf(g, "e1", "m", at))
			if test.settl != "" {
				settle(t, s, test.settl, claimOne(t, s, g))
			}
			test.join.Group = g
			observe(t, s, test.join)
			if got := commit(t, s, caseOf(g, "e2", "m", at.Add(2*time.Second)))[0]; got.Queued == 1 != test.want {
				t.Errorf("after it %+v, want queued %v", got, test.want)
			}
		})
	}
	// A removal because of the join itself: the webhook of that join, come again, lifts nothing.
	g := group("own join")
	join := joinOf(g, "j", "m", at, time.Hour)
	observe(t, s, join)
	commit(t, s, caseOf(g, "j", "m", at))
	observe(t, s, join)
	if got := commit(t, s, caseOf(g, "e2", "m", at.Add(time.Second)))[0]; got.Queued != 0 {
		t.Errorf("a repeated join webhook lifted the mark of its own removal: %+v", got)
	}
	// A mark that a lifted action left behind must not be ended by that action's settlement.
	g = group("two pending")
	commit(t, s, caseOf(g, "e1", "m", at))
	first := claimOne(t, s, g)
	observe(t, s, joinOf(g, "j", "m", at.Add(time.Second), 0))
	commit(t, s, caseOf(g, "e2", "m", at.Add(2*time.Second)))
	settle(t, s, actions.Dead, first)
	if got := commit(t, s, caseOf(g, "e3", "m", at.Add(3*time.Second)))[0]; got.Queued != 0 {
		t.Errorf("the first action's end cleared the second action's mark: %+v", got)
	}
}
