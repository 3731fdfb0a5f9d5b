package app_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/store/redistest"
)

// family is what a page of metrics and the registry must agree about.
type family struct {
	kind   string
	labels map[string][]string // the values of each; nil in a page that does not list them
}

// described returns the families of the registry: those with series as a scrape shows them, and of those
// without any the names and labels that they were registered with.
func described(t *testing.T, reg *prometheus.Registry) map[string]family {
	t.Helper()
	found := map[string]family{}
	got, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		of := family{strings.ToLower(f.GetType().String()), map[string][]string{}}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				of.labels[l.GetName()] = append(of.labels[l.GetName()], l.GetValue())
			}
		}
		found[f.GetName()] = of
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		reg.Describe(descs)
	}()
	name := regexp.MustCompile(`fqName: "([^"]*)"`)
	for d := range descs {
		m := name.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("cannot read %s", d)
		}
		if _, ok := found[m[1]]; !ok {
			t.Errorf("%s has no series, so that its type is not known: let the test do what it counts", m[1])
		}
	}
	maps.DeleteFunc(found, func(name string, _ family) bool {
		return strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")
	})
	return found
}

// tabled returns the families of the page's tables.
func tabled(t *testing.T, page string) map[string]family {
	t.Helper()
	found := map[string]family{}
	label := regexp.MustCompile("^`([a-z_]+)`: (.+)$")
	for _, row := range regexp.MustCompile("(?m)^\\| `(groupguard_[a-z_]+)` \\| (counter|gauge|histogram) \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$").FindAllStringSubmatch(page, -1) {
		of := family{row[2], map[string][]string{}}
		for cell := range strings.SplitSeq(strings.TrimSpace(row[3]), "; ") {
			if cell == "" {
				continue
			}
			m := label.FindStringSubmatch(cell)
			if m == nil {
				t.Fatalf("%s: cannot read the label %q", row[1], cell)
			}
			of.labels[m[1]] = nil
			if !strings.HasPrefix(m[2], "any ") && m[2] != "any" {
				of.labels[m[1]] = strings.Split(m[2], ", ")
			}
		}
		if _, twice := found[row[1]]; twice || strings.TrimSpace(row[4]) == "" || strings.TrimSpace(row[5]) == "" {
			t.Errorf("%s stands twice, or has no unit or meaning", row[1])
		}
		found[row[1]] = of
	}
	return found
}

// TestMetricsPageIsTheRegistry compares docs/metrics.md with what a bot with everything on registers:
// names, types, labels, and of labels with a list of values those that are seen.
func TestMetricsPageIsTheRegistry(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	r := everything(t, redistest.Start(t))
	want, got := described(t, r.app.Registry()), tabled(t, string(text))
	for name, f := range want {
		row, ok := got[name]
		if !ok {
			t.Errorf("docs/metrics.md lacks %s (%s)", name, f.kind)
			continue
		}
		if row.kind != f.kind || !slices.Equal(slices.Sorted(maps.Keys(row.labels)), slices.Sorted(maps.Keys(f.labels))) {
			t.Errorf("docs/metrics.md has %s as %s%v, it is %s%v", name, row.kind, slices.Sorted(maps.Keys(row.labels)),
				f.kind, slices.Sorted(maps.Keys(f.labels)))
		}
		for label, values := range f.labels {
			for _, value := range slices.Compact(slices.Sorted(slices.Values(values))) {
				if listed := row.labels[label]; listed != nil && !slices.Contains(listed, value) {
					t.Errorf("docs/metrics.md does not have %s{%s=%q}", name, label, value)
				}
			}
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("docs/metrics.md has %s, which is not registered", name)
		}
	}
	for _, name := range regexp.MustCompile(`groupguard_[a-z_]+`).FindAllString(string(text), -1) {
		f, ok := want[name]
		for _, part := range []string{"_bucket", "_count", "_sum"} {
			if base, cut := strings.CutSuffix(name, part); !ok && cut {
				f = want[base]
				ok = f.kind == "histogram"
			}
		}
		if !ok {
			t.Errorf("docs/metrics.md mentions %s, which does not exist", name)
		}
	}
}
