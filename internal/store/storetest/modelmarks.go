package storetest

import (
	"fmt"
	"maps"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"pgregory.net/rapid"
)

// standing is a mark in the model, where marks never get old.
type standing struct {
	action chat.Action
	done   time.Time // zero while it is pending
}

func mark(a chat.Action) string {
	key, _ := a.Dedupe()
	return fmt.Sprintf("%q %q", a.Group, key)
}

// heldMark is where the mark of an action is while it is held: in the way of its own rule only.
func heldMark(a chat.Action) string { return fmt.Sprintf("%s held %q", mark(a), a.Intent.Rule) }

func place(g chat.Group, m chat.MemberID) string { return fmt.Sprintf("%q %q", g, m) }

// queue puts an action and its mark.
func (m *model) queue(a chat.Action) {
	m.marks[mark(a)] = standing{action: a}
	part := partOf(m.s, a.Group)
	m.waiting[part] = append(m.waiting[part], &entry{action: a})
	if m.decided[a.ID] == nil {
		m.decided[a.ID] = &decided{action: a}
		m.queued = append(m.queued, a)
	}
}

// unmark lifts an action's marks, if they are this one's.
func (m *model) unmark(a chat.Action) {
	for _, key := range []string{mark(a), heldMark(a)} {
		if m.marks[key].action.ID == a.ID {
			delete(m.marks, key)
		}
	}
}

// inTheWay returns the action whose mark keeps another one out, the latest one if there are two, or
// nil.
func (m *model) inTheWay(a chat.Action) *chat.Action {
	var latest *chat.Action
	for _, key := range []string{mark(a), heldMark(a)} {
		by, ok := m.marks[key]
		back := a.Member != "" && !by.done.IsZero() && a.EventAt.After(by.done.Add(store.ReturnRoom))
		if ok && !back && (latest == nil || by.action.EventAt.After(latest.EventAt)) {
			latest = &by.action
		}
	}
	return latest
}

// endMark ends the mark of an action that ended, if it is still this action's.
func (m *model) endMark(a chat.Action, state actions.State, at time.Time) {
	if m.marks[mark(a)].action.ID != a.ID {
		return
	}
	switch state {
	case actions.Held:
		delete(m.marks, mark(a))
		m.marks[heldMark(a)] = standing{action: a}
		return
	case actions.Dead, actions.DryRun, actions.Void:
		delete(m.marks, mark(a))
		return
	}
	m.marks[mark(a)] = standing{action: a, done: at}
}

// settled tells whether an action is about what its member did before the join that lifted marks, or
// well before one whose time is exact.
func (m *model) settled(a chat.Action) bool {
	return a.Member != "" && a.EventAt.Before(m.lifted[place(a.Group, a.Member)]) || m.cameBack(a)
}

// cameBack tells whether an action is about what its member did well before a join whose time is exact.
func (m *model) cameBack(a chat.Action) bool {
	return a.Member != "" && a.EventAt.Before(m.came[place(a.Group, a.Member)].Add(-store.ReturnRoom))
}

// checkBack compares who came back since what was ever queued.
func (m *model) checkBack(rt *rapid.T) {
	back, err := m.s.CameBack(m.t.Context(), m.queued)
	if err != nil || len(back) != len(m.queued) {
		rt.Fatalf("asking who came back: %d answers on %d actions, %v", len(back), len(m.queued), err)
	}
	for i, a := range m.queued {
		if back[i] != m.cameBack(a) {
			rt.Fatalf("member %q of %q came back since %v: %t, want %t", a.Member, a.Group.ID, a.EventAt, back[i], m.cameBack(a))
		}
	}
}

// owed tells whether an action that was dropped is to be queued after all.
func (m *model) owed(a chat.Action) bool {
	by, joined := m.dropped[a.ID], m.lifted[place(a.Group, a.Member)]
	return by != nil && m.inTheWay(a) == nil && by.EventAt.Before(joined) && !joined.After(a.EventAt)
}

func (m *model) join(rt *rapid.T, g chat.Group) {
	member := rapid.SampledFrom([]chat.MemberID{"a", "b", "}{"}).Draw(rt, "member")
	at := m.late(rt)
	look := joinOf(g, "join", member, at, 0)
	look.Exact = rapid.Bool().Draw(rt, "exact")
	if rapid.IntRange(0, 7).Draw(rt, "border") == 0 { // what it settles is of these moments
		at = at.Add(store.ReturnRoom)
		look.At = at
	}
	if _, err := m.s.Observe(m.t.Context(), []chat.Look{look}); err != nil {
		rt.Fatalf("observing a join: %v", err)
	}
	if came := m.came[place(g, member)]; look.Exact && at.After(came) {
		m.came[place(g, member)] = at
	}
	before, last := len(m.marks), m.lifted[place(g, member)]
	maps.DeleteFunc(m.marks, func(_ string, by standing) bool {
		return by.action.Group == g && by.action.Member == member && by.action.EventAt.Before(at)
	})
	if (len(m.marks) < before || !last.IsZero()) && at.After(last) {
		m.lifted[place(g, member)] = at
	}
}
