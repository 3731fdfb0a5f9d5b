package app_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/trial"
)

// oneWordTested returns the rules of oneWord with a test.
func oneWordTested(word, test string) string {
	return oneWord(word) + "    tests:\n      - " + test + "\n"
}

func TestRulesWhoseTestsFailAreRefused(t *testing.T) {
	r := start(t, sim.Options{}, oneWordTested("first", "{say: first, expect: match}"), "", func(c *config.Config) { c.CAMS = config.CAMS{} })
	addGroups(t, r.sim)
	file := filepath.Join(r.rulesDir, "rules.yaml")
	write(t, file, oneWordTested("second", "{say: first, expect: match}"))
	err := r.app.Reload()
	if !errors.Is(err, app.ErrRules) || !strings.Contains(err.Error(), `rules.yaml:10:9: error: test 1 of rule "word" failed: expected match, got pass`) {
		t.Errorf("got %v", err)
	}
	if series, _ := scrape(t, r); series["groupguard_rules_reload_success"] != "0" {
		t.Errorf("success is %q", series["groupguard_rules_reload_success"])
	}
	if !blocks(t, r.sim, "first") || blocks(t, r.sim, "second") {
		t.Error("the former rules are not in force")
	}
	write(t, file, oneWordTested("second", "{say: second, expect: match}"))
	if err := r.app.Reload(); err != nil || !blocks(t, r.sim, "second") {
		t.Errorf("rules whose tests hold are not taken: %v", err)
	}
}

func TestRulesWhoseTestsFailAtTheStartAreRefused(t *testing.T) {
	s, url := newSim(t, sim.Options{})
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, file, oneWordTested("word", "{say: word, expect: pass}"))
	_, err := app.New(t.Context(), settingsFor(t, s, url, t.TempDir(), file, ""), app.Options{Log: quiet()})
	if !errors.Is(err, app.ErrRules) || !strings.Contains(err.Error(), `rules.yaml:10:9: error: test 1 of rule "word" failed`) {
		t.Errorf("got %v", err)
	}
}

func TestARuleThatIsOffIsTested(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	for test, fails := range map[string]bool{"{say: word, expect: match}": false, "{say: word, expect: pass}": true} {
		write(t, file, strings.Replace(oneWordTested("word", test), "enforce", "off", 1))
		if rules, problems := app.LoadRules(file); (rules == nil) != fails {
			t.Errorf("%s: %v", test, problems)
		}
	}
}

const manyRules = wordRules + `  - id: flood
    on: message
    when: {count: {messages: 4, within: 1m}}
    then: [{strike: {}}, {mute: {for: 10m}}, {remove: {}, at_strikes: 2}]
  - id: newcomer
    on: message
    when: {member: {joined_within: 10m}, link: {any: true}}
    then: [{remove: {}}]
  - id: watch
    on: message
    mode: shadow
    when: {text: {has_any: ["hello"]}}
    then: [{remove: {}}]
`

// TestWhatWasRecordedIsDecidedAgainAsItWas records a live bot, restarts it in between, and replays.
func TestWhatWasRecordedIsDecidedAgainAsItWas(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.ndjson")
	r := start(t, sim.Options{}, manyRules, "", func(c *config.Config) { c.Record, c.CAMS.RosterInterval = file, 0 })
	addGroups(t, r.sim)
	if err := r.sim.World().Join(public, "newcomer"); err != nil {
		t.Fatal(err)
	}
	for _, m := range []sim.Message{
		{Group: public, Member: "bob", Text: "来赌博吧"}, {Group: public, Member: "ann", Text: "refuse me"}, {Group: public, Member: "newcomer", Text: "see http://win.example.net"},
		{Group: public, Member: "cat", Text: "hello"}, {Group: public, Member: "cat", Text: "one"}, {Group: public, Member: "cat", Text: "two"},
		{Group: public, Member: "olga", Text: "赌博", Repeat: 2}, {Group: wa, Member: "15550100771", Text: "hello"},
	} {
		_ = say(t, r.sim, m)
		if err := r.sim.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "bob is gone", func() bool { return !r.sim.World().Has(public, "bob") })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r.run(t)
	if err := r.sim.World().Join(public, "bob"); err != nil {
		t.Fatal(err)
	}
	say(t, r.sim, sim.Message{Group: public, Member: "cat", Text: "three"})
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博 again"})
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}

	rules, _ := app.LoadRules(r.cfg.Rules)
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	report, err := trial.Replay(t.Context(), trial.NewReader(in, file), trial.ReplayConfig{Rules: rules, Samples: 1000})
	if err != nil || report.Events.Bad > 0 || report.Events.Unknown > 0 || report.Events.Total < 12 {
		t.Fatalf("%+v, %v", report, err)
	}
	live, again := map[string]bool{}, map[string]bool{}
	for _, c := range r.cases() {
		for _, m := range c.Matches {
			live[fmt.Sprint(c.Code, " ", m.Rule)] = true
		}
	}
	for _, rule := range report.Rules {
		for _, s := range rule.Samples {
			if rule.Mode == "enforce" {
				again[fmt.Sprint(s.Code, " ", s.Rule)] = true
			}
		}
	}
	for key := range live {
		if strings.HasSuffix(key, " watch") {
			delete(live, key)
		}
	}
	got, want := slices.Sorted(maps.Keys(again)), slices.Sorted(maps.Keys(live))
	if !slices.Equal(got, want) || len(want) < 6 {
		t.Errorf("replayed\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestACaseHoldsItsTrace compares the record of a case with what explain shows for its event.
func TestACaseHoldsItsTrace(t *testing.T) {
	r := start(t, sim.Options{}, manyRules, "", func(c *config.Config) { c.CAMS.RosterInterval = 0 })
	addGroups(t, r.sim)
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "hello 赌博"})
	eventually(t, "the case is stored", func() bool { return len(r.cases()) == 1 })
	c := r.cases()[0]
	rules, _ := app.LoadRules(r.cfg.Rules)
	x, err := trial.Explain(t.Context(), rules, []chat.Event{c.Event})
	if err != nil {
		t.Fatal(err)
	}
	matched := slices.DeleteFunc(x.Rules, func(s chat.RuleSeen) bool { return s.Outcome != "match" })
	if len(matched) != 2 || !reflect.DeepEqual(c.Trace, matched) || x.Code != c.Code {
		t.Errorf("the case %s has\n%+v\nexplain %s has\n%+v", c.Code, c.Trace, x.Code, matched)
	}
}

// A file that is too large is refused as a whole: what was cut off may hold the mistake, or the rule
// that excuses somebody.
func TestATooLargeFileIsRefusedAndNotCutOff(t *testing.T) {
	dir := t.TempDir()
	good := "version: 1\nrules:\n  - {id: a, on: message, when: {text: {has_any: [x]}}, then: [alert: {}]}\n"
	for name, tc := range map[string]struct {
		text string
		want bool
	}{
		"as large as may be": {good + strings.Repeat("#", policy.MaxFile-len(good)), true},
		"a byte more":        {good + strings.Repeat("#", policy.MaxFile-len(good)+1), false},
		"much more":          {good + strings.Repeat("# comment\n", policy.MaxFile/8) + "nonsense", false},
	} {
		file := filepath.Join(dir, "rules.yaml")
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		rules, problems := app.LoadRules(file)
		if (rules != nil) != tc.want {
			t.Errorf("%s: taken %t: %v", name, rules != nil, problems)
		}
		if !tc.want && !strings.Contains(fmt.Sprint(problems), "more than") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
