package groupguard_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// source is one package as far as the rules look at it.
type source struct {
	path    string              // from the module's root
	imports []string            // packages of this module with "./" before their path
	calls   map[string][]string // names used, by import path
}

func matches(patterns []string, what string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		switch base, below := strings.CutSuffix(p, "/..."); {
		case p == "nonstd":
			first, _, _ := strings.Cut(what, "/")
			return strings.Contains(first, ".") && first != "."
		case below && base == ".":
			return strings.HasPrefix(what, "./")
		case below:
			return what == base || strings.HasPrefix(what, base+"/")
		}
		return p == what
	})
}

func bound(in, except []string, pkg string) bool {
	return (len(in) == 0 || matches(in, pkg)) && !matches(except, pkg)
}

// violations returns a sentence for each use in p that a rule forbids.
func violations(p source) []string {
	var out []string
	for _, r := range importRules {
		for _, i := range p.imports {
			if bound(r.in, r.except, p.path) && matches(r.imports, i) && !matches(r.but, i) {
				out = append(out, fmt.Sprintf("%s must not import %s: %s", p.path, i, r.why))
			}
		}
	}
	for _, r := range callRules {
		for _, name := range p.calls[r.pkg] {
			if bound(r.in, r.except, p.path) && slices.Contains(r.names, name) {
				out = append(out, fmt.Sprintf("%s must not use %s.%s: %s", p.path, r.pkg, name, r.why))
			}
		}
	}
	return out
}
func TestImports(t *testing.T) {
	packages := readModule(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	for _, p := range packages {
		for _, v := range violations(*p) {
			t.Error(v)
		}
	}
}

// Every row must be able to fail: a package that breaks it is made up and must be reported.
func TestEveryRuleIsEnforced(t *testing.T) {
	base := func(pattern string) string { return strings.TrimSuffix(pattern, "/...") }
	where := func(in []string) string {
		if len(in) == 0 {
			return "internal/invented"
		}
		return base(in[0])
	}
	for _, r := range importRules {
		for _, pattern := range r.imports {
			broken := source{path: where(r.in), imports: []string{base(pattern)}}
			switch pattern {
			case "nonstd":
				broken.imports = []string{"example.com/module"}
			case "./...":
				broken.imports = []string{"./internal/invented"}
			}
			if got := violations(broken); !slices.ContainsFunc(got, func(v string) bool { return strings.HasSuffix(v, ": "+r.why) }) {
				t.Errorf("%s in %s is not reported (%s), got %q", pattern, broken.path, r.why, got)
			}
		}
	}
	for _, r := range callRules {
		for _, name := range r.names {
			broken := source{path: where(r.in), calls: map[string][]string{r.pkg: {name}}}
			if got := violations(broken); len(got) != 1 || !strings.HasSuffix(got[0], ": "+r.why) {
				t.Errorf("%s.%s in %s is not reported, got %q", r.pkg, name, broken.path, got)
			}
		}
	}
}

func TestRulesLetThroughWhatIsFine(t *testing.T) {
	for _, fine := range []source{
		{path: "internal/chat", imports: []string{"crypto/sha256", "time"}, calls: map[string][]string{"time": {"Duration"}}},
		{path: "internal/policy", imports: []string{"./internal/chat", "./internal/policy/fold", "go.yaml.in/yaml/v3", "net/netip"}},
		{path: "internal/webhook", imports: []string{"./internal/chat", "github.com/labstack/echo/v4", "github.com/labstack/echo/v4/middleware"}},
		{path: "internal/provider/tencent", imports: []string{"./internal/provider", "./internal/actions", "net/http"}},
		{path: "cmd/bot", imports: []string{"./internal/app", "os"}, calls: map[string][]string{"os": {"Exit", "Environ"}}},
	} {
		if got := violations(fine); len(got) > 0 {
			t.Errorf("got %q", got)
		}
	}
}

// A row about a package that is gone would hold for ever without a meaning.
func TestRulesNamePackagesThatExist(t *testing.T) {
	exists := map[string]bool{}
	for _, p := range readModule(t) {
		exists[p.path] = true
	}
	var named []string
	for _, r := range importRules {
		named = append(append(named, r.in...), r.except...)
		for _, i := range slices.Concat(r.imports, r.but) {
			if ours, ok := strings.CutPrefix(i, "./"); ok && ours != "..." {
				named = append(named, ours)
			}
		}
	}
	for _, r := range callRules {
		named = append(append(named, r.in...), r.except...)
	}
	for _, name := range named {
		name = strings.TrimSuffix(name, "/...")
		below := func(p string) bool { return strings.HasPrefix(p, name+"/") }
		if !exists[name] && !slices.ContainsFunc(slices.Collect(maps.Keys(exists)), below) {
			t.Errorf("a rule names %s, which does not exist", name)
		}
	}
}
