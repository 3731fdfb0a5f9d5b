package chat_test

import (
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestACaseIsNamedAfterAnEnforcedRule(t *testing.T) {
	shadow, first, second := chat.Match{Rule: "watch", Mode: "shadow"}, chat.Match{Rule: "first", Mode: "enforce"}, chat.Match{Rule: "second", Mode: "enforce"}
	for name, tt := range map[string]struct {
		matches []chat.Match
		want    chat.RuleID
	}{
		"a shadow rule stands before it": {[]chat.Match{shadow, first, second}, "first"},
		"the first of several":           {[]chat.Match{second, first}, "second"},
		"no enforced rule":               {[]chat.Match{shadow}, ""},
		"no match at all":                {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (&chat.Case{Matches: tt.matches}).Rule(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
