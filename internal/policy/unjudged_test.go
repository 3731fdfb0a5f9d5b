package policy

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const refusing = `version: 1
defaults: {mode: enforce, on_timeout: block, exempt: {members: [boss]}}
rules:
  - {id: shadowed, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [block: {}]}
  - {id: removes, on: message, when: {text: {has_any: [poker]}}, then: [remove: {}]}
  - {id: greet, on: message, when: {text: {has_any: [hello]}}, stop: true, then: [alert: {}]}
  - {id: links, on: message, groups: ["@TGS#*"], when: {link: {any: true}}, then: [block: {}]}
  - {id: flood, on: message, when: {media: {kind_in: [image]}, count: {messages: 5, within: 10s}}, then: [block: {}]}
  - {id: newcomer, on: message, when: {text: {has_any: [sale]}, member: {joined_within: 10m}}, then: [block: {}]}
  - {id: ladder, on: message, when: {text: {has_any: [damn]}}, then: [strike: {}, {block: {}, at_strikes: 3}]}
  - {id: raid, on: join, when: {count: {joins: 5, within: 10s}}, then: [block: {}]}
`

func TestWhatCannotBeJudgedIsRefusedOnlyWhereARuleMayBlockIt(t *testing.T) {
	r := load(t, refusing)
	ask := func(text string, change func(*chat.Event)) *chat.Event {
		e := message(text)
		e.Asked = true
		if change != nil {
			change(e)
		}
		return e
	}
	for name, row := range map[string]struct {
		event *chat.Event
		want  bool
	}{
		"a rule blocks it for certain":        {ask("http://example.net", nil), true},
		"a count may":                         {ask("", func(e *chat.Event) { e.Media = []string{chat.Image} }), true},
		"the time of joining may":             {ask("sale", nil), true},
		"it joined long ago, says the event":  {ask("sale", func(e *chat.Event) { e.JoinedAt = e.At.Add(-time.Hour) }), false},
		"a rung of a ladder may":              {ask("damn", nil), true},
		"a count of joins may":                {ask("", func(e *chat.Event) { e.Kind = chat.Join }), true},
		"no rule fits":                        {ask("good morning", nil), false},
		"a rule in shadow":                    {ask("casino", nil), false},
		"a rule that does not block":          {ask("poker", nil), false},
		"another group":                       {ask("http://example.net", func(e *chat.Event) { e.Group.ID = "other" }), false},
		"hidden behind a rule that stops":     {ask("hello http://example.net", nil), false},
		"exempt":                              {ask("http://example.net", func(e *chat.Event) { e.Member = "boss" }), false},
		"from the operator's own side":        {ask("http://example.net", func(e *chat.Event) { e.Trusted = true }), false},
		"nobody asks":                         {message("http://example.net"), false},
		"the rule is paused in this group":    {ask("http://example.net", func(e *chat.Event) { e.Group.ID = "@TGS#paused" }), false},
		"another rule is paused in the group": {ask("damn", func(e *chat.Event) { e.Group.ID = "@TGS#paused" }), true},
	} {
		got := r.Unjudged(row.event, func(id chat.RuleID, g chat.Group) bool { return id == "links" && g.ID == "@TGS#paused" })
		if got != (chat.Verdict{Block: row.want}) {
			t.Errorf("%s: %+v, want %v", name, got, row.want)
		}
	}
}

func TestWithoutTheKeyNothingIsRefusedUnjudged(t *testing.T) {
	for _, key := range []string{"", "on_timeout: allow, "} {
		r := load(t, "version: 1\ndefaults: {"+key+"mode: enforce}\nrules:\n  - {id: a, on: message, when: {link: {any: true}}, then: [block: {}]}\n")
		e := message("http://example.net")
		e.Asked = true
		if got := r.Unjudged(e, nil); got.Block {
			t.Errorf("%q: refused", key)
		}
	}
}

func TestANoteSaysThatNoRuleBlocks(t *testing.T) {
	for rule, want := range map[string]int{
		"then: [remove: {}]":                           1,
		"then: [block: {}]":                            0,
		"mode: off, then: [block: {}]":                 1,
		"mode: shadow, then: [{block: {}}, alert: {}]": 0,
	} {
		_, problems := Load(Source{Name: "rules.yaml", Data: []byte("version: 1\ndefaults: {on_timeout: block}\nrules:\n" +
			"  - {id: a, on: message, when: {link: {any: true}}, " + rule + "}\n")}, testNow)
		n := 0
		for _, p := range problems {
			if p.Severity == SeverityNote && p.Line == 2 && p.Column == 24 {
				n++
			}
		}
		if n != want {
			t.Errorf("%s: %d notes, want %d: %v", rule, n, want, problems)
		}
	}
}

// What was asked and answered is judged as it would have been, but for the answer.
func TestAnAnsweredEventIsRefusedNoMore(t *testing.T) {
	r := load(t, "version: 1\ndefaults: {mode: enforce}\nrules:\n"+
		"  - {id: a, on: [message, join], when: {member: {id_matches: \"u*\"}}, ack: matches-everything, then: [block: {}, remove: {}, alert: {}]}\n")
	for _, kind := range []chat.Kind{chat.Message, chat.Join} {
		e := message("x")
		e.Kind, e.Asked = kind, true
		before := r.Evaluate(e, chat.Facts{})
		e.Answered = true
		after := r.Evaluate(e, chat.Facts{})
		if !before.Verdict.Block || after.Verdict.Block || len(after.Case.Intents) != len(before.Case.Intents)-1 || after.Case.ID != before.Case.ID {
			t.Errorf("%s: before %+v, after %+v", kind, before.Case.Intents, after.Case.Intents)
		}
		for _, in := range after.Case.Intents {
			if in.Kind == chat.Block || kind == chat.Join && in.Kind == chat.Remove {
				t.Errorf("%s: wants %s", kind, in.Kind)
			}
		}
	}
}
