package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const ladder = `{version: 1, rules: [{id: flood, on: message, mode: enforce, when: {count: {messages: 5, within: 10s}}, then: [
	strike: {points: 2, fades: 3 per 12h}, {at_strikes: 2, warn: {text: "Slow down ({count})"}}, {at_strikes: 4, mute: {for: 10m}},
	{at_strikes: 4, alert: {}}, {at_strikes: 6, remove: {}}]}]}`

// acting returns the kinds of the intents that act with so many strikes.
func acting(c *chat.Case, strikes int) []chat.IntentKind {
	var kinds []chat.IntentKind
	for _, in := range c.Intents {
		if in.Acts(strikes) {
			kinds = append(kinds, in.Kind)
		}
	}
	return kinds
}

func TestOnlyTheHighestRungActs(t *testing.T) {
	d := load(t, ladder).Evaluate(message("hi"), chat.Facts{Counts: []int{5}})
	if d.Case == nil || d.Case.Strike == nil {
		t.Fatalf("decision %+v", d)
	}
	want := chat.Strike{Rule: "flood", Points: 2, Fade: 3, Every: 12 * time.Hour, Once: 10 * time.Second}
	if *d.Case.Strike != want {
		t.Errorf("strike %+v, want %+v", *d.Case.Strike, want)
	}
	for strikes, want := range map[int][]chat.IntentKind{
		0: nil, 1: nil, 2: {chat.Warn}, 3: {chat.Warn}, 4: {chat.Mute, chat.Alert}, 5: {chat.Mute, chat.Alert}, 6: {chat.Remove}, 1000: {chat.Remove},
	} {
		if got := acting(d.Case, strikes); !slices.Equal(got, want) {
			t.Errorf("%d strikes: %v act, want %v", strikes, got, want)
		}
	}
	if in := d.Case.Intents[0]; in.Reason != "Slow down (5)" {
		t.Errorf("warn says %q", in.Reason)
	}
}

func TestTwoRulesMakeOneStepTheLarger(t *testing.T) {
	r := load(t, `{version: 1, defaults: {mode: enforce}, rules: [
		{id: small, on: message, when: {text: {has_any: [a]}}, then: [strike: {}]},
		{id: large, on: message, when: {text: {has_any: [b]}}, then: [strike: {points: 3}, {at_strikes: 3, remove: {}}]},
		{id: other, on: message, when: {text: {has_any: [b]}}, then: [remove: {reason: at once}]}]}`)
	for text, want := range map[string]chat.Strike{
		"a":   {Rule: "small", Points: 1, Fade: 1, Every: 24 * time.Hour},
		"a b": {Rule: "large", Points: 3, Fade: 1, Every: 24 * time.Hour},
	} {
		d := r.Evaluate(message(text), chat.Facts{})
		if d.Case == nil || *d.Case.Strike != want {
			t.Errorf("%q: %+v, want %+v", text, d.Case, want)
		}
	}
	// The removal on a rung may not come about: it does not swallow the one that stands on none.
	d := r.Evaluate(message("b"), chat.Facts{})
	if got := acting(d.Case, 1); !slices.Equal(got, []chat.IntentKind{chat.Remove}) || d.Case.Intents[1].Reason != "at once" {
		t.Errorf("intents %+v", d.Case.Intents)
	}
}

func TestAStrikeIsACaseOfItsOwn(t *testing.T) {
	r := load(t, `{version: 1, rules: [{id: s, on: [message, join], mode: enforce, when: {member: {in: [u1]}}, then: [strike: {}]}]}`)
	if d := r.Evaluate(message("hi"), chat.Facts{}); d.Case == nil || len(d.Case.Intents) != 0 || d.Case.Strike == nil {
		t.Errorf("decision %+v", d)
	}
	asking := join("u1")
	asking.Asked = true
	if d := r.Evaluate(asking, chat.Facts{}); d.Case != nil {
		t.Errorf("who is no member yet has a ladder: %+v", d.Case)
	}
}

func TestABlockOnARungWaitsForTheLadder(t *testing.T) {
	r := load(t, `{version: 1, rules: [{id: s, on: message, mode: enforce, when: {text: {has_any: [a]}},
		then: [strike: {}, {at_strikes: 2, block: {code: 10105, text: "No"}}]}]}`)
	e := message("a")
	e.Asked = true
	d := r.Evaluate(e, chat.Facts{})
	if d.Case == nil || d.Verdict.Block {
		t.Fatalf("decision %+v", d)
	}
	if v := VerdictOf(d.Case, 1); v.Block {
		t.Errorf("one strike: %+v", v)
	}
	if v := VerdictOf(d.Case, 2); v != (chat.Verdict{Block: true, Code: 10105, Text: "No"}) {
		t.Errorf("two strikes: %+v", v)
	}
}
