package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/policy"
)

// called returns the rules of this package's tests, with the first under another ID and in a mode.
func called(t *testing.T, id, mode string) *policy.Rules {
	t.Helper()
	text := strings.Replace(strings.Replace(rules, "id: word", "id: "+id, 1), "mode: enforce", "mode: "+mode, 1)
	r, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(text)}, time.Now())
	if r == nil {
		t.Fatal(problems)
	}
	return r
}

// A rules file that is edited a thousand times, with a new ID each time, has no more counters than one
// that is edited eleven times.
func TestCountersOfRulesThatLeftAreBounded(t *testing.T) {
	inForce := called(t, "first", "enforce")
	b := buildOn(t, rules, nil, &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}},
		func(c *pipeline.Config) { c.Rules = func() *policy.Rules { return inForce } })
	for i := range 1000 {
		inForce = called(t, fmt.Sprintf("edit-%d", i), "enforce")
		if i%2 == 0 { // nobody scrapes or writes between the others
			if _, err := b.Handle(t.Context(), []chat.Event{say(fmt.Sprint(i), fmt.Sprint("m", i), "casino")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, err := testutil.GatherAndCount(b.reg, "groupguard_rule_matches_total"); n > 4+10 || n < 5 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}

func TestARuleThatComesBackGoesOn(t *testing.T) {
	inForce := called(t, "word", "enforce")
	b := buildOn(t, rules, nil, &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}},
		func(c *pipeline.Config) { c.Rules = func() *policy.Rules { return inForce } })
	shown := func(step, want string) {
		t.Helper()
		text := "# HELP groupguard_rule_matches_total Events that a rule fits, by the rule and its mode.\n# TYPE groupguard_rule_matches_total counter\n"
		for line := range strings.FieldsSeq("enforce,flood,0 enforce,no-way,0 " + want + " shadow,watch,0") {
			part := strings.Split(line, ",")
			text += fmt.Sprintf("groupguard_rule_matches_total{mode=%q,rule=%q} %s\n", part[0], part[1], part[2])
		}
		if err := testutil.GatherAndCompare(b.reg, strings.NewReader(text), "groupguard_rule_matches_total"); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
	hit := func(id string) {
		t.Helper()
		if _, err := b.Handle(t.Context(), []chat.Event{say(id, id, "casino")}); err != nil {
			t.Fatal(err)
		}
	}
	shown("before anything", "enforce,word,0")
	hit("1")
	inForce = called(t, "other", "enforce")
	shown("once it left", "enforce,other,0 enforce,word,1")
	inForce = called(t, "word", "shadow")
	hit("2")
	shown("in another mode", "enforce,other,0 enforce,word,1 shadow,word,1")
	inForce = called(t, "word", "enforce")
	hit("3")
	shown("as it was", "enforce,other,0 enforce,word,2 shadow,word,1")
}
