package trial

import (
	"context"
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// Result is what became of one test.
type Result struct {
	Test   policy.Test
	Passed bool
	First  int // the event, from 1, that the rule matched first; 0: none
	// Of a test that failed: the event that decides, its number from 1, and what every rule saw in it.
	// Seen is nil when nobody judged the event.
	Event   chat.Event
	Number  int
	Seen    []chat.RuleSeen
	Matches []chat.Match
}

// Run runs the tests of rules that the filter lets through; nil lets all through. Each begins with
// nothing counted, and all rules of the file are in force, so that one can hide another. The tests of
// a rule that is off only pass on rules that were loaded awake.
func Run(ctx context.Context, rules *policy.Rules, filter func(*policy.Test) bool) ([]Result, error) {
	var out []Result
	for _, t := range rules.Tests() {
		if filter != nil && !filter(&t) {
			continue
		}
		r, err := run(ctx, rules, t)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func run(ctx context.Context, rules *policy.Rules, t policy.Test) (Result, error) {
	r := Result{Test: t}
	events := t.Events()
	j := newJudge(rules)
	for i := range events {
		o, err := j.judge(ctx, &events[i])
		if err != nil {
			return r, err
		}
		if o.matches(t.Rule) {
			r.First = i + 1
			break
		}
	}
	r.Passed = (r.First > 0) == t.Match && (t.At == 0 || r.First == t.At)
	if r.Passed {
		return r, nil
	}
	switch { // which event decides
	case r.First > 0 && (t.At == 0 || r.First < t.At):
		r.Number = r.First
	case t.At > 0:
		r.Number = t.At
	default:
		r.Number = len(events)
	}
	return r, r.explain(ctx, rules, events[:r.Number])
}

// explain judges the events again, and keeps what was seen in the last.
func (r *Result) explain(ctx context.Context, rules *policy.Rules, events []chat.Event) error {
	j := newJudge(rules)
	for i := range events {
		j.explain = i == len(events)-1
		o, err := j.judge(ctx, &events[i])
		if err != nil {
			return err
		}
		r.Event, r.Seen, r.Matches = events[i], o.seen, o.decision.Matches
	}
	return nil
}

// Rule returns what the rule of the test saw; false when it did not look.
func (r *Result) Rule() (chat.RuleSeen, bool) {
	for _, s := range r.Seen {
		if s.Rule == r.Test.Rule {
			return s, true
		}
	}
	return chat.RuleSeen{}, false
}

// Text says what a test that failed wanted and what it got.
func (r *Result) Text() string {
	want, got := "pass", "pass"
	if r.Test.Match {
		want = "match"
	}
	if r.First > 0 {
		got = "match"
		if r.Number > 1 || r.Test.At > 0 {
			got = fmt.Sprintf("match at event %d", r.First)
		}
	}
	if r.Test.At > 0 {
		want = fmt.Sprintf("match at event %d", r.Test.At)
	}
	return fmt.Sprintf("test %d of rule %q failed: expected %s, got %s", r.Test.Number, r.Test.Rule, want, got)
}

// maxProblems is how many tests that failed are told one by one.
const maxProblems = 100

// Problems returns an error for each test that failed: rules with such a test are refused.
func Problems(results []Result) []policy.Problem {
	var out []policy.Problem
	failed := 0
	for i := range results {
		r := &results[i]
		if r.Passed {
			continue
		}
		p := policy.Problem{
			File: r.Test.File, Line: r.Test.Line, Column: r.Test.Column, Severity: policy.SeverityError, Text: r.Text(), Hint: r.why(),
		}
		if failed++; failed <= maxProblems {
			out = append(out, p)
		}
	}
	if more := failed - len(out); more > 0 {
		last := out[len(out)-1]
		last.Text, last.Hint = fmt.Sprintf("%d more tests failed", more), ""
		out = append(out, last)
	}
	return out
}

// why says in a line what decided.
func (r *Result) why() string {
	s, ok := r.Rule()
	switch {
	case !ok:
		return "the member is exempt: nobody judges the event"
	case r.Number == r.First:
		for _, m := range r.Matches {
			if m.Rule == r.Test.Rule && m.Why != "" {
				return m.Why
			}
		}
		return ""
	}
	return Brief(s)
}
