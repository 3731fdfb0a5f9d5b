package dashboards

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// variables are what Grafana puts in place of them: job is chosen by name, the others are all.
var variables = strings.NewReplacer("$__rate_interval", "15s", "$__range", "5m", "$job", "("+alertJob+")", "$instance", ".+", "$rule", ".+")

// patience bounds how long all series may take to come.
const patience = 4 * time.Minute

// TestDashboardQueries has Prometheus scrape the demo and a bot on Redis, and waits until every query of
// every panel has a series with a number. Then no alert may be about to fire, and what the runbooks say has
// to work.
func TestDashboardQueries(t *testing.T) {
	if _, err := exec.LookPath("prometheus"); err != nil {
		t.Skip("SKIP: prometheus is not installed: apt-get install prometheus")
	}
	bots := startFleet(t)
	prom := startPrometheus(t, bots.admins)
	t.Run("panels", func(t *testing.T) { askPanels(t, prom) })
	t.Run("names", func(t *testing.T) { askNames(t, prom) })
	t.Run("alerts", func(t *testing.T) { askAlerts(t, prom) })
	t.Run("runbooks", func(t *testing.T) { followRunbooks(t, bots, prom) })
	t.Run("outage", func(t *testing.T) { endureOutage(t, bots, prom) })
}

func askPanels(t *testing.T, prom server) {
	type question struct{ panel, expr string }
	var open []question
	panels := 0
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			if p.shows() {
				panels++
			}
			for _, q := range p.Targets {
				open = append(open, question{panel: b.UID + ": " + p.Title, expr: variables.Replace(q.Expr)})
			}
		}
	}
	t.Logf("%d panels with %d queries", panels, len(open))
	began := time.Now()
	until(t, patience, func() bool {
		open = slices.DeleteFunc(open, func(q question) bool {
			_, numbers, err := prom.values(q.expr)
			return err == nil && numbers > 0
		})
		return len(open) == 0
	})
	for _, q := range open {
		series, _, err := prom.values(q.expr)
		t.Errorf("%s: %d series and no number, error %v\n%s", q.panel, series, err, q.expr)
	}
	t.Logf("all had a series with a number after %s", time.Since(began).Round(time.Second))
	const misspelt = `sum(groupguard_queue_entry{job="groupguard"})`
	if series, _, err := prom.values(misspelt); err != nil || series > 0 {
		t.Errorf("%s has %d series, error %v", misspelt, series, err)
	}
}

// askNames looks for the metrics by name, since a misspelt one beside others can hide in a query.
func askNames(t *testing.T, prom server) {
	names, err := prom.metrics()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range named(t) {
		if !names[name] {
			t.Errorf("%s is not scraped", name)
		}
	}
	t.Logf("%d metrics of ours are named", len(named(t)))
}

// askAlerts waits for some traffic and until each alert was evaluated, and wants every bot to be healthy.
func askAlerts(t *testing.T, prom server) {
	const busy = `sum(groupguard_intents_total{job="groupguard",intent="remove",outcome="done"}) >= 60`
	if !until(t, patience, func() bool {
		series, _, err := prom.values(busy)
		return err == nil && series > 0
	}) {
		t.Fatal("the traffic leads to no removals")
	}
	var rules []evaluated
	var err error
	want := len(alerts(t))
	if !until(t, patience, func() bool {
		rules, err = prom.rules()
		return err == nil && len(rules) == want && !slices.ContainsFunc(rules, func(r evaluated) bool { return r.LastEvaluation.IsZero() })
	}) {
		t.Fatalf("%d of %d alerts were evaluated: %v", len(rules), want, err)
	}
	for _, r := range rules {
		if r.Health != "ok" || r.LastError != "" {
			t.Errorf("%s cannot be evaluated: %s %s", r.Name, r.Health, r.LastError)
		}
		if r.State != "inactive" {
			t.Errorf("%s is %s under healthy traffic: %s", r.Name, r.State, fmt.Sprint(r.Alerts))
		}
	}
	t.Logf("%d alerts are evaluated and inactive", len(rules))
}
