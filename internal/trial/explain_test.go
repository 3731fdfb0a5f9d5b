package trial_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/trial"
)

const explained = `version: 1
defaults: {exempt: {members: [boss]}}
rules:
  - id: ladder
    title: Bad words
    on: message
    mode: enforce
    when: {text: {has_any: ["赌博"]}}
    unless: [{name: fight, text: {has_any: ["打击赌博"], match: anywhere}}]
    then:
      - strike: {}
      - warn: {text: "Mind your words"}
      - mute: {for: 10m}
      - {remove: {reason: "Enough ({code})"}, at_strikes: 2}
  - id: flood
    on: message
    when: {count: {messages: 3, within: 10s}}
    then: [{remove: {}}]
`

func explain(t *testing.T, events ...chat.Event) *trial.Explanation {
	t.Helper()
	x, err := trial.Explain(t.Context(), load(t, explained), events)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func printed(x *trial.Explanation) string {
	var b strings.Builder
	(&trial.Printer{Out: &b}).Explanation(x)
	return b.String()
}

func TestExplanation(t *testing.T) {
	x := explain(t, said(0, "ann", "打击赌博 and 赌博"))
	want := `message of ann in @TGS#1 (tencent Public), 2026-11-20 09:00:00 UTC

rule "ladder" (enforce): match
`
	if got := printed(x); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
	for _, want := range []string{
		`exception "fight": excuses what it covers`, `"赌博"`, `rule "flood" (shadow): no match`, "✗ no       count.messages", "1 of 3 within 10s",
		"strike: the member's ladder holds 1", `✓ warn ann in @TGS#1, by rule "ladder": "Mind your words"`,
		"✓ mute ann in @TGS#1 until 2026-11-20T09:10:00Z", "· remove ann", "not on this rung: it stands at 2 strikes", "(case " + x.Code + ")",
	} {
		if !strings.Contains(printed(x), want) {
			t.Errorf("%q is missing in\n%s", want, printed(x))
		}
	}
}

func TestEarlierEventsAreJudgedFirst(t *testing.T) {
	x := explain(t, said(0, "ann", "赌博"), said(time.Second, "ann", "赌博"), said(2*time.Second, "ann", "赌博 again"))
	if x.Before != 2 || x.Strikes != 3 || len(x.Rules) != 2 || x.Rules[1].Outcome != "match" {
		t.Fatalf("%+v", x)
	}
	outcomes := map[chat.IntentKind]string{}
	for _, w := range x.Wanted {
		outcomes[w.Kind] = w.Outcome
	}
	if outcomes[chat.Remove] != "deduplicated" || outcomes[chat.Mute] != "deduplicated" {
		t.Errorf("%v", outcomes)
	}
	if got := printed(x); !strings.Contains(got, "Judged after 2 events before it.") || !strings.Contains(got, "3 of 3 within 10s") || !strings.Contains(got, "not again") {
		t.Errorf("got\n%s", got)
	}
}

func TestWhatNobodyJudgesSaysSo(t *testing.T) {
	trusted, left := said(0, "ann", "赌博"), said(0, "ann", "")
	trusted.Trusted, left.Kind = true, chat.Leave
	for why, e := range map[string]chat.Event{
		"the member is exempt": said(0, "boss", "赌博"), "operator's own side": trusted, "who leaves": left,
	} {
		if got := printed(explain(t, e)); !strings.Contains(got, "Not judged: ") || !strings.Contains(got, why) {
			t.Errorf("%s: got\n%s", why, got)
		}
	}
	if got := printed(explain(t, said(0, "ann", "hello"))); !strings.HasSuffix(got, "\nNothing would be done.\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestColoursAreMarksOnly(t *testing.T) {
	x := explain(t, said(0, "ann", "赌博"))
	var b strings.Builder
	(&trial.Printer{Out: &b, Paint: func(code, text string) string { return "<" + code + ">" + text + "</>" }}).Explanation(x)
	plain := b.String()
	for _, code := range []string{"<32>", "<31>", "<33>", "<1>", "<2>", "</>"} {
		plain = strings.ReplaceAll(plain, code, "")
	}
	if b.String() == plain || plain != printed(x) {
		t.Errorf("without its colours\n%s\nis not\n%s", plain, printed(x))
	}
}

// An operator's program reads the explanation as JSON, with the same names as a case's record.
func TestExplanationAsJSON(t *testing.T) {
	text, err := json.Marshal(explain(t, said(0, "ann", "赌博")))
	if err != nil {
		t.Fatal(err)
	}
	var x struct {
		Event chat.Event      `json:"event"`
		Rules []chat.RuleSeen `json:"rules"`
		Want  []struct {
			Kind, Rule, Member, Outcome string
		} `json:"wanted"`
	}
	if err := json.Unmarshal(text, &x); err != nil {
		t.Fatal(err)
	}
	if x.Event.Text != "赌博" || len(x.Rules) != 2 || len(x.Rules[0].Conditions[0].Spans) != 1 || len(x.Want) != 3 || x.Want[0].Rule != "ladder" {
		t.Errorf("%s", text)
	}
}
