package actions

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// wholeGroup is an action on a group and none of its members.
func wholeGroup(kind chat.IntentKind) *held {
	h := action("", string(kind), "", 1)
	h.Intent.Kind = kind
	return h
}

func TestWhatGoesNextInAGroup(t *testing.T) {
	now := time.Now()
	kick := func(m string) *held { return action(m, "kick", "", 3) }
	lock, unlock, dissolve := wholeGroup(chat.Lockdown), wholeGroup(chat.Unlock), wholeGroup(chat.Dissolve)
	failed := wholeGroup(chat.Lockdown)
	failed.due = now.Add(time.Minute)
	for _, tt := range []struct {
		name    string
		waiting []*held
		busy    []subject
		calls   []string // in turn, each landing before the next
	}{
		{"a lockdown goes before the removals that came before it", []*held{kick("a"), kick("b"), lock}, nil,
			[]string{"[/lockdown]", "[a/kick b/kick]"}},
		{"a lockdown goes beside a removal in flight", []*held{lock}, []subject{{member: "a"}}, []string{"[/lockdown]"}},
		{"a removal goes beside a lockdown in flight", []*held{kick("a")}, []subject{{settings: true}}, []string{"[a/kick]"}},
		{"the end of a lockdown comes after it", []*held{lock, kick("a"), unlock}, nil, []string{"[/lockdown]", "[/unlock]", "[a/kick]"}},
		{"a lockdown comes after the end of the one before", []*held{unlock, lock}, nil, []string{"[/unlock]", "[/lockdown]"}},
		{"the end of a lockdown waits for the lockdown in flight", []*held{unlock}, []subject{{settings: true}}, nil},
		{"the end of a lockdown waits for the lockdown that failed", []*held{failed, unlock}, nil, nil},
		{"removals do not wait for a lockdown that failed", []*held{failed, kick("a")}, nil, []string{"[a/kick]"}},
		{"a group is dissolved after its removals and before later ones", []*held{kick("a"), dissolve, kick("b")}, nil,
			[]string{"[a/kick]", "[/dissolve]", "[b/kick]"}},
		{"a group is dissolved after a lockdown", []*held{dissolve, lock}, nil, []string{"[/lockdown]", "[/dissolve]"}},
		{"a group is not dissolved while a lockdown is in flight", []*held{dissolve}, []subject{{settings: true}}, nil},
		{"nothing goes while a group is dissolved", []*held{lock, kick("a")}, []subject{{}}, nil},
		{"a lockdown that failed does not keep a group from being dissolved", []*held{failed, dissolve}, nil, []string{"[/dissolve]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newBacklog().of(chat.Group{ID: "g"})
			for _, h := range tt.waiting {
				g.add(h)
			}
			for _, s := range tt.busy {
				g.busy[s] = true
			}
			var calls []string
			for {
				lead, at := g.lead(now)
				batch := g.next(now)
				if (lead != nil && !at.After(now)) != (len(batch) > 0) || len(batch) > 0 && lead != batch[0] {
					t.Errorf("leader is %v, the batch %v", lead, show(batch))
				}
				if len(batch) == 0 {
					break
				}
				calls = append(calls, fmt.Sprint(show(batch)))
			}
			if !slices.Equal(calls, tt.calls) {
				t.Errorf("calls %v, want %v", calls, tt.calls)
			}
		})
	}
}

func TestALockdownThatFailedIsTriedAgainBeforeItsEnd(t *testing.T) {
	b, now := newBacklog(), time.Now()
	g := b.of(chat.Group{ID: "g"})
	lock, unlock := wholeGroup(chat.Lockdown), wholeGroup(chat.Unlock)
	g.add(lock)
	g.add(unlock)
	first := b.take(g, now)
	b.landed(g, first, first, time.Time{})
	if got := b.take(g, now); len(got) != 1 || got[0] != lock {
		t.Errorf("%v goes, want the lockdown again", show(got))
	}
}

// drawnActions returns actions of one group, and those of each subject in their order.
func drawnActions(t *rapid.T) (all []*held, order map[subject][]*held) {
	limits := map[string]int{"kick": 100, "mute": 7, "ban": 2, "recall": 10}
	order = map[subject][]*held{}
	for i := range rapid.IntRange(0, 60).Draw(t, "actions") {
		m := fmt.Sprint("m", rapid.IntRange(0, 12).Draw(t, "member"))
		api := rapid.SampledFrom([]string{"kick", "mute", "ban", "recall"}).Draw(t, "api")
		h := action(m, api, rapid.SampledFrom([]string{"", "r"}).Draw(t, "merge"), limits[api])
		if rapid.IntRange(0, 9).Draw(t, "group") == 0 {
			h = wholeGroup(rapid.SampledFrom([]chat.IntentKind{chat.Dissolve, chat.Lockdown, chat.Unlock}).Draw(t, "kind"))
		}
		h.route.PerMessage = api == "recall"
		h.ID = chat.ActionID(fmt.Sprint(i))
		all = append(all, h)
		order[h.about()] = append(order[h.about()], h)
	}
	return all, order
}

// number returns where an action stands among those drawn.
func number(h *held) int {
	n, _ := strconv.Atoi(string(h.ID))
	return n
}

// checkCall fails the test when a batch is no call, or is out of order.
func checkCall(t *rapid.T, batch []*held, busy map[subject]bool, order map[subject][]*held) {
	if len(batch) > batch[0].route.Max {
		t.Fatalf("%d members in a call of %d", len(batch), batch[0].route.Max)
	}
	if busy[subject{}] || batch[0].about() == (subject{}) && len(busy) > 0 {
		t.Fatalf("%v goes beside what is in flight: %v", show(batch), busy)
	}
	taken := map[subject]bool{}
	for _, h := range batch {
		s := h.about()
		for other, left := range order {
			// Members and their group as a whole wait for each other; the settings are apart.
			apart := s.settings || other.settings || (s == subject{}) == (other == subject{})
			if !apart && len(left) > 0 && number(left[0]) < number(h) {
				t.Fatalf("%+v is acted on before %+v", s, other)
			}
		}
		if taken[s] && !h.route.PerMessage {
			t.Fatalf("%+v stands twice in a call of members", s)
		}
		if h.route.API != batch[0].route.API || h.route.Merge != batch[0].route.Merge {
			t.Fatalf("%v share a call", show(batch))
		}
		if busy[s] || order[s][0] != h {
			t.Fatalf("%+v is acted on out of order", s)
		}
		order[s] = order[s][1:]
		taken[s] = true
	}
}

// TestEveryActionGoesOnceAndInOrder plans random queues to their end, with batches landing late.
func TestEveryActionGoesOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, order := drawnActions(t)
		b := newBacklog()
		g := b.of(chat.Group{ID: "g"})
		for _, h := range all {
			g.add(h)
		}
		seen, now := 0, time.Now()
		var flying [][]*held
		for seen < len(all) || len(flying) > 0 {
			lead, _ := g.lead(now)
			if lead == nil && len(flying) == 0 {
				t.Fatalf("nothing goes and nothing flies, %d wait", g.size())
			}
			if lead != nil && (len(flying) == 0 || rapid.Bool().Draw(t, "send")) {
				busy := map[subject]bool{}
				for s := range g.busy {
					busy[s] = true
				}
				batch := b.take(g, now)
				checkCall(t, batch, busy, order)
				seen += len(batch)
				flying = append(flying, batch)
				continue
			}
			b.landed(g, flying[0], nil, time.Time{})
			flying = flying[1:]
		}
	})
}
