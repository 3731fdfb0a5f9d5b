package trial_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

const braked = `version: 1
defaults: {brake: BRAKE}
rules:
  - {id: word, on: message, mode: MODE, when: {text: {has_any: [casino]}}, then: [remove: {}]}
`

// offenders are members who break the rule one after the other, by turns in so many groups.
func offenders(n int, every time.Duration, groups int) (out []chat.Event) {
	for i := range n {
		e := said(time.Duration(i)*every, fmt.Sprint("u", i), "casino")
		e.Group.ID = chat.GroupID(fmt.Sprint("@TGS#", i%groups))
		out = append(out, e)
	}
	return out
}

func TestAReplayTellsWhatABrakeWouldHold(t *testing.T) {
	again := offenders(6, time.Second, 1)
	for i := range again {
		again[i].Member = "u1"
		join := again[i]
		join.At, join.Kind, join.ID = join.At.Add(-time.Millisecond), chat.Join, join.ID+"join"
		again = append(again, join)
	}
	for name, test := range map[string]struct {
		brake, mode string
		events      []chat.Event
		want        *trial.Braked
	}{
		"too many in a group":        {"{removals: 5, within: 5m}", "enforce", offenders(60, time.Second, 1), &trial.Braked{At: start.Add(5 * time.Second), Groups: 1, Held: 55}},
		"too many in each group":     {"{removals: 5, within: 5m}", "enforce", offenders(60, time.Second, 2), &trial.Braked{At: start.Add(10 * time.Second), Groups: 2, Held: 50}},
		"too many in all groups":     {"{removals: 5, within: 5m, everywhere: 8}", "enforce", offenders(60, time.Second, 4), &trial.Braked{At: start.Add(8 * time.Second), Everywhere: true, Held: 52}},
		"as many as are fine":        {"{removals: 5, within: 5m}", "enforce", offenders(5, time.Second, 1), nil},
		"slowly enough":              {"{removals: 5, within: 5m}", "enforce", offenders(60, time.Minute, 1), nil},
		"one member again and again": {"{removals: 5, within: 5m}", "enforce", again, nil},
		"no brake":                   {"off", "enforce", offenders(60, time.Second, 1), nil},
		"a rule that only watches":   {"{removals: 5, within: 5m}", "shadow", offenders(60, time.Second, 1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if test.want != nil {
				test.want.Removals, test.want.Within = 5, "5m0s"
			}
			r := replay(t, record(t, test.events...), trial.ReplayConfig{Rules: load(t, strings.NewReplacer("BRAKE", test.brake, "MODE", test.mode).Replace(braked))})
			if got := r.Rules[0].Braked; (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAPrintedReplayTellsWhatABrakeWouldHold(t *testing.T) {
	r := replay(t, record(t, offenders(60, time.Second, 1)...), trial.ReplayConfig{Rules: load(t, strings.NewReplacer("BRAKE", "{removals: 5, within: 5m}", "MODE", "enforce").Replace(braked))})
	var b strings.Builder
	(&trial.Printer{Out: &b}).Report(r)
	want := "  remove: 60 done\n  ! its brake (5 within 5m0s) would have paused it in 1 group, first at " + start.Add(5*time.Second).Format(time.DateTime) + ": 55 removals would have been held\n"
	if !strings.Contains(b.String(), want) {
		t.Errorf("want\n%sin\n%s", want, b.String())
	}
}

// The stop of a rule in shadow stops nothing in a bot: what is behind it must not look idle.
func TestARehearsalHidesNoRuleBehindOneInShadow(t *testing.T) {
	const file = `version: 1
defaults: {brake: off}
rules:
  - {id: watch, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [alert: {}], stop: true}
  - {id: after, on: message, mode: enforce, when: {text: {has_any: [casino]}}, then: [remove: {}], stop: true}
  - {id: hidden, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [mute: {for: 1m}]}
`
	for rehearse, want := range map[bool]string{
		true:  "watch 1 map[alert:1]\nafter 1 map[remove:1]\nhidden 0 map[]\n",
		false: "watch 1 map[]\nafter 1 map[remove:1]\nhidden 0 map[]\n",
	} {
		rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(file), Rehearse: rehearse}, start)
		if rules == nil {
			t.Fatal(problems)
		}
		var got strings.Builder
		for _, r := range replay(t, record(t, said(0, "ann", "casino")), trial.ReplayConfig{Rules: rules, Rehearsed: rehearse}).Rules {
			fmt.Fprintln(&got, r.Rule, r.Hits, r.Done)
		}
		if got.String() != want {
			t.Errorf("rehearsed %v: got\n%swant\n%s", rehearse, got.String(), want)
		}
	}
}
