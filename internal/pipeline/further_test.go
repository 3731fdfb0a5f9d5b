package pipeline_test

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
)

const twice = `version: 1
rules:
  - id: watch
    on: message
    mode: enforce
    when: {link: {any: true}}
    then: [{alert: {severity: info}}]
  - id: newcomer
    on: message
    mode: enforce
    when: {link: {any: true}, member: {joined_within: 10m}}
    then: [{remove: {}}]
`

// The webhook before a message can overtake the one that tells of the sender's join.
func TestTheSecondWebhookActsOnWhatTheFirstCouldNotKnow(t *testing.T) {
	b := buildWith(t, twice, nil)
	before, after := say("1", "bob", "win.example.net"), say("1", "bob", "win.example.net")
	before.Asked = true
	after.JoinedAt = after.At.Add(-time.Minute)
	for range 2 {
		for _, e := range []chat.Event{before, after} {
			if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var removals []chat.Action
	for _, c := range b.store.cases {
		removals = append(removals, c.Actions()...)
	}
	if len(removals) != 1 || removals[0].Intent.Kind != chat.Remove || removals[0].Member != "bob" {
		t.Errorf("actions %+v, want one removal of bob", removals)
	}
}

// What comes long after the event is a repeat: the member may have been let in again.
func TestALateRepeatAddsNothing(t *testing.T) {
	b := buildWith(t, twice, nil)
	before, after := say("1", "bob", "win.example.net"), say("1", "bob", "win.example.net")
	before.Asked = true
	after.JoinedAt, after.Received = after.At.Add(-time.Minute), after.At.Add(time.Hour)
	for _, e := range []chat.Event{before, after} {
		if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.store.cases); n != 1 {
		t.Errorf("%d cases", n)
	}
}

// A dry run leaves no marks, so that the second webhook would count everything once more.
func TestADryRunCountsAnEventOnce(t *testing.T) {
	s := &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}
	b := buildOn(t, twice, nil, s, func(c *pipeline.Config) { c.DryRun = true })
	before := say("1", "bob", "win.example.net")
	before.JoinedAt = before.At.Add(-time.Minute)
	after := before
	before.Asked = true
	for _, e := range []chat.Event{before, after} {
		if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
			t.Fatal(err)
		}
		clear(s.marks)
	}
	if n := len(s.cases); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func TestARecallOnARungFollowsTheLadder(t *testing.T) {
	b, s := buildLadder(t, `version: 1
rules:
  - id: ladder
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{strike: {}}, {recall: {}, at_strikes: 2}]
`)
	for _, id := range []string{"1", "2"} {
		before, after := asked(id, "casino"), say(id, "lin", "casino")
		after.Message = "7" + id
		for _, e := range []chat.Event{before, after} {
			if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var recalled []string
	for _, c := range s.cases {
		for _, in := range c.Intents {
			if in.Kind == chat.Recall && in.AtStrikes == 0 {
				recalled = append(recalled, in.Message)
			}
		}
	}
	if len(recalled) != 1 || recalled[0] != "72" {
		t.Errorf("taken back: %v, want the message of the second strike", recalled)
	}
}

// An undoing of a span of time finds what was decided in it. What completes a case belongs to the case.
func TestACaseIsDatedByWhenItWasDecided(t *testing.T) {
	s := &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}
	now := say("1", "bob", "").At.Add(5 * time.Minute)
	b := buildOn(t, twice, nil, s, func(c *pipeline.Config) { c.Now = func() time.Time { return now } })
	before, after := say("1", "bob", "win.example.net"), say("1", "bob", "win.example.net")
	before.Asked = true
	after.JoinedAt = after.At.Add(-time.Minute)
	if _, err := b.Handle(t.Context(), []chat.Event{before, after}); err != nil {
		t.Fatal(err)
	}
	if len(s.cases) != 2 || !s.cases[0].Decided.Equal(now) || !s.cases[1].Decided.IsZero() || s.cases[1].Of != s.cases[0].ID {
		t.Errorf("cases %+v", s.cases)
	}
}
