package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

const repeating = `version: 1
defaults: {mode: enforce}
rules:
  - {id: again, on: message, when: {same_text: {times: 3, within: 10m}}, then: [block: {}, remove: {}], stop: true}
  - {id: flood, on: message, when: {count: {messages: 3, within: 10s}}, then: [block: {}, strike: {}, mute: {for: 1h}], stop: true}
  - {id: ladder, on: message, when: {text: {has_any: [damn]}}, then: [strike: {}, warn: {text: Mind}, {remove: {}, at_strikes: 3}], stop: true}
  - {id: watched, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [strike: {}]}
  - {id: word, on: message, when: {text: {has_any: [damn, casino]}}, then: [block: {}, remove: {}, recall: {}]}
  - {id: quiet, on: message, when: {text: {has_any: [sale]}, member: {messages_under: 3}}, then: [block: {}, mute: {for: 1h}]}
  - {id: raid, on: join, when: {count: {joins: 3, within: 10s}}, then: [block: {}, alert: {}]}
  - {id: name, on: join, when: {member: {id_matches: "bot*"}}, then: [block: {}, alert: {}]}
`

// refused returns the event as it is judged after it was refused unjudged, and as a recording has it.
func refused(e *chat.Event) *chat.Event {
	e.Asked, e.Refused = true, true
	return e
}

func TestWhatWasRefusedUnjudgedIsActedOnForWhatItSaysAlone(t *testing.T) {
	r := load(t, repeating)
	for name, row := range map[string]struct {
		event *chat.Event
		want  []chat.IntentKind
		rules []chat.RuleID
	}{
		"it says nothing wrong":                   {message("hello"), nil, nil},
		"it says what a rule forbids":             {message("casino"), []chat.IntentKind{chat.Remove}, []chat.RuleID{"word"}},
		"a ladder hides what is stricter":         {message("damn casino"), nil, nil},
		"a join that would fill a count":          {join("ann"), nil, nil},
		"a join by a name that a rule looks for":  {join("bot7"), []chat.IntentKind{chat.Alert}, []chat.RuleID{"name"}},
		"the first messages of somebody, and bad": {message("sale"), []chat.IntentKind{chat.Mute}, []chat.RuleID{"quiet"}},
	} {
		e := refused(row.event)
		look := r.Needs(e)
		f := chat.Facts{Counts: make([]int, len(look.Windows))}
		for i, w := range look.Windows {
			if f.Counts[i] = 1; w.ID != "member:messages" {
				t.Errorf("%s: it is counted in %s", name, w.ID)
			}
		}
		if !look.Peek {
			t.Errorf("%s: it is added to what is counted", name)
		}
		d := r.Evaluate(e, f)
		var kinds []chat.IntentKind
		var rules []chat.RuleID
		if d.Case != nil {
			if d.Case.Strike != nil {
				t.Errorf("%s: it is a step on the ladder", name)
			}
			for _, in := range d.Case.Intents {
				kinds = append(kinds, in.Kind)
			}
		}
		for _, m := range d.Matches {
			rules = append(rules, m.Rule)
		}
		if !slices.Equal(kinds, row.want) || !slices.Equal(rules, row.rules) || d.Verdict.Block || len(d.Parts) > 0 {
			t.Errorf("%s: wants %v by %v with %d parts, refused %v", name, kinds, rules, len(d.Parts), d.Verdict.Block)
		}
	}
}

// The same events, let through, are counted and judged by every rule.
func TestWhatWasLetThroughIsCounted(t *testing.T) {
	r := load(t, repeating)
	e := message("damn")
	e.Asked, e.Answered = true, true
	look := r.Needs(e)
	if n := len(look.Windows); n != 3 || look.Peek {
		t.Errorf("%d windows, peek %v", n, look.Peek)
	}
	if d := r.Evaluate(e, chat.Facts{Counts: []int{1, 3, 3}}); d.Case == nil || !slices.ContainsFunc(d.Case.Intents, func(in chat.Intent) bool { return in.Kind == chat.Remove }) {
		t.Errorf("decision %+v", d)
	}
}

func TestWhyARuleLeftARefusedEventAlone(t *testing.T) {
	r := load(t, repeating)
	x := r.Examine(refused(message("damn casino")))
	defer x.Release()
	x.Learn(chat.Facts{})
	x.Judge()
	var got []string
	for _, seen := range x.Explain() {
		said := string(seen.Rule) + " " + seen.Outcome
		if strings.Contains(seen.Scope, "refused") {
			said += "!"
		}
		got = append(got, said)
	}
	want := "again out of scope!, flood out of scope!, ladder out of scope!, watched hidden, word hidden, quiet no match, raid out of scope, name out of scope"
	if strings.Join(got, ", ") != want {
		t.Errorf("explained %s", strings.Join(got, ", "))
	}
}
