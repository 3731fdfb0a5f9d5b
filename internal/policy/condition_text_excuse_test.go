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
