package doctor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/policy"
)

const ruleFile = `version: 1
defaults: {mode: %s%s}
rules:
  - id: casino
    on: message
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
    tests: [{say: "casino", expect: match}]
`

func TestRulesThatDoNothingOrTooMuch(t *testing.T) {
	const brake = ", brake: {removals: 20, within: 5m}"
	for name, tt := range map[string]struct {
		text   string
		status doctor.Status
		want   string
	}{
		"enforced under a brake": {fmt.Sprintf(ruleFile, "enforce", brake), "ok", "r.yaml: 1 rule, hash "},
		"all in shadow":          {fmt.Sprintf(ruleFile, "shadow", brake), "warning", "no rule is enforced: nobody is removed"},
		"without a brake":        {fmt.Sprintf(ruleFile, "enforce", ", brake: off"), "warning", `1 enforced rule is without a brake, "casino" first`},
		"broken":                 {"version: 1\nrules: 7\n", "error", "r.yaml:2:8: error: rules must be a list"},
	} {
		rules, problems := policy.Load(policy.Source{Name: "r.yaml", Data: []byte(tt.text)}, time.Now())
		got := doctor.Rules("r.yaml", rules, problems)
		if worst := worstOf(got); worst.Status != tt.status || !strings.Contains(worst.Text, tt.want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	text := "version: 1\nrules:\n" + strings.Repeat("  - {id: BAD}\n", 40)
	rules, problems := policy.Load(policy.Source{Name: "r.yaml", Data: []byte(text)}, time.Now())
	got := doctor.Rules("r.yaml", rules, problems)
	if last := got[len(got)-1]; len(got) != 11 || !strings.HasSuffix(last.Text, "errors more") || last.Fix != "bot check r.yaml" {
		t.Errorf("%d lines, the last is %+v", len(got), last)
	}
}
