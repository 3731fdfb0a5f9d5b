package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	ours       = regexp.MustCompile(`\bgroupguard_[a-z0-9_]+`)
	documented = regexp.MustCompile("`(groupguard_[a-z0-9_]+)")
)

// named returns the metrics of ours that dashboards and alerts name, without what a histogram appends.
func named(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				all = append(all, ours.FindAllString(q.Expr, -1)...)
			}
		}
		for _, v := range b.Templating.List {
			all = append(all, ours.FindAllString(string(v.Query), -1)...)
		}
	}
	for _, r := range alerts(t) {
		all = append(all, ours.FindAllString(r.Expr, -1)...)
	}
	all = append(all, ours.FindAllString(string(read(t, runbooks)), -1)...)
	for i, name := range all {
		all[i] = family(name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// family returns the name of a histogram whose series is named.
func family(name string) string {
	for _, end := range []string{"_bucket", "_sum", "_count"} {
		if cut, ok := strings.CutSuffix(name, end); ok {
			return cut
		}
	}
	return name
}

// Every metric that is named is one of docs/metrics.md, which a test of the bot holds to be true.
func TestMetricsAreDocumented(t *testing.T) {
	page := map[string]bool{}
	for _, m := range documented.FindAllStringSubmatch(string(read(t, root+"/docs/metrics.md")), -1) {
		page[m[1]] = true
	}
	names := named(t)
	if len(page) < 30 || len(names) < 30 {
		t.Fatalf("found %d metrics in docs/metrics.md and %d in use", len(page), len(names))
	}
	for _, name := range names {
		if !page[name] {
			t.Errorf("%s is not in docs/metrics.md", name)
		}
	}
}
