package groupguard_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

var rulesBlock = regexp.MustCompile("(?s)```yaml\n(version: 1\n.*?)```")

// pages returns all pages of the documentation.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("docs/rules/*.md")
	if err != nil || len(found) == 0 || len(more) == 0 {
		t.Fatalf("found %d and %d pages: %v", len(found), len(more), err)
	}
	return append(append(found, more...), "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
}

// Rules that a page shows are rules that load without a warning, and whose tests pass.
func TestRulesOnPagesHold(t *testing.T) {
	for _, page := range pages(t) {
		blocks := rulesBlock.FindAllStringSubmatch(read(t, page), -1)
		shown := strings.HasPrefix(page, "docs/rules") || page == "README.md"
		if len(blocks) == 0 && shown {
			t.Errorf("%s shows no rules", page)
		}
		for _, m := range blocks {
			rules, problems := policy.Load(policy.Source{Name: page, Data: []byte(m[1])}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			for _, p := range problems {
				if p.Severity != policy.SeverityNote {
					t.Errorf("%s\n%s", p, m[1])
				}
			}
			if rules == nil {
				continue
			}
			results, err := trial.Run(t.Context(), rules, nil)
			if err != nil {
				t.Errorf("%s: %v", page, err)
			}
			for _, r := range results {
				if !r.Passed {
					t.Errorf("%s: test %d of rule %s failed: first match at %d\n%s", page, r.Test.Number, r.Test.Rule, r.First, m[1])
				}
			}
			if len(results) == 0 && strings.HasPrefix(page, "docs/rules/") {
				t.Errorf("%s shows rules without a test:\n%s", page, m[1])
			}
		}
	}
}

// keysOf returns the conditions or the intents of the schema, each with the keys of its own map.
func keysOf(t *testing.T, kind string) map[string][]string {
	t.Helper()
	var schema struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(read(t, "schema/rules.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	for name, def := range schema.Defs {
		if name, ok := strings.CutPrefix(name, kind+"_"); ok && name != "not" {
			keys[name] = slices.Sorted(maps.Keys(def.Properties))
		}
	}
	if len(keys) < 8 {
		t.Fatalf("the schema has %d of the kind %s", len(keys), kind)
	}
	return keys
}

// Each condition and each intent has a page that names each of its keys.
func TestEveryKeyHasItsPlaceOnAPage(t *testing.T) {
	elsewhere := map[string]string{"any": "logic", "all": "logic", "not": "logic", "at_strikes": "strike"}
	for _, kind := range []string{"condition", "intent"} {
		for name, keys := range keysOf(t, kind) {
			page := name
			if other := elsewhere[name]; other != "" {
				page = other
			}
			body, err := os.ReadFile("docs/rules/" + page + ".md")
			if err != nil {
				t.Errorf("%s has no page: %v", name, err)
				continue
			}
			for _, key := range append(keys, name) {
				if !strings.Contains(string(body), "`"+key+"`") {
					t.Errorf("docs/rules/%s.md does not say what %s of %s is", page, key, name)
				}
			}
			if !strings.Contains(read(t, "docs/rules.md"), "(rules/"+page+".md)") {
				t.Errorf("docs/rules.md does not lead to %s", page)
			}
		}
	}
}
