package chat_test

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestPauseCoversItsRuleAndGroup(t *testing.T) {
	here := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}
	there := here
	there.ID = "@TGS#2"
	tests := []struct {
		name  string
		pause chat.Pause
		want  bool
	}{
		{"everything", chat.Pause{}, true},
		{"the rule", chat.Pause{Rule: "links"}, true},
		{"the rule here", chat.Pause{Rule: "links", Group: &here}, true},
		{"every rule here", chat.Pause{Group: &here}, true},
		{"the rule elsewhere", chat.Pause{Rule: "links", Group: &there}, false},
		{"another rule", chat.Pause{Rule: "words"}, false},
		{"lifted", chat.Pause{Rule: "links", Ended: time.Unix(1, 0)}, false},
	}
	keys := map[string]string{}
	for _, tt := range tests {
		if got := tt.pause.Covers("links", here); got != tt.want {
			t.Errorf("%s: covers %v", tt.name, got)
		}
		if other, taken := keys[tt.pause.Key()]; taken && tt.name != "lifted" {
			t.Errorf("%s and %s have one key", tt.name, other)
		}
		keys[tt.pause.Key()] = tt.name
	}
}

func TestUndoingCoversWhatItUndoes(t *testing.T) {
	at := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)
	act := func(c, of chat.CaseID, rule chat.RuleID, kind chat.IntentKind, received time.Time) chat.Action {
		return chat.Action{Case: c, Of: of, Intent: chat.Intent{Rule: rule, Kind: kind}, Received: received}
	}
	late := func(received, decided time.Time) chat.Action {
		a := act("c2", "", "links", chat.Remove, received)
		a.Decided = decided
		return a
	}
	one := chat.Undoing{Case: "c1"}
	span := chat.Undoing{Rule: "links", Since: at, Until: at.Add(10 * time.Minute)}
	tests := []struct {
		name   string
		undo   chat.Undoing
		action chat.Action
		want   bool
	}{
		{"the case", one, act("c1", "", "links", chat.Remove, at), true},
		{"a part of the case", one, act("p1", "c1", "links", chat.Remove, at), true},
		{"another case", one, act("c2", "", "links", chat.Remove, at), false},
		{"what undoes the case", one, act("u1", "c1", "links", chat.Readmit, at), false},
		{"from the beginning", span, act("c2", "", "links", chat.Mute, at), true},
		{"up to the end", span, act("c2", "", "links", chat.Mute, at.Add(10*time.Minute)), false},
		{"before", span, act("c2", "", "links", chat.Mute, at.Add(-time.Second)), false},
		{"decided in it, of an event that arrived before", span, late(at.Add(-2*time.Hour), at.Add(time.Minute)), true},
		{"decided after it, of an event that arrived in it", span, late(at.Add(time.Minute), at.Add(2*time.Hour)), false},
		{"decided before it", span, late(at.Add(-time.Hour), at.Add(-time.Second)), false},
		{"another rule", span, act("c2", "", "words", chat.Mute, at), false},
		{"the end of a lockdown", span, act("c2", "", "links", chat.Unlock, at), false},
	}
	for _, tt := range tests {
		if got := tt.undo.Covers(&tt.action); got != tt.want {
			t.Errorf("%s: covers %v", tt.name, got)
		}
	}
}

// A lockdown that stands can be extended before it ends, however short it is.
func TestALockdownKeepsTheNextOneOutForHalfItsTimeAtMost(t *testing.T) {
	at := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)
	for length, want := range map[time.Duration]time.Duration{
		time.Hour: time.Minute, time.Minute: 30 * time.Second, time.Second: time.Second,
	} {
		a := chat.Action{EventAt: at, Intent: chat.Intent{Kind: chat.Lockdown, Until: at.Add(length)}}
		if _, keep := a.Dedupe(); keep != want {
			t.Errorf("a lockdown of %v keeps the next one out for %v, want %v", length, keep, want)
		}
	}
}

// A group may be locked and unlocked several times in a few minutes.
func TestTheEndOfALockdownKeepsNoOtherOut(t *testing.T) {
	at := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)
	now, one := chat.Action{EventAt: at, Intent: chat.Intent{Kind: chat.Unlock}}, chat.Action{EventAt: at, Intent: chat.Intent{Kind: chat.Unlock, Until: at}}
	other := one
	other.Intent.Until = at.Add(time.Minute)
	keys := map[string]bool{}
	for _, a := range []chat.Action{now, one, other} {
		key, keep := a.Dedupe()
		if keys[key] = true; keep != time.Second {
			t.Errorf("the end at %v keeps others out for %v", a.Intent.Until, keep)
		}
	}
	if len(keys) != 3 {
		t.Errorf("%d keys", len(keys))
	}
}
