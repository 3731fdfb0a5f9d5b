package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"pgregory.net/rapid"
)

// decided is an action that was queued at least once.
type decided struct {
	action chat.Action
	last   string // the state of its last answer; empty while it has none
}

func actionsOf(on []*entry) []chat.Action {
	out := make([]chat.Action, len(on))
	for i, e := range on {
		out[i] = e.action
	}
	return out
}

// some draws letters of a shelf, in any order.
func (m *model) some(rt *rapid.T) (actions.Shelf, []*entry) {
	shelf := rapid.SampledFrom([]actions.Shelf{actions.DeadShelf, actions.HeldShelf}).Draw(rt, "shelf")
	on := m.shelves[shelf]
	if len(on) == 0 {
		rt.Skip("the shelf is empty")
	}
	return shelf, rapid.Permutation(on).Draw(rt, "letters")[:rapid.IntRange(1, len(on)).Draw(rt, "number")]
}

// off returns the actions of some letters, with one that is not on the shelf, and takes the letters
// off it in the model.
func (m *model) off(shelf actions.Shelf, of []*entry) []chat.Action {
	m.shelves[shelf] = slices.DeleteFunc(slices.Clone(m.shelves[shelf]), func(e *entry) bool { return slices.Contains(of, e) })
	absent := caseOf(group("absent"), "absent", "m", m.begin)
	return append(actionsOf(of), absent.Actions()...)
}

func (m *model) requeue(rt *rapid.T) {
	shelf, of := m.some(rt)
	var released time.Time
	if rapid.Bool().Draw(rt, "released") {
		released = m.now()
	}
	want := 0
	for _, e := range of {
		a := e.action
		if !released.IsZero() {
			a.Released = released
		}
		unmarked := false
		if shelf == actions.HeldShelf {
			unmarked = a.Member != "" && m.marks[heldMark(a)].action.ID != a.ID
			m.unmark(a)
		}
		if unmarked || m.settled(a) || m.inTheWay(a) != nil {
			m.decided[a.ID].last = "deduplicated"
			continue
		}
		m.queue(a)
		m.decided[a.ID].last = map[actions.Shelf]string{actions.DeadShelf: "requeued", actions.HeldShelf: "released"}[shelf]
		want++
	}
	if n, err := m.s.Requeue(m.t.Context(), shelf, m.off(shelf, of), released); err != nil || n != want {
		rt.Fatalf("%d of %d letters of shelf %s were queued, %v, want %d", n, len(of), shelf, err, want)
	}
}

func (m *model) discard(rt *rapid.T) {
	shelf, of := m.some(rt)
	for _, e := range of {
		m.unmark(e.action)
		m.decided[e.action.ID].last = "dropped"
	}
	if n, err := m.s.Discard(m.t.Context(), shelf, m.off(shelf, of)); err != nil || n != len(of) {
		rt.Fatalf("%d letters of shelf %s were dropped, %v, want %d", n, shelf, err, len(of))
	}
}

func (m *model) forget(rt *rapid.T) {
	if len(m.queued) == 0 {
		rt.Skip("nothing was decided")
	}
	a := rapid.SampledFrom(m.queued).Draw(rt, "forgotten")
	m.unmark(a)
	if err := m.s.Forget(m.t.Context(), []chat.Action{a}); err != nil {
		rt.Fatalf("forgetting: %v", err)
	}
}

// account compares what became of every decided action, after the queue was drained: each is at
// exactly one place, by the audit and by the shelves.
func (m *model) account(rt *rapid.T) {
	on := map[chat.ActionID]actions.Shelf{}
	for shelf, want := range m.shelves {
		of := func(l *actions.Letter) bool { return m.decided[l.Action.ID] != nil }
		got, err := m.s.Letters(m.t.Context(), shelf, of, len(want)+1)
		if err != nil || len(got) != len(want) {
			rt.Fatalf("%d letters on shelf %s, %v, want %d", len(got), shelf, err, len(want))
		}
		for _, l := range got {
			i := slices.IndexFunc(want, func(e *entry) bool { return e.action.ID == l.Action.ID })
			if on[l.Action.ID] != "" || i < 0 || l.Attempts != want[i].attempts {
				rt.Fatalf("letter %+v on shelf %s, want each of %v once", l, shelf, actionIDs(actionsOf(want)))
			}
			if err := sameAction(l.Action, want[i].action); err != nil {
				rt.Fatalf("a letter on shelf %s: %v", shelf, err)
			}
			on[l.Action.ID] = shelf
		}
	}
	for id, d := range m.decided {
		if err := m.ended(d, on[id]); err != nil {
			rt.Fatalf("action %s: %v", id, err)
		}
	}
}

// ended compares what an action's case says of it with where it was found.
func (m *model) ended(d *decided, shelf actions.Shelf) error {
	rec, ok, err := m.s.Record(m.t.Context(), d.action.Case)
	if err != nil || !ok {
		return fmt.Errorf("its case: %v, %w", ok, err)
	}
	last := ""
	for _, a := range rec.Answers {
		if a.Action == d.action.ID {
			last = a.State
		}
	}
	lies := last == "dead" || last == "held"
	over := slices.Contains([]string{"done", "spared", "dry_run", "undone", "dropped", "deduplicated"}, last)
	if full := len(rec.Answers) == store.MaxAnswers; last != d.last && !full || !lies && !over && !full || lies != (shelf != "") {
		return fmt.Errorf("%w: it ended as %q and lies on shelf %q, want %q", errNotSame, last, shelf, d.last)
	}
	return nil
}
