package policy

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// What a text is like as a whole is no stretch of it, which could be excused or excuse.
func TestWhatATextIsLikeIsNoStretchOfIt(t *testing.T) {
	for _, tc := range []struct {
		parts, text string
		want        bool
	}{
		{"when: {text: {caps_over: 50%}}, unless: [{text: {has_any: [look]}}]", "LOOK AT THIS", false},
		{"when: {text: {caps_over: 50%}}, unless: [{text: {has_any: [look]}}]", "SEE THIS", true},
		{"when: {text: {caps_over: 50%, has_any: [this]}}, unless: [{text: {has_any: [look]}}]", "LOOK AT THIS", true},
		{"when: {text: {has_any: [casino]}}, unless: [{text: {length_over: 10}}]", "the casino again", false},
		{"when: {text: {has_any: [casino]}}, unless: [{text: {length_over: 10}}]", "casino", true},
		{"when: {text: {has_any: [casino]}}, unless: [{text: {length_over: 10, has_any: [anti casino]}}]", "anti casino, casino", true},
		{"when: {text: {has_any: [casino]}}, unless: [{text: {length_over: 10, has_any: [anti casino]}}]", "anti casino", false},
		{"when: {text: {regex: casino}}, unless: [{text: {regex: 'anti .*'}}]", "anti casino", false},
	} {
		if got := removed(one(t, tc.parts), message(tc.text), chat.Facts{}); got != tc.want {
			t.Errorf("{%s} on %q: removed %t", tc.parts, tc.text, got)
		}
	}
}

func TestAJoinHasNoText(t *testing.T) {
	for _, keys := range []string{"length_over: 3", "has_any: [casino]", "regex: casino"} {
		_, problems := Load(Source{Name: "rules.yaml", Data: []byte("{version: 1, rules: [{id: r, on: join, when: {text: {" + keys + "}}, then: [alert: {}]}]}")}, testNow)
		if len(problems) != 1 || !strings.Contains(problems[0].Text, "a join has no text") {
			t.Errorf("{%s}: %v", keys, problems)
		}
	}
}

// An exception sees through what the rule does, unless it says otherwise.
func TestAnExceptionSeesWhatTheRuleSees(t *testing.T) {
	const when, unless = "when: {any: [{not: {text: {has_any: [zebra], see_through: width}}}, {text: {has_any: [赌博]}}], text: {has_any: [赌博], see_through: " + everything + "}}", "unless: [{text: {has_any: [打击赌博]}}]"
	for _, tc := range []struct {
		parts, text string
		want        bool
	}{
		{when + ", " + unless, "打 击 赌 博", false},
		{unless + ", " + when, "公安打击赌-博", false},
		{when + ", " + unless, "来 赌 博 吧，打击赌博", true},
		{when + ", " + unless, "公安打击 赌博活动", false},
		{when + ", unless: [{not: {text: {has_any: [打击]}}}]", "公安打 击鼓，赌博活动", false},
		{"when: {text: {has_any: [赌博]}, not: {text: {has_any: [打击], see_through: [spacing]}}}", "公安打 击赌博活动", false},
		{when + ", unless: [{text: {has_any: [打击赌博], see_through: [case]}}]", "打 击 赌 博", true},
		{"when: {text: {has_any: [赌博], see_through: []}}, " + unless, "打\u200b击赌博", false},
	} {
		if got := removed(one(t, tc.parts), message(tc.text), chat.Facts{}); got != tc.want {
			t.Errorf("{%s} on %q: removed %t", tc.parts, tc.text, got)
		}
	}
}
