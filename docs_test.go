package groupguard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A dependency without a stated reason, or a reason without its dependency, is a mistake.
func TestDependenciesAreDocumented(t *testing.T) {
	required := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v(\S+)$`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		required[m[1]] = m[2]
	}
	documented := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+) \| (\S+) \| \S`).FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		documented[m[1]] = m[2]
	}
	if len(required) < 5 || len(documented) < 5 {
		t.Fatalf("found %d requirements and %d rows", len(required), len(documented))
	}
	for module, version := range required {
		if documented[module] != version {
			t.Errorf("docs/dependencies.md has %s at %q, go.mod at %q", module, documented[module], version)
		}
	}
	for module := range documented {
		if required[module] == "" {
			t.Errorf("docs/dependencies.md has %s, go.mod does not", module)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestLinksBetweenPagesLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range append(pages, "README.md", "CHANGELOG.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", page, m[1])
			}
		}
	}
}

// The Makefile's verbs are what the README promises, and few enough to remember.
func TestMakeVerbs(t *testing.T) {
	m := regexp.MustCompile(`(?m)^\.PHONY: (.*)$`).FindStringSubmatch(read(t, "Makefile"))
	if m == nil {
		t.Fatal("the Makefile has no .PHONY line")
	}
	verbs, readme := strings.Fields(m[1]), read(t, "README.md")
	if len(verbs) > 8 {
		t.Errorf("%d verbs are more than eight", len(verbs))
	}
	for _, v := range verbs {
		if !strings.Contains(readme, "make "+v) {
			t.Errorf("the README does not mention make %s", v)
		}
	}
	if n := strings.Count(readme, "\n"); n > 250 {
		t.Errorf("the README has %d lines, more than 250", n)
	}
}

// Rules that a page shows are rules that load.
func TestRulesOnPagesLoad(t *testing.T) {
	for _, page := range []string{"README.md", "docs/rules.md"} {
		found := 0
		for _, m := range regexp.MustCompile("(?s)```yaml\n(version: 1\n.*?)```").FindAllStringSubmatch(read(t, page), -1) {
			found++
			rules, problems := policy.Load(policy.Source{Name: page, Data: []byte(m[1])}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			for _, p := range problems {
				if p.Severity != policy.SeverityNote {
					t.Errorf("%s", p)
				}
			}
			if rules == nil {
				t.Errorf("%s: the rules were refused", page)
			}
		}
		if found == 0 {
			t.Errorf("%s shows no rules", page)
		}
	}
}
