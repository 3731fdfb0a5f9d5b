package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// What the properties are tested with: small, so that limits are met often.
const (
	propLimit  = 3
	propAll    = 5
	propWithin = time.Minute
)

// gone is a removal that was let go for the first time.
type gone struct {
	at    time.Time
	group string
	who   string // the member, once in each slot of the window by the time of acceptance
}

// world is guards on one store and what they did.
type world struct {
	t       *rapid.T
	guards  []*bench
	since   map[string]time.Time // the last resumption of each group, "" for everywhere
	went    map[chat.ActionID]chat.Action
	pending []chat.Action // to be ruled on again
	log     []gone
}

// admit rules on a batch and notes what goes.
func (w *world) admit(b *bench, as []chat.Action) {
	rulings, err := b.Admit(context.Background(), as)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(rulings) != len(as) {
		w.t.Fatalf("%d rulings on %d actions", len(rulings), len(as))
	}
	held := map[string]bool{}
	for i, r := range rulings {
		a := as[i]
		if r.Stops() {
			if r.Code != "brake" && r.Code != "paused" {
				w.t.Fatalf("an action was stopped by %q", r.Code)
			}
			if r.Code == "brake" {
				held[string(a.Group.ID)] = true
			}
			continue
		}
		slot := a.Received.UnixMicro() / propWithin.Microseconds()
		g := gone{b.clock.now(), string(a.Group.ID), fmt.Sprint(a.Group.ID, " ", a.Member, " ", slot)}
		if _, before := w.went[a.ID]; !before {
			w.log = append(w.log, g)
		}
		w.went[a.ID] = a
	}
	for g := range held {
		if err := b.refresh(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		if !b.Paused("r", groupOf(g)) {
			w.t.Fatalf("past the brake in %s, and not paused", g)
		}
	}
}

// again rules once more on what went before, as when a process died: unless there is a pause or was
// one meanwhile, all of it goes again.
func (w *world) again(b *bench) {
	var as []chat.Action
	for _, a := range w.pending {
		if _, went := w.went[a.ID]; went && !w.pausedInStore(b, &a) && !w.resumedSince(&a) {
			as = append(as, a)
		}
	}
	rulings, err := b.Admit(context.Background(), as)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, r := range rulings {
		if r.Code == "brake" { // a pause that ended may not be read yet
			w.t.Fatalf("action %s went before, and is past the brake now", as[i].ID)
		}
	}
}

// pausedInStore tells whether a pause is stored that holds for an action, be it read or not.
func (w *world) pausedInStore(b *bench, a *chat.Action) bool {
	for _, g := range []*chat.Group{nil, &a.Group} {
		p := chat.Pause{Rule: a.Intent.Rule, Group: g}
		if m := b.store.memo(chat.MemoPause, p.Key()); m.Expires.After(b.clock.now()) {
			if err := json.Unmarshal(m.Body, &p); err != nil {
				w.t.Fatal(err)
			}
			if p.Covers(a.Intent.Rule, a.Group) {
				return true
			}
		}
	}
	return false
}

// resumedSince tells whether counting began anew after the action came: then it counts again.
func (w *world) resumedSince(a *chat.Action) bool {
	for _, at := range []string{"", string(a.Group.ID)} {
		if t, ok := w.since[at]; ok && !t.Before(a.Received) {
			return true
		}
	}
	return false
}

// check counts whom every window that ends at a removal holds: no group, and not all together, more
// than the limit since the pause was lifted.
func (w *world) check() {
	count := func(name, group string, limit int) {
		for _, end := range w.log {
			people := map[string]bool{}
			first := map[string]time.Time{}
			for _, g := range w.log {
				began := w.since[""]
				if s := w.since[group]; group != "" && s.After(began) {
					began = s
				}
				if group != "" && g.group != group || g.at.Before(began) {
					continue
				}
				if _, seen := first[g.who]; !seen {
					first[g.who] = g.at
				}
				if at := first[g.who]; at.After(end.at.Add(-propWithin)) && !at.After(end.at) {
					people[g.who] = true
				}
			}
			if len(people) > limit {
				w.t.Fatalf("%s: %d people within the window that ends at %v, %d are fine", name, len(people), end.at, limit)
			}
		}
	}
	count("g1", "g1", propLimit)
	count("g2", "g2", propLimit)
	count("all groups", "", propAll)
}

func TestNoWindowHoldsMoreThanTheLimit(t *testing.T) {
	rules := braked(fmt.Sprintf("{removals: %d, within: %s, everywhere: %d}", propLimit, propWithin, propAll))
	rapid.Check(t, func(rt *rapid.T) {
		first := build(t, rules)
		w := &world{
			t: rt, guards: []*bench{first, replica(t, rules, first.clock, first.store)},
			since: map[string]time.Time{}, went: map[chat.ActionID]chat.Action{},
		}
		made := 0
		guard := func(rt *rapid.T) *bench { return w.guards[rapid.IntRange(0, 1).Draw(rt, "guard")] }
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) { w.t = rt; w.check() },
			"claim": func(rt *rapid.T) {
				b := guard(rt)
				var as []chat.Action
				for range rapid.IntRange(1, 6).Draw(rt, "actions") {
					made++
					a := b.want(chat.Remove, rapid.SampledFrom([]string{"g1", "g2"}).Draw(rt, "group"), rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"}).Draw(rt, "member"))
					a.ID = chat.ActionID(fmt.Sprint(made))
					as = append(as, a)
				}
				w.pending = as
				w.admit(b, as)
			},
			"claim again":     func(rt *rapid.T) { w.admit(guard(rt), w.pending) },
			"what went again": func(rt *rapid.T) { w.again(guard(rt)) },
			"time": func(rt *rapid.T) {
				first.clock.pass(time.Duration(rapid.IntRange(1, 90).Draw(rt, "seconds")) * time.Second)
			},
			"read": func(rt *rapid.T) { guard(rt).read() },
			"pause": func(rt *rapid.T) {
				g := groupOf(rapid.SampledFrom([]string{"g1", "g2"}).Draw(rt, "group"))
				w.guards[0].pause("r", &g)
				w.guards[1].read()
			},
			"resume": func(rt *rapid.T) {
				at := rapid.SampledFrom([]string{"", "g1", "g2"}).Draw(rt, "group")
				var g *chat.Group
				if at != "" {
					of := groupOf(at)
					g = &of
				}
				key := (&chat.Pause{Rule: "r", Group: g}).Key()
				if b := w.guards[0]; first.store.memo(chat.MemoPause, key).Expires.After(first.clock.now()) {
					b.read()
					if p := b.last.Load().pauses[key]; !p.value.Ended.IsZero() {
						return
					}
					first.clock.pass(time.Millisecond)
					b.resume("r", g)
					w.since[at] = first.clock.now()
				}
			},
		})
	})
}
