package trial_test

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

func load(t testing.TB, yaml string) *policy.Rules {
	t.Helper()
	rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(yaml)}, start)
	if rules == nil {
		t.Fatal(problems)
	}
	return rules
}

const tested = `version: 1
defaults: {exempt: {members: [boss]}}
rules:
  - id: door
    on: message
    mode: enforce
    when: {text: {has_any: ["stop here"]}}
    then: [{alert: {severity: info}}]
    stop: true
  - id: word
    on: message
    mode: enforce
    when: {text: {has_any: ["赌博"]}}
    unless: [{name: fight, text: {has_any: ["打击赌博"], match: anywhere}}, {name: staff, member: {in: [host]}}]
    then: [{remove: {}}]
    tests: [TEST]
  - id: flood
    on: message
    when: {count: {messages: 5, within: 10s}}
    then: [{remove: {}}]
    tests: [FLOOD]
  - id: advert
    on: message
    when: {member: {joined_within: 10m}, same_text: {groups: 3, within: 1h}}
    then: [{remove: {}}]
    tests: [ADVERT]
  - id: raid
    on: join
    mode: enforce
    when: {count: {joins: 20, within: 1m}}
    then: [{remove: {who: burst}}]
    tests: [RAID]
`

// ran runs one test that stands in a rule.
func ran(t *testing.T, rule, test string) trial.Result {
	t.Helper()
	file := tested
	for _, at := range []string{"TEST", "FLOOD", "ADVERT", "RAID"} {
		text := "{say: nothing special, expect: pass}"
		if at == "RAID" {
			text = "{joins: 1, expect: pass}"
		}
		if at == rule {
			text = test
		}
		file = strings.Replace(file, "["+at+"]", "["+text+"]", 1)
	}
	results, err := trial.Run(t.Context(), load(t, file), nil)
	if err != nil || len(results) != 4 {
		t.Fatalf("%v, %v", results, err)
	}
	for _, r := range results {
		if want := map[string]string{"TEST": "word", "FLOOD": "flood", "ADVERT": "advert", "RAID": "raid"}[rule]; string(r.Test.Rule) == want {
			return r
		}
		if !r.Passed {
			t.Errorf("%s", r.Text())
		}
	}
	t.Fatal("the test did not run")
	return trial.Result{}
}

func TestTests(t *testing.T) {
	for _, test := range []struct{ name, rule, test, problem string }{
		{"a match", "TEST", "{say: 赌博, expect: match}", ""},
		{"an exception", "TEST", "{say: 打击赌博, expect: pass}", ""},
		{"an exception excuses only what it covers", "TEST", "{say: 打击赌博 赌博, expect: match}", ""},
		{"one who is exempt", "TEST", "{say: 赌博, from: boss, expect: match}",
			`test 1 of rule "word" failed: expected match, got pass (the member is exempt: nobody judges the event)`},
		{"one who is excepted", "TEST", "{say: 赌博, from: host, expect: match}",
			`test 1 of rule "word" failed: expected match, got pass (excused by the exception "staff")`},
		{"an earlier stop hides", "TEST", "{say: stop here 赌博, expect: match}",
			`test 1 of rule "word" failed: expected match, got pass (hidden by stop of rule "door")`},
		{"too much", "TEST", "{say: [hello, 赌博], expect: pass}",
			`test 1 of rule "word" failed: expected pass, got match at event 2 (text.has_any 1 in the text)`},
		{"out of scope", "TEST", "{say: 赌博, provider: cams, expect: match}", ""},
		{"the fifth message", "FLOOD", "{say: [a, b], times: 3, at: 5, expect: match}", ""},
		{"too slow", "FLOOD", "{say: x, times: 20, every: 2500ms, expect: pass}", ""},
		{"not the fourth", "FLOOD", "{say: x, times: 5, at: 4, expect: match}",
			`test 1 of rule "flood" failed: expected match at event 4, got match at event 5 (count.messages: 4 of 5 within 10s)`},
		{"never", "FLOOD", "{say: x, times: 3, at: 2, expect: match}",
			`test 1 of rule "flood" failed: expected match at event 2, got pass (count.messages: 2 of 5 within 10s)`},
		{"two members", "FLOOD", "{say: x, from: [a, b], times: 4, expect: pass}", ""},
		{"one text in three groups", "ADVERT", "{say: a cheap advert for coins, joined: 1m, group: [a, b, c], at: 3, expect: match}", ""},
		{"one text in one group", "ADVERT", "{say: a cheap advert for coins, joined: 1m, times: 3, expect: pass}", ""},
		{"a join that nobody knows was long ago", "ADVERT", "{say: a cheap advert for coins, group: [a, b, c], expect: pass}", ""},
		{"a raid", "RAID", "{joins: 25, at: 20, expect: match}", ""},
		{"no raid", "RAID", "{joins: 25, every: 4s, expect: pass}", ""},
		{"one member again and again", "RAID", "{from: x, times: 20, expect: match}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ran(t, test.rule, test.test)
			if r.Passed != (test.problem == "") {
				t.Fatalf("passed %v: %s", r.Passed, r.Text())
			}
			problems := trial.Problems([]trial.Result{r})
			if r.Passed && len(problems) > 0 || !r.Passed && (len(problems) != 1 || !strings.HasSuffix(problems[0].String(), "error: "+test.problem)) {
				t.Errorf("got %v, want %s", problems, test.problem)
			}
		})
	}
}

func TestAFailurePrintsWhatWasSeen(t *testing.T) {
	r := ran(t, "TEST", "{say: stop here 赌博, note: nobody stops here, expect: match}")
	var b strings.Builder
	(&trial.Printer{Out: &b}).Failure(&r)
	want := `  nobody stops here
  event 1 of 1: message of tester in test-group (tencent Public), 2026-01-05 12:00:00 UTC
  rule "word" (enforce): hidden by stop of rule "door", else a match
`
	if got := b.String(); !strings.HasPrefix(got, want) || !strings.Contains(got, "✓ yes      text.has_any") || !strings.Contains(got, `"赌博"`) {
		t.Errorf("got\n%s", got)
	}
}

func TestManyFailuresAreToldOneByOneUpToABound(t *testing.T) {
	r := ran(t, "FLOOD", "{say: x, expect: match}")
	results := make([]trial.Result, 250)
	for i := range results {
		results[i] = r
	}
	problems := trial.Problems(results)
	if n := len(problems); n != 101 || problems[n-1].Text != "150 more tests failed" || !policy.HasErrors(problems[n-1:]) {
		t.Errorf("%d problems, the last %v", n, problems[n-1])
	}
}
