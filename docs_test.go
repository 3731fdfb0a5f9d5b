package groupguard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	for _, page := range pages(t) {
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
