package pipeline

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/policy"
)

// Who waited for the turn finds the work done: it is not done again by each of them.
func TestOneDeliveryMakesTheCountersOfNewRules(t *testing.T) {
	text := "version: 1\nrules: [{id: word, on: message, when: {text: {has_any: [casino]}}, then: [{remove: {}}]}]\n"
	rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(text)}, time.Now())
	if rules == nil {
		t.Fatal(problems)
	}
	m := newMatches(func() *policy.Rules { return rules })
	m.seen.Store(rules) // by another delivery, which had the turn
	m.catchUp(rules)
	if n := testutil.CollectAndCount(m.Counters); n != 0 {
		t.Errorf("%d counters were made once more", n)
	}
	m.seen.Store(nil)
	m.follow(rules)
	if n := testutil.CollectAndCount(m.Counters); n != 1 {
		t.Errorf("%d counters were made, want that of the rule", n)
	}
}
