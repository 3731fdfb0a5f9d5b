package trial_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/trial"
)

// alike are so many rules that fit the same messages, the first of which is enforced.
func alike(rules int) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range rules {
		mode := "shadow"
		if i == 0 {
			mode = "enforce"
		}
		fmt.Fprintf(&b, "  - {id: r%d, on: message, mode: %s, when: {text: {has_any: [casino]}}, then: [remove: {}]}\n", i, mode)
	}
	return b.String()
}

// What a report shows of all rules together is bounded, by number and by the bytes of texts, and a report
// that was cut says so.
func TestSamplesOfAllRulesAreBoundedTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		rules, events, bytes int // the length of each text
		config               trial.ReplayConfig
		most, mostBytes      int
	}{
		"few":                        {3, 10, 6, trial.ReplayConfig{Samples: 1000, ShowText: true}, 30, 8 << 20},
		"many":                       {60, 1000, 6, trial.ReplayConfig{Samples: 1000}, 50_000, 8 << 20},
		"long texts":                 {10, 300, 8000, trial.ReplayConfig{Samples: 1000, ShowText: true}, 1100, 8 << 20},
		"long texts that are hidden": {10, 300, 8000, trial.ReplayConfig{Samples: 1000}, 3000, 8 << 20},
		"none are wanted":            {3, 10, 6, trial.ReplayConfig{}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var events []chat.Event
			for i := range tt.events {
				events = append(events, said(time.Duration(i)*time.Second, fmt.Sprint("m", i), "casino"+strings.Repeat(".", tt.bytes-6)))
			}
			tt.config.Rules = load(t, alike(tt.rules))
			r := replay(t, record(t, events...), tt.config)
			samples, bytes := 0, 0
			for _, rule := range r.Rules {
				if rule.Hits != tt.events {
					t.Errorf("%s has %d hits", rule.Rule, rule.Hits)
				}
				samples += len(rule.Samples)
				for _, s := range rule.Samples {
					bytes += len(s.Text)
				}
			}
			wanted := tt.rules * min(tt.events, tt.config.Samples)
			if samples > tt.most || bytes > tt.mostBytes || r.SamplesCut != (samples < wanted) || samples < min(wanted, tt.most)*9/10 {
				t.Errorf("%d samples of %d with %d bytes, cut %v", samples, wanted, bytes, r.SamplesCut)
			}
			said, err := json.Marshal(r)
			var printed strings.Builder
			(&trial.Printer{Out: &printed}).Report(r)
			if err != nil || strings.Contains(string(said), `"samples_cut":true`) != r.SamplesCut || strings.Contains(printed.String(), "Not all samples") != r.SamplesCut {
				t.Errorf("cut %v, which is said otherwise: %v", r.SamplesCut, err)
			}
		})
	}
}

// Two files that are compared share the bound with the rules.
func TestSamplesOfAComparisonAreBoundedToo(t *testing.T) {
	var events []chat.Event
	for i := range 1000 {
		events = append(events, said(time.Duration(i)*time.Second, fmt.Sprint("m", i), "casino"))
	}
	other := load(t, strings.ReplaceAll(alike(1), "casino", "poker"))
	r := replay(t, record(t, events...), trial.ReplayConfig{Rules: load(t, alike(50)), Against: other, Samples: 1000})
	n := len(r.Against.OnlyNew.Samples)
	for _, rule := range r.Rules {
		n += len(rule.Samples)
	}
	if n != 50_000 || !r.SamplesCut {
		t.Errorf("%d samples, cut %v", n, r.SamplesCut)
	}
}

// Members are named up to a bound for each rule, and to another of all rules.
func TestNamedMembersOfAllRulesAreBoundedTogether(t *testing.T) {
	var events []chat.Event
	for i := range 101 {
		events = append(events, said(time.Duration(i)*time.Second, fmt.Sprint("m", i, strings.Repeat("x", 150_000)), "casino"))
	}
	text := alike(1)
	r := replay(t, record(t, events...), trial.ReplayConfig{Rules: load(t, text)})
	bytes := 0
	for _, rule := range r.Rules {
		for _, m := range rule.Removed {
			bytes += len(m.Member)
		}
	}
	if bytes == 0 || bytes > 8<<20 {
		t.Errorf("names of %d bytes", bytes)
	}
}
