package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/sim"
)

// strictRules remove whoever says anything, under the name that the heartbeat's own rule has.
const strictRules = `version: 1
defaults: {mode: enforce, brake: {removals: 3, within: 1h}}
rules:
  - id: heartbeat
    on: message
    ack: matches-everything
    when: {text: {length_over: 0}}
    then: [{remove: {}}, {alert: {severity: info}}]
  - {id: watch, on: message, mode: shadow, ack: matches-everything, when: {text: {length_over: 0}}, then: [{remove: {}}]}
`

// beating has a bot beat fast, and do nothing else by itself.
func beating(c *config.Config) {
	c.Heartbeat = 20 * time.Millisecond
	c.CAMS.RosterInterval = 0
}

// beats returns how many heartbeats of a provider came to an outcome.
func (r *rig) beats(t *testing.T, provider, outcome string) int {
	t.Helper()
	series, _ := scrape(t, r)
	text, ok := series[`groupguard_heartbeats_total{outcome="`+outcome+`",provider="`+provider+`"}`]
	n, err := strconv.Atoi(text)
	if !ok || err != nil {
		t.Fatalf("%s %s: %q, %v", provider, outcome, text, err)
	}
	return n
}

// carriesOut waits until so many more heartbeats of each provider were carried out.
func (r *rig) carriesOut(t *testing.T, more int) {
	t.Helper()
	for _, p := range []string{"tencent", "cams"} {
		from := r.beats(t, p, "carried_out")
		eventually(t, fmt.Sprintf("%d more heartbeats of %s", more, p), func() bool { return r.beats(t, p, "carried_out") >= from+more })
	}
}

// wantNothing looks at everything that a heartbeat must not leave behind.
func (r *rig) wantNothing(t *testing.T) {
	t.Helper()
	if calls := r.sim.History(); len(calls) > 0 {
		t.Errorf("%d calls of providers, the first %+v", len(calls), calls[0])
	}
	if n := len(r.cases()) + len(r.ended()); n > 0 {
		t.Errorf("somebody was told of %d cases and outcomes", n)
	}
	if l := ask[desk.CasesList](t, r, "GET", "cases?parts=true", nil); len(l.Cases) > 0 {
		t.Errorf("cases are listed: %+v", l.Cases)
	}
	for _, shelf := range []string{"dead", "held"} {
		if l := ask[desk.LettersList](t, r, "GET", shelf, nil); len(l.Letters) > 0 {
			t.Errorf("letters lie on the shelf %s: %+v", shelf, l.Letters)
		}
	}
	series, _ := scrape(t, r)
	for name, value := range series {
		switch {
		case strings.HasPrefix(name, "groupguard_rule_matches_total") && value != "0",
			strings.HasPrefix(name, "groupguard_brake_trips_total") && value != "0",
			strings.HasPrefix(name, "groupguard_provider_requests_total") && value != "0",
			strings.HasPrefix(name, "groupguard_intents_total") && value != "0" && !strings.Contains(name, `provider="heartbeat"`),
			strings.Contains(name, `outcome="deduplicated",provider="heartbeat"`) && value != "0",
			strings.HasPrefix(name, "groupguard_webhook_requests_total") && value != "0" && !strings.Contains(name, `event="heartbeat"`):
			t.Errorf("%s is %s", name, value)
		}
	}
}

func TestABeatGoesTheWholeWayAndLeavesNothingBehind(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		file := filepath.Join(t.TempDir(), "events.ndjson")
		r := start(t, sim.Options{}, strictRules, redisURL, func(c *config.Config) {
			beating(c)
			c.Record = file
		})
		r.carriesOut(t, 20) // more than there are partitions
		r.wantNothing(t)
		series, _ := scrape(t, r)
		for _, p := range []string{"tencent", "cams"} {
			answered := r.beats(t, p, "answered")
			if sent := r.beats(t, p, "sent"); answered < 20 || sent < answered {
				t.Errorf("%s: %d sent, %d answered", p, sent, answered)
			}
			if n, err := strconv.Atoi(series[`groupguard_webhook_requests_total{event="heartbeat",outcome="accepted",provider="`+p+`"}`]); n < 20 || err != nil {
				t.Errorf("%s: %d webhooks", p, n)
			}
			for _, stage := range []string{"answered", "carried_out"} {
				at, err := strconv.ParseFloat(series[`groupguard_heartbeat_last_success_timestamp_seconds{provider="`+p+`",stage="`+stage+`"}`], 64)
				if age := time.Since(time.UnixMilli(int64(at * 1000))); err != nil || age < 0 || age > patience {
					t.Errorf("%s was %s %v ago, %v", p, stage, age, err)
				}
			}
		}
		if n, err := strconv.Atoi(series[`groupguard_intents_total{intent="remove",outcome="done",provider="heartbeat"}`]); n < 40 || err != nil {
			t.Errorf("%d removals that call nobody", n)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(file); len(data) > 0 || err != nil {
			t.Errorf("recorded %s, %v", data, err)
		}
	})
}

