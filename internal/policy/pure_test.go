package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

func asJSON(t interface{ Fatal(...any) }, d Decision) string {
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEqualRulesDecideEqually(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	file := drawnFile([]drawn{
		{"message", "text: {has_any: bad}", "text: {has_any: [打击赌博]}", "remove: {reason: '{match} {code}'}", "enforce", false},
		{"message", "link: {any: true}, count: {links: 2, within: 20s}", "link: {domain_in: [example.com]}", "mute: {for: 1m}", "enforce", true},
		{"message", "same_text: {groups: 2, within: 30s, per: everywhere, similar: 80%}", "", "remove: {who: burst, from: all_matching_groups}", "enforce", false},
		{"join", "count: {joins: 2, within: 10s}", "", "remove: {who: burst}", "shadow", false},
	})
	one, other := load(t, file), load(t, file)
	stores := []*memory{newMemory(), newMemory(), newMemory()}
	acted := 0
	for i := range 1000 {
		e := drawnEvent(i, r.IntN)
		e.At = e.At.Add(time.Duration(i) * time.Second)
		first := stores[0].judge(one, e)
		if first.Case != nil {
			acted++
		}
		for k, again := range []Decision{stores[1].judge(one, e), stores[2].judge(other, e)} {
			if a, b := asJSON(t, first), asJSON(t, again); a != b {
				t.Fatalf("event %d, the other %d:\n%s\n%s", i, k, a, b)
			}
		}
	}
	if acted < 100 || acted > 900 {
		t.Errorf("%d of 1000 events are acted on: the test says little", acted)
	}
}

func TestTheOrderOfEarlierEventsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, r := drawRules(t)
		events := drawEvents(t)
		if r == nil {
			return
		}
		last := len(events) - 1
		var first string
		for i := range 2 {
			m := newMemory()
			for _, e := range events[:last] {
				m.judge(r, e)
			}
			d := m.judge(r, events[last])
			slices.SortFunc(d.Parts, func(a, b chat.Case) int { return strings.Compare(string(a.ID), string(b.ID)) }) // a set
			if got := asJSON(t, d); i == 0 {
				first = got
			} else if got != first {
				t.Fatalf("in order\n%s\nin another\n%s", first, got)
			}
			slices.Reverse(events[:last])
		}
	})
}

func TestAnExceptionOnlyTakesAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, _ := drawRules(t)
		for i := range rules {
			rules[i].stop = false // an excused rule that stops lets later ones speak
		}
		r := loadDrawn(rules)
		k := rapid.IntRange(0, len(rules)-1).Draw(t, "which")
		rules[k].unless = rapid.SampledFrom(drawnConditions).Draw(t, "unless")
		events := drawEvents(t)
		milder := loadDrawn(rules)
		if r == nil || milder == nil {
			return
		}
		m, n := newMemory(), newMemory()
		for _, e := range events {
			all, fewer := wants(m.judge(r, e)), wants(n.judge(milder, e))
			for _, w := range fewer {
				if !slices.Contains(all, w) {
					t.Fatalf("with the exception %s of rule %d: %s, without it %s", rules[k].unless, k, fewer, all)
				}
			}
		}
	})
}

// wants returns the rules that match, and what is wanted of whom.
func wants(d Decision) []string {
	var out []string
	for _, m := range d.Matches {
		out = append(out, string(m.Rule))
	}
	if d.Case == nil {
		return out
	}
	for _, c := range append([]chat.Case{*d.Case}, d.Parts...) {
		for _, in := range c.Intents {
			out = append(out, fmt.Sprint(in.Kind, " ", c.Event.Group, c.Event.Member))
		}
	}
	return out
}

func TestStopHidesWhatComesLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, r := drawRules(t)
		stops := map[chat.RuleID]bool{}
		for i := range rules {
			stops[chat.RuleID(fmt.Sprintf("r%d", i))] = rules[i].stop && rules[i].mode == ModeEnforce
			rules[i].stop = false
		}
		on := loadDrawn(rules)
		events := drawEvents(t)
		if r == nil || on == nil {
			return
		}
		m, n := newMemory(), newMemory()
		for _, e := range events {
			var want []chat.RuleID
			for _, match := range n.judge(on, e).Matches {
				if want = append(want, match.Rule); stops[match.Rule] {
					break
				}
			}
			var got []chat.RuleID
			for _, match := range m.judge(r, e).Matches {
				got = append(got, match.Rule)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("matches %v, want %v", got, want)
			}
		}
	})
}
