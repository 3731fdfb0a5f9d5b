package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

const explained = `{version: 1, lists: {bad: {kind: word, values: [casino]}}, rules: [
	{id: words, on: message, mode: enforce, when: {text: {has_any: bad}, member: {joined_within: 1h}},
		unless: [{name: news, text: {has_any: [anti casino]}}, {name: old, member: {in: [u1]}, until: 2020-01-01}], then: [remove: {}]},
	{id: either, on: message, mode: enforce, when: {any: [{text: {has_any: [zzz]}}, {link: {any: true}}]}, then: [alert: {}], stop: true},
	{id: later, on: message, mode: enforce, when: {not: {member: {in: [u2]}}}, then: [alert: {}]},
	{id: joins, on: join, mode: enforce, when: {count: {joins: 2, within: 1m}}, then: [alert: {}]},
	{id: elsewhere, on: message, groups: "vip-*", when: {link: {any: true}}, then: [alert: {}]},
	{id: staff, on: message, when: {link: {any: true}}, unless: [{name: us, member: {in: [u1]}}], then: [alert: {}]},
	{id: flood, on: message, when: {count: {messages: 5, within: 10s}}, then: [alert: {}]}]}`

// explain judges an event and returns what the rules saw, by rule.
func explain(t *testing.T, r *Rules, e *chat.Event, f chat.Facts) map[chat.RuleID]chat.RuleSeen {
	t.Helper()
	x := r.Examine(e)
	defer x.Release()
	for look := x.Look(); !look.Empty(); look = x.Look() {
		x.Learn(f)
	}
	x.Judge()
	seen := map[chat.RuleID]chat.RuleSeen{}
	for _, s := range x.Explain() {
		seen[s.Rule] = s
	}
	return seen
}

func TestEveryRuleSaysWhatItSaw(t *testing.T) {
	e := message("secret anti casino, casino at t.me/x")
	seen := explain(t, load(t, explained), e, chat.Facts{Counts: []int{3}, JoinedAt: testNow.Add(-60e9)})
	outcomes := map[chat.RuleID]string{}
	for id, s := range seen {
		outcomes[id] = s.Outcome
	}
	if got := fmt.Sprint(outcomes); got != "map[either:match elsewhere:out of scope flood:no match joins:out of scope later:hidden staff:excused words:match]" {
		t.Errorf("outcomes %s", got)
	}
	if s := seen["later"]; s.Hidden != "either" {
		t.Errorf("hidden by %q", s.Hidden)
	}
	if s := seen["joins"]; !strings.Contains(s.Scope, "message") {
		t.Errorf("scope %q", s.Scope)
	}
	words := seen["words"]
	has := words.Conditions[0]
	if has.What != "text.has_any" || has.Holds != "yes" || has.Value != "1 in the text, 1 excused" || fmt.Sprint(has.Spans) != "[[20 26]]" {
		t.Errorf("conditions %+v", words.Conditions)
	}
	if c := words.Conditions[1]; c.What != "member.joined_within" || c.Value != "joined 1m0s ago" || c.Want != "1h" {
		t.Errorf("conditions %+v", words.Conditions)
	}
	if x := words.Exceptions; !x[0].Used || x[0].Name != "news" || x[1].Used || !x[1].Expired {
		t.Errorf("exceptions %+v", x)
	}
	if s := seen["flood"].Conditions[0]; s.Value != "3 of 5 within 10s" || s.Holds != "no" {
		t.Errorf("count %+v", s)
	}
	if of := seen["either"].Conditions[0].Of; len(of) != 2 || of[0].Holds != "no" || of[1].Holds != "yes" {
		t.Errorf("any %+v", of)
	}
}

func TestOnlyWhatCountsIsShown(t *testing.T) {
	for _, tc := range []struct{ keys, text, holds, value, spans string }{
		{"has_any: [casino]", "anti casino", "no", "0 in the text, 1 excused", "[]"},
		{"has_any: [casino]", "casino, anti casino, casino", "yes", "2 in the text, 1 excused", "[[0 6] [21 27]]"},
		{"has_all: [anti, casino]", "anti casino", "no", "0 in the text, 2 excused", "[]"},
		{"has_all: [anti, casino]", "anti casino, casino anti", "yes", "2 in the text, 2 excused", "[[13 19] [20 24]]"},
		{"regex: 'cas\\w+'", "anti casino, cash", "yes", "1 matches, 1 excused", "[[13 17]]"},
		{"has_any: res", "anti casino, cash", "yes", "1 matches, 1 excused", "[[13 17]]"},
		{"has_any: [casino]", strings.Repeat("anti casino, casino, ", 500), "yes", "500 in the text, 500 excused", ""},
	} {
		r := load(t, `{version: 1, lists: {res: {kind: regex, values: ['cas\w+']}}, rules: [
			{id: r, on: message, when: {text: {`+tc.keys+`}}, unless: [{name: news, text: {has_any: [anti casino]}}], then: [alert: {}]},
			{id: other, on: message, when: {text: {has_any: res}}, then: [alert: {}]}]}`)
		s := explain(t, r, message(tc.text), chat.Facts{})["r"].Conditions[0]
		if s.Holds != tc.holds || s.Value != tc.value || tc.spans != "" && fmt.Sprint(s.Spans) != tc.spans || len(s.Spans) > maxShown {
			t.Errorf("{%s} on %.40q: %s, %q at %v", tc.keys, tc.text, s.Holds, s.Value, s.Spans)
		}
	}
}

func TestNothingThatIsShownRepeatsTheText(t *testing.T) {
	e := message("secret anti casino, casino at t.me/x")
	r := load(t, explained)
	seen, err := json.Marshal(explain(t, r, e, chat.Facts{JoinedAt: testNow.Add(-60e9)}))
	if err != nil {
		t.Fatal(err)
	}
	d := r.Evaluate(e, chat.Facts{JoinedAt: testNow.Add(-60e9)})
	trace, err := json.Marshal(d.Case.Trace)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(seen), string(trace), d.Matches[0].Why} {
		if strings.Contains(text, "secret") || strings.Contains(text, "t.me/") {
			t.Errorf("message text in %s", text)
		}
	}
	var outcomes []string
	for _, s := range d.Case.Trace {
		outcomes = append(outcomes, string(s.Rule)+" "+s.Outcome)
	}
	if got := strings.Join(outcomes, ", "); got != "words match, either match, staff excused" {
		t.Errorf("a case's trace has %s", got)
	}
}
