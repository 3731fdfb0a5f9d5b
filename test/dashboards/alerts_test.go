package dashboards

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	promDir  = root + "/deploy/prometheus"
	runbooks = root + "/docs/runbooks.md"
	pageURL  = "https://github.com/groupguard/groupguard/blob/main/docs/"
	alertJob = "groupguard"
)

// alert is one rule of deploy/prometheus/rules/groupguard.yaml.
type alert struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func decodeYAML(t *testing.T, name string, into any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(read(t, name)))
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	decodeYAML(t, promDir+"/rules/groupguard.yaml", &file)
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 20 {
		t.Fatalf("found %d alerts", len(all))
	}
	return all
}

// ruleTests are the files of tests for promtool.
func ruleTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(promDir + "/rules/*_test.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no tests of rules: %v", err)
	}
	return files
}

// promtool runs a command of it, in the folder of its file.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtool(t *testing.T) {
	promtool(t, "check", "config", promDir+"/prometheus.yaml")
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", promDir+"/rules/groupguard.yaml")
	promtool(t, append([]string{"test", "rules"}, ruleTests(t)...)...)
}

// Whoever is woken reads what has happened, with which values, and where to go on; and no alert looks
// at the series of another job.
func TestAlertsAreComplete(t *testing.T) {
	for _, a := range alerts(t) {
		if !strings.HasPrefix(a.Alert, "Groupguard") || !slices.Contains([]string{"critical", "warning"}, a.Labels["severity"]) {
			t.Errorf("%s: name or severity %q is odd", a.Alert, a.Labels["severity"])
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s has no summary or description", a.Alert)
		}
		if !strings.Contains(a.Annotations["description"], "{{ $") {
			t.Errorf("%s: the description has no value", a.Alert)
		}
		if want := pageURL + "runbooks.md#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url is %q, want %q", a.Alert, a.Annotations["runbook_url"], want)
		}
		for _, s := range selectors.FindAllStringSubmatch(a.Expr, -1) {
			if !strings.Contains(s[2], `job="`+alertJob+`"`) {
				t.Errorf("%s: %s is not bound to the job", a.Alert, s[0])
			}
		}
		if pinned.MatchString(a.Expr) {
			t.Errorf("%s picks a bucket", a.Alert)
		}
		if bare := bareMetric.FindString(strings.Join(selectors.Split(a.Expr, -1), " ")); bare != "" {
			t.Errorf("%s: %s is not bound to the job", a.Alert, bare)
		}
	}
}

// An alert that no test makes fire may never fire, and one without a near miss may fire for nothing.
func TestAlertsAreTested(t *testing.T) {
	fires, silent := map[string]int{}, map[string]int{}
	asked := regexp.MustCompile(`^(?:ALERTS\{alertname="(\w+)",alertstate="firing"\}|count_over_time\(ALERTS\{alertname="(\w+)",alertstate="firing"\}\[30d\]\))$`)
	for _, f := range ruleTests(t) {
		var file struct {
			Tests []struct {
				Name  string
				Exprs []struct {
					Expr    string
					Samples []struct{ Labels string } `yaml:"exp_samples"`
				} `yaml:"promql_expr_test"`
			}
		}
		decodeYAML(t, f, &file)
		for _, c := range file.Tests {
			for _, e := range c.Exprs {
				m := asked.FindStringSubmatch(e.Expr)
				switch {
				case m == nil:
					t.Errorf("%s: %q asks for something else", c.Name, e.Expr)
				case len(e.Samples) > 0:
					fires[m[1]+m[2]]++
				default:
					silent[m[1]+m[2]]++
				}
			}
		}
	}
	for _, a := range alerts(t) {
		if fires[a.Alert] == 0 || silent[a.Alert] == 0 {
			t.Errorf("%s fires in %d tests and is silent in %d", a.Alert, fires[a.Alert], silent[a.Alert])
		}
		delete(fires, a.Alert)
		delete(silent, a.Alert)
	}
	for name := range fires {
		t.Errorf("there are tests of %s, and no such alert", name)
	}
	for name := range silent {
		t.Errorf("there are tests of %s, and no such alert", name)
	}
}
