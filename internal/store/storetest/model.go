package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"pgregory.net/rapid"
)

// model is what the queue must hold, in the simplest form. Leases never run out in it.
type model struct {
	t       *testing.T
	s       store.Store
	begin   time.Time
	clock   int // steps, for event times
	cases   map[chat.CaseID]climb
	ladders map[string]*ladder // by group and member
	marks   map[string]standing
	lifted  map[string]time.Time           // by group and member: the latest join, where one lifted a mark
	came    map[string]time.Time           // by group and member: the latest join whose time is exact
	dropped map[chat.ActionID]*chat.Action // what stood in the way of an action that was not queued
	waiting map[int][]*entry               // by partition, in commit order
	shelves map[actions.Shelf][]*entry     // letters, oldest first
	decided map[chat.ActionID]*decided     // all that was ever queued
	order   []chat.CaseID                  // all cases, in commit order
	queued  []chat.Action                  // all that was ever queued, in that order
}

type entry struct {
	action            chat.Action
	claimed           *actions.Item
	attempts, deliver int
}

// testModel plays commits, claims, settlements and joins at random against the model.
func testModel(t *testing.T, fresh func(t *testing.T) Open) {
	place, round := fresh(t), 0
	s := mustOpen(t, place, store.Options{Partitions: 3, Lease: time.Minute})
	defer mustClose(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		round++
		m := &model{
			t: t, s: s, begin: recent(),
			cases: map[chat.CaseID]climb{}, ladders: map[string]*ladder{}, marks: map[string]standing{}, waiting: map[int][]*entry{},
			lifted: map[string]time.Time{}, came: map[string]time.Time{}, dropped: map[chat.ActionID]*chat.Action{},
			shelves: map[actions.Shelf][]*entry{}, decided: map[chat.ActionID]*decided{},
		}
		groups := make([]chat.Group, 3)
		for i := range groups {
			groups[i] = groupIn(s, i, round)
		}
		defer m.clear() // whatever happened, so that the next round finds an empty queue
		rt.Repeat(map[string]func(*rapid.T){
			"commit":  func(rt *rapid.T) { m.commit(rt, rapid.SampledFrom(groups).Draw(rt, "group")) },
			"repeat":  func(rt *rapid.T) { m.repeat(rt) },
			"join":    func(rt *rapid.T) { m.join(rt, rapid.SampledFrom(groups).Draw(rt, "group")) },
			"claim":   func(rt *rapid.T) { m.claim(rt) },
			"settle":  func(rt *rapid.T) { m.settle(rt) },
			"requeue": func(rt *rapid.T) { m.requeue(rt) },
			"discard": func(rt *rapid.T) { m.discard(rt) },
			"forget":  func(rt *rapid.T) { m.forget(rt) },
			"": func(rt *rapid.T) {
				m.check(rt)
				m.checkBack(rt)
			},
		})
		m.drain(rt)
		m.account(rt)
	})
}

// groupIn returns a new group of a partition: a round can be played again with other groups.
func groupIn(s store.Store, part, round int) chat.Group {
	for n := 0; ; n++ {
		if g := group(chat.GroupID(fmt.Sprintf("round %d group %d %d", round, part, n))); partOf(s, g) == part {
			return g
		}
	}
}

func (m *model) now() time.Time {
	m.clock++
	return m.begin.Add(time.Duration(m.clock) * time.Millisecond)
}

// late is a moment, or one shortly before.
func (m *model) late(rt *rapid.T) time.Time {
	return m.now().Add(-time.Duration(rapid.IntRange(0, 5).Draw(rt, "late")) * time.Millisecond)
}

func (m *model) commit(rt *rapid.T, g chat.Group) {
	var cases []chat.Case
	for range rapid.IntRange(1, 3).Draw(rt, "cases") {
		member := rapid.SampledFrom([]chat.MemberID{"a", "b", "}{"}).Draw(rt, "member")
		var intents []chat.Intent
		for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]chat.IntentKind{chat.Remove, chat.Mute, chat.Lockdown, chat.Alert}), 1, 3).Draw(rt, "kinds") {
			rung := rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(rt, "rung")
			intents = append(intents, chat.Intent{Kind: kind, Rule: chat.RuleID(fmt.Sprint("r", len(intents))), AtStrikes: rung})
		}
		at := m.late(rt)
		c := caseOf(g, chat.EventID(fmt.Sprint("e", m.clock)), member, at, intents...)
		if rapid.Bool().Draw(rt, "strike") {
			c.Strike = &chat.Strike{Rule: "r0", Points: 1, Fade: 1, Every: time.Hour}
		}
		cases = append(cases, c)
	}
	got, err := m.s.Commit(m.t.Context(), cases)
	if err != nil {
		rt.Fatalf("committing: %v", err)
	}
	for i, c := range cases {
		strikes := m.climb(c)
		var dropped []chat.Action
		queued := 0
		for _, a := range acting(c, strikes) {
			if by := m.inTheWay(a); by != nil || m.settled(a) {
				dropped = append(dropped, a)
				if by != nil && !m.settled(a) {
					m.dropped[a.ID] = by
				}
				continue
			}
			m.queue(a)
			queued++
		}
		same := slices.Equal(actionIDs(got[i].Deduplicated), actionIDs(dropped))
		if got[i].Known || got[i].Strikes != strikes || got[i].Queued != queued || !same {
			rt.Fatalf("case %d: %+v, want %d strikes, %d queued and %v deduplicated", i, got[i], strikes, queued, actionIDs(dropped))
		}
	}
}