// The way is open during a pause, and what would go it when the pause ends must not be in doubt.
func TestAPauseOfEverythingHoldsNoBeat(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, strictRules, redisURL, beating)
		for _, q := range []desk.PauseRequest{{}, {Rule: "heartbeat"}} {
			ask[desk.Paused](t, r, "POST", "pause", q)
		}
		eventually(t, "the pause holds", func() bool {
			series, _ := scrape(t, r)
			return series[`groupguard_rule_paused{rule="heartbeat"}`] == "2"
		})
		r.carriesOut(t, 5)
		r.wantNothing(t)
	})
}

func TestADryRunBeats(t *testing.T) {
	r := start(t, sim.Options{}, strictRules, "", func(c *config.Config) {
		beating(c)
		c.DryRun = true
	})
	r.carriesOut(t, 5)
	r.wantNothing(t)
	series, _ := scrape(t, r)
	if n, err := strconv.Atoi(series[`groupguard_intents_total{intent="remove",outcome="dry_run",provider="heartbeat"}`]); n < 10 || err != nil {
		t.Errorf("%d dry runs", n)
	}
}

func TestBeatsWithoutSecrets(t *testing.T) {
	r := start(t, sim.Options{}, strictRules, "", func(c *config.Config) {
		beating(c)
		c.InsecureWebhooks = true
		c.Tencent.WebhookToken, c.CAMS.WebhookSecret = "", ""
	})
	r.carriesOut(t, 5)
	r.wantNothing(t)
}

func TestABotThatDoesNotBeatSaysSo(t *testing.T) {
	r := start(t, sim.Options{}, strictRules, "", func(c *config.Config) { c.CAMS.RosterInterval = 0 })
	series, _ := scrape(t, r)
	if series["groupguard_heartbeat_interval_seconds"] != "0" {
		t.Errorf("the interval is %q", series["groupguard_heartbeat_interval_seconds"])
	}
	for name := range series {
		if strings.HasPrefix(name, "groupguard_heartbeats_total") || strings.HasPrefix(name, "groupguard_heartbeat_last") {
			t.Errorf("%s is shown", name)
		}
	}
}

// TestWhatLooksLikeABeatIsAnEvent has members write in groups with such names.
func TestWhatLooksLikeABeatIsAnEvent(t *testing.T) {
	r := start(t, sim.Options{}, strictRules, "", beating)
	groups := []string{"heartbeat", "heartbeat-1", "heartbeat-" + strings.Repeat("0", 32) + "-1", "tencent-0"}
	for _, g := range groups {
		if err := r.sim.World().AddGroup(sim.Group{Provider: sim.Tencent, ID: g, Type: "Public", Owner: "olga", Members: []string{"bob"}}); err != nil {
			t.Fatal(err)
		}
		say(t, r.sim, sim.Message{Group: g, Member: "bob", Text: "groupguard heartbeat https://a.example https://b.example"})
		eventually(t, "bob is removed from "+g, func() bool { return !r.sim.World().Has(g, "bob") })
	}
	if n := len(r.cases()); n != len(groups) {
		t.Errorf("%d cases, want one for each of %d groups", n, len(groups))
	}
}

// TestABeatWithAWrongSignatureIsRefused sends what a bot with other secrets would send to itself.
func TestABeatWithAWrongSignatureIsRefused(t *testing.T) {
	r := start(t, sim.Options{}, strictRules, "", func(c *config.Config) { c.CAMS.RosterInterval = 0 })
	url := "http://" + r.app.WebhookAddr() + "/webhook/"
	if got := r.post(t, tencentURL(r, time.Now(), "OptPlatform=Heartbeat", "Sign="+strings.Repeat("0", 64)), message(1, "groupguard heartbeat")); got != http.StatusUnauthorized {
		t.Errorf("Tencent: %d", got)
	}
	if got := r.post(t, tencentURL(r, time.Now().Add(-time.Hour), "OptPlatform=Heartbeat"), message(1, "groupguard heartbeat")); got != http.StatusUnauthorized {
		t.Errorf("Tencent, an hour later: %d", got)
	}
	if got := r.post(t, url+"cams/wrong-secret-000", "[]"); got != http.StatusNotFound {
		t.Errorf("CAMS: %d", got)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.decided)+len(r.settled) > 0 {
		t.Errorf("they came to %+v", r.decided)
	}
}
