package policy

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestAnExceptionBesideTheTextExcusesTheEvent(t *testing.T) {
	for name, tc := range map[string]struct {
		parts, text string
		want        bool
	}{
		"one of several branches":     {"when: {text: {has_any: bad}}, unless: [{any: [{text: {has_any: [anti casino]}}, {member: {in: [u1]}}]}]", "casino", false},
		"the branch about the text":   {"when: {text: {has_any: bad}}, unless: [{any: [{text: {has_any: [anti casino]}}, {member: {in: [u2]}}]}]", "anti casino, casino", true},
		"a text without a word":       {"when: {text: {has_any: bad}}, unless: [{not: {text: {has_any: [free]}}}]", "casino", false},
		"a text with the word":        {"when: {text: {has_any: bad}}, unless: [{not: {text: {has_any: [free]}}}]", "free casino", true},
		"a text without a link":       {"when: {text: {has_any: bad}}, unless: [{link: {any: false}}]", "casino", false},
		"a text and a member":         {"when: {text: {has_any: bad}}, unless: [{text: {has_any: [anti casino]}, member: {in: [u1]}}]", "anti casino, casino", true},
		"a denied text beside one":    {"when: {text: {has_any: bad}}, unless: [{any: [{text: {has_any: [anti casino]}}, {not: {text: {has_any: [free]}}}]}]", "anti casino, free casino", true},
		"a link, of what has no span": {"when: {text: {caps_over: 50%}}, unless: [{link: {domain_in: ok}}]", "LOOK AT EXAMPLE.COM", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := removed(one(t, tc.parts), message(tc.text), chat.Facts{}); got != tc.want {
				t.Errorf("removed %t, want %t", got, tc.want)
			}
		})
	}
}

// What may excuse the event as a whole has to be asked about, whatever else the exception finds.
func TestAnExceptionThatMayHoldIsAskedAbout(t *testing.T) {
	r := one(t, "when: {text: {has_any: bad}}, unless: [{any: [{text: {has_any: [anti casino]}}, {not: {member: {joined_within: 10m}}}]}]")
	for joined, want := range map[time.Duration]bool{-time.Hour: false, -time.Minute: true} {
		if got := removed(r, message("anti casino and casino"), chat.Facts{JoinedAt: testNow.Add(joined)}); got != want {
			t.Errorf("joined %s ago: removed %t", -joined, got)
		}
	}
}

func TestWhatIsExcusedDoesNotCountWhateverRuleComesNext(t *testing.T) {
	r := load(t, `{version: 1, rules: [
		{id: links, on: message, mode: enforce, when: {link: {any: true}, count: {links: 3, within: 1m}}, unless: [{link: {domain_in: [example.com]}}], then: [remove: {}]},
		{id: next, on: message, when: {text: {has_any: [look]}}, then: [alert: {}]}]}`)
	look := r.Needs(message("look example.com/a example.com/b example.com/c win.example.net"))
	if len(look.Windows) != 1 || look.Windows[0].Add != 1 {
		t.Errorf("windows %+v", look.Windows)
	}
}

func TestNobodyIsJudgedByWhatIsNotKnown(t *testing.T) {
	nameless, numberless, late := message("casino"), message("casino"), message("casino")
	numberless.Provider, numberless.Member = chat.CAMS, "CN.13491208655302741918"
	late.Late = true
	for name, tc := range map[string]struct {
		parts string
		e     *chat.Event
	}{
		"no name, under not":              {"when: {not: {member: {name_matches: bot}}}", nameless},
		"no name, in an exception":        {"when: {text: {has_any: bad}}, unless: [{member: {name_matches: bot}}]", nameless},
		"no number, under not":            {"providers: [cams], when: {not: {phone: {starts_with: ['86']}}}", numberless},
		"no number, in an exception":      {"when: {text: {has_any: bad}}, unless: [{phone: {in: ['15550100123']}}]", numberless},
		"no history, under not":           {"when: {text: {has_any: bad}, not: {member: {messages_under: 3}}}", late},
		"no history, in an exception":     {"when: {text: {has_any: bad}}, unless: [{member: {messages_under: 3}}]", late},
		"late, under not":                 {"when: {text: {has_any: bad}, not: {member: {joined_within: 10m}}}", late},
		"joined again, under not":         {"when: {text: {has_any: bad}, not: {member: {joined_within: 10m}}}", message("casino")},
		"it joined again after the event": {"when: {text: {has_any: bad}, member: {joined_within: 10m}}", message("casino")},
	} {
		t.Run(name, func(t *testing.T) {
			if removed(one(t, tc.parts), tc.e, chat.Facts{JoinedAt: testNow.Add(30 * time.Second)}) {
				t.Error("removed")
			}
		})
	}
}

func TestHistoryIsKeptWhereverTheModeStands(t *testing.T) {
	r := load(t, `{version: 1, defaults: {mode: off}, rules: [
		{id: r, on: message, when: {member: {messages_under: 3}}, then: [alert: {}], mode: enforce, ack: matches-everything}]}`)
	if n := len(r.Needs(message("hi")).Windows); n != 1 {
		t.Errorf("%d windows", n)
	}
}