func (m *model) repeat(rt *rapid.T) {
	if len(m.cases) == 0 {
		rt.Skip("nothing to repeat")
	}
	id := rapid.SampledFrom(m.order).Draw(rt, "case")
	c, queued := m.cases[id], 0
	for _, a := range c.c.Actions() {
		if m.owed(a) {
			m.queue(a)
			delete(m.dropped, a.ID)
			queued++
		}
	}
	got, err := m.s.Commit(m.t.Context(), []chat.Case{c.c})
	if err != nil || !got[0].Known || got[0].Strikes != c.strikes || got[0].Queued != queued || len(got[0].Deduplicated) != 0 {
		rt.Fatalf("a repeated case: %+v, %v, want known and %d queued", got, err, queued)
	}
}

func (m *model) claim(rt *rapid.T) {
	part := rapid.IntRange(0, m.s.Parts()-1).Draw(rt, "part")
	most := rapid.IntRange(1, 4).Draw(rt, "max")
	var want []*entry
	for _, e := range m.waiting[part] {
		if e.claimed == nil && len(want) < most {
			want = append(want, e)
		}
	}
	ctx := m.t.Context()
	if len(want) == 0 {
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if items, _ := m.s.Claim(short, part, most); len(items) != 0 {
			rt.Fatalf("claimed %v, want nothing", members(items))
		}
		return
	}
	items, err := m.s.Claim(ctx, part, most)
	if err != nil {
		rt.Fatalf("claiming: %v", err)
	}
	// A store may give fewer at a time, never others or in another order.
	if len(items) == 0 || len(items) > len(want) {
		rt.Fatalf("claimed %d entries, want 1 to %d", len(items), len(want))
	}
	for i, it := range items {
		e := want[i]
		e.deliver++
		e.claimed = &it
		if err := sameAction(it.Action, e.action); err != nil || it.Attempts != e.attempts || it.Deliveries != e.deliver {
			rt.Fatalf("claimed %+v, want attempt %d, delivery %d of %+v: %v", it, e.attempts, e.deliver, e.action, err)
		}
	}
}

func (m *model) settle(rt *rapid.T) {
	var held []*entry
	for part := range m.s.Parts() {
		for _, e := range m.waiting[part] {
			if e.claimed != nil {
				held = append(held, e)
			}
		}
	}
	if len(held) == 0 {
		rt.Skip("nothing is claimed")
	}
	e := rapid.SampledFrom(held).Draw(rt, "held")
	states := []actions.State{
		actions.Done, actions.Spared, actions.DryRun, actions.Dead, actions.Held, actions.Held, actions.Void, actions.Retry, actions.Free,
	}
	m.apply(rt, e, rapid.SampledFrom(states).Draw(rt, "state"))
}

func (m *model) apply(rt *rapid.T, e *entry, state actions.State) {
	// By some of these times, actions of this moment are under way; later ones show a return.
	at := m.now().Add(time.Duration(rapid.IntRange(-5, 5).Draw(rt, "done")) * time.Millisecond).Add(-store.ReturnRoom)
	if err := m.s.Settle(m.t.Context(), []actions.Settlement{{Item: *e.claimed, State: state, At: at}}); err != nil {
		rt.Fatalf("settling: %v", err)
	}
	if state == actions.Free {
		e.claimed = nil
		return
	}
	m.decided[e.action.ID].last = string(state)
	switch state {
	case actions.Retry:
		e.attempts++
		return
	case actions.Dead, actions.Held:
		m.shelves[actions.Shelf(state)] = append(m.shelves[actions.Shelf(state)], e)
	}
	m.endMark(e.action, state, at)
	part := partOf(m.s, e.action.Group)
	m.waiting[part] = slices.DeleteFunc(m.waiting[part], func(x *entry) bool { return x == e })
}

// check compares what can be read at any time.
func (m *model) check(rt *rapid.T) {
	d, err := m.s.Depth(m.t.Context())
	if err != nil {
		rt.Fatalf("reading the depth: %v", err)
	}
	n := 0
	for _, entries := range m.waiting {
		n += len(entries)
	}
	dead, held := len(m.shelves[actions.DeadShelf]), len(m.shelves[actions.HeldShelf])
	if d.Entries != n || d.Oldest.IsZero() != (n == 0) || d.Dead != dead || d.Held != held {
		rt.Fatalf("depth %+v, want %d entries, %d dead, %d held", d, n, dead, held)
	}
}
