package storetest

import (
	"context"
	"fmt"
	"maps"
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
	dropped map[chat.ActionID]*chat.Action // what stood in the way of an action that was not queued
	waiting map[int][]*entry               // by partition, in commit order
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
			lifted: map[string]time.Time{}, dropped: map[chat.ActionID]*chat.Action{},
		}
		groups := make([]chat.Group, 3)
		for i := range groups {
			groups[i] = group(chat.GroupID(fmt.Sprintf("round %d group %d", round, i)))
		}
		defer m.clear() // whatever happened, so that the next round finds an empty queue
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) { m.commit(rt, rapid.SampledFrom(groups).Draw(rt, "group")) },
			"repeat": func(rt *rapid.T) { m.repeat(rt) },
			"join":   func(rt *rapid.T) { m.join(rt, rapid.SampledFrom(groups).Draw(rt, "group")) },
			"claim":  func(rt *rapid.T) { m.claim(rt) },
			"settle": func(rt *rapid.T) { m.settle(rt) },
			"":       func(rt *rapid.T) { m.check(rt) },
		})
		m.drain(rt)
	})
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
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.cases))).Draw(rt, "case")
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
	states := []actions.State{actions.Done, actions.Spared, actions.DryRun, actions.Dead, actions.Retry, actions.Free}
	m.apply(rt, e, rapid.SampledFrom(states).Draw(rt, "state"))
}

func (m *model) apply(rt *rapid.T, e *entry, state actions.State) {
	// By some of these times, actions of this moment are under way; later ones show a return.
	at := m.now().Add(time.Duration(rapid.IntRange(-5, 5).Draw(rt, "done")) * time.Millisecond).Add(-store.ReturnRoom)
	if err := m.s.Settle(m.t.Context(), []actions.Settlement{{Item: *e.claimed, State: state, At: at}}); err != nil {
		rt.Fatalf("settling: %v", err)
	}
	switch state {
	case actions.Retry:
		e.attempts++
		return
	case actions.Free:
		e.claimed = nil
		return
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
	if d.Entries != n || d.Oldest.IsZero() != (n == 0) {
		rt.Fatalf("depth %+v, want %d entries", d, n)
	}
}

// drain ends the round: every queued action comes out exactly once.
func (m *model) drain(rt *rapid.T) {
	for part := range m.s.Parts() {
		for _, e := range slices.Clone(m.waiting[part]) {
			if e.claimed != nil {
				m.apply(rt, e, actions.Free)
			}
		}
		for len(m.waiting[part]) > 0 {
			items, err := m.s.Claim(m.t.Context(), part, 100)
			if err != nil || len(items) == 0 || items[0].ID != m.waiting[part][0].action.ID {
				rt.Fatalf("draining: claimed %v, %v, want %s first", members(items), err, m.waiting[part][0].action.ID)
			}
			for _, it := range items {
				e := m.waiting[part][0]
				e.claimed = &it
				m.apply(rt, e, actions.Done)
			}
		}
	}
}

// clear takes everything out of the queue, without judging.
func (m *model) clear() {
	ctx := m.t.Context()
	for part := range m.s.Parts() {
		for _, e := range m.waiting[part] {
			if e.claimed != nil {
				_ = m.s.Settle(ctx, []actions.Settlement{{Item: *e.claimed, State: actions.Done, At: m.begin}})
			}
		}
	}
	for part := range m.s.Parts() {
		for left := m.waiting[part]; len(left) > 0; {
			short, cancel := context.WithTimeout(ctx, time.Second/2)
			items, err := m.s.Claim(short, part, 100)
			cancel()
			if err != nil || len(items) == 0 {
				break
			}
			for _, it := range items {
				_ = m.s.Settle(ctx, []actions.Settlement{{Item: it, State: actions.Done, At: m.begin}})
			}
		}
	}
}
