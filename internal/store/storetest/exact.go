package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// exactJoin is a join whose time is known.
func exactJoin(g chat.Group, ev chat.EventID, m chat.MemberID, at time.Time) chat.Look {
	l := joinOf(g, ev, m, at, 0)
	l.Exact = true
	return l
}

// testExactJoins is about a member of whom nothing was decided before a join, because the offence before
// it waits elsewhere to be judged.
func testExactJoins(t *testing.T, s Observer) {
	at := recent()
	join := at.Add(20 * time.Second)
	inexact, asked := joinOf(group(""), "j", "m", join, 0), exactJoin(group(""), "j", "m", join)
	asked.Peek = true
	mute := chat.Intent{Kind: chat.Mute, Rule: "r2"}
	lockdown := chat.Intent{Kind: chat.Lockdown, Rule: "r3"}
	early := join.Add(-store.ReturnRoom)
	for i, test := range []struct {
		name   string
		joins  []chat.Look
		member chat.MemberID
		event  time.Time
		intent chat.Intent
		want   int
	}{
		{"no join", nil, "m", at, removal, 1},
		{"well before the join", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", at, removal, 0},
		{"a mute from well before", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", at, mute, 0},
		{"the group as a whole", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", at, lockdown, 1},
		{"just before the room", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", early.Add(-time.Microsecond), removal, 0},
		{"at the room", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", early, removal, 1},
		{"a second before the join", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", join.Add(-time.Second), removal, 1},
		{"the join itself", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", join, removal, 1},
		{"after the join", []chat.Look{exactJoin(group(""), "j", "m", join)}, "m", join.Add(time.Second), removal, 1},
		{"a join that is not exact", []chat.Look{inexact}, "m", at, removal, 1},
		{"a join that is only asked for", []chat.Look{asked}, "m", at, removal, 1},
		{"somebody else's join", []chat.Look{exactJoin(group(""), "j", "m2", join)}, "m", at, removal, 1},
		{"no member", []chat.Look{exactJoin(group(""), "j", "", join)}, "", at, removal, 1},
		{"a join told twice", []chat.Look{exactJoin(group(""), "j", "m", join), exactJoin(group(""), "j", "m", join)}, "m", at, removal, 0},
		{"before the later of two", []chat.Look{exactJoin(group(""), "j", "m", at), exactJoin(group(""), "k", "m", join)}, "m", at.Add(time.Second), removal, 0},
		{"before the later of two, told first", []chat.Look{exactJoin(group(""), "k", "m", join), exactJoin(group(""), "j", "m", at)}, "m", at.Add(time.Second), removal, 0},
		{"an exact one and one that is not", []chat.Look{exactJoin(group(""), "j", "m", at), inexact}, "m", at.Add(time.Second), removal, 1},
	} {
		g := group(chat.GroupID(fmt.Sprint("exact ", i)))
		for _, l := range test.joins {
			l.Group = g
			observe(t, s, l)
		}
		late(t, s, test.name, caseOf(g, "e", test.member, test.event, test.intent), test.want)
	}
	g := group("exact again")
	observe(t, s, exactJoin(g, "j", "m", join))
	first := caseOf(g, "e1", "m", at)
	late(t, s, "from before the join", first, 0)
	repeat(t, s, "once more", first, 0)
	late(t, s, "a new offence", caseOf(g, "e2", "m", join.Add(time.Second)), 1)
	observe(t, s, exactJoin(g, "k", "m", join.Add(2*time.Second)))
	repeat(t, s, "after a join that lifts", first, 0)
}

// testExactReturns has a join that lifts nothing come between what is owed and what is not.
func testExactReturns(t *testing.T, s store.Store) {
	at := recent()
	g := group("exact, mark gone")
	second := dropped(t, s, g, at, "")
	settle(t, s, actions.Dead, claimOne(t, s, g))
	observe(t, s, exactJoin(g, "j", "m", at.Add(2*time.Second)))
	repeat(t, s, "a join that lifted nothing makes nothing owed", second, 0)

	g = group("exact, owed")
	second = dropped(t, s, g, at, actions.Done)
	observe(t, s, exactJoin(g, "j", "m", at.Add(2*time.Second)))
	repeat(t, s, "a join that lifted the mark", second, 1)
	settle(t, s, actions.Done, claimOne(t, s, g))

	g = group("exact, on a shelf")
	first := caseOf(g, "e1", "m", at)
	commit(t, s, first)
	settle(t, s, actions.Dead, claimOne(t, s, g))
	observe(t, s, exactJoin(g, "j", "m", at.Add(20*time.Second)))
	if n, err := s.Requeue(t.Context(), actions.DeadShelf, first.Actions(), time.Time{}); n != 0 || err != nil {
		t.Errorf("released %d letters of before the join, %v, want none", n, err)
	}
}
