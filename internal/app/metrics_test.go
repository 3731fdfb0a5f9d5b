package app_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

// scrape reads the metrics as Prometheus would.
func scrape(t *testing.T, r *rig) (series, help map[string]string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.app.AdminAddr()+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	series, help = map[string]string{}, map[string]string{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, text, _ := strings.Cut(rest, " ")
			help[name] = text
			continue
		}
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			series[line[:i]] = line[i+1:]
		}
	}
	return series, help
}

func TestMetricsTellWhatHappened(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) { c.CAMS.RosterInterval = 0 })
	addGroups(t, r.sim)
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
	say(t, r.sim, sim.Message{Group: public, Member: "ann", Text: "refuse me"})
	say(t, r.sim, sim.Message{Group: wa, Member: "15550100002", Text: "赌博"})
	eventually(t, "two removals end", func() bool { return len(r.ended()) == 2 })
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.app.Reload(); err != nil {
		t.Fatal(err)
	}
	series, help := scrape(t, r)
	for name, want := range map[string]string{
		`groupguard_rule_matches_total{mode="enforce",rule="word"}`:                                "2",
		`groupguard_rule_matches_total{mode="enforce",rule="finish"}`:                              "0",
		`groupguard_brake_trips_total{rule="word"}`:                                                "0",
		`groupguard_intents_total{intent="remove",outcome="dead",provider="cams"}`:                 "0",
		`groupguard_webhook_requests_total{event="message",outcome="accepted",provider="tencent"}`: "1",
		`groupguard_webhook_requests_total{event="leave",outcome="accepted",provider="tencent"}`:   "1",
		`groupguard_webhook_requests_total{event="audit",outcome="accepted",provider="cams"}`:      "0",
		`groupguard_webhook_refused_total{provider="tencent",reason="bad signature"}`:              "0",
		`groupguard_webhook_refused_total{provider="cams",reason="wrong secret"}`:                  "0",
		`groupguard_batch_members_sum{api="DeleteChatGroupParticipants",provider="cams"}`:          "1",
		`groupguard_rate_refusals_total{api="delete_group_member",provider="tencent"}`:             "0",
		`groupguard_calls_per_second_limit{provider="tencent"}`:                                    "200",
		`groupguard_calls_per_second_limit{provider="cams"}`:                                       "5",
		`groupguard_credentials_ok{provider="tencent"}`:                                            "1",
		`groupguard_credentials_ok{provider="cams"}`:                                               "1",
		`groupguard_dry_run`:      "0",
		`groupguard_panics_total`: "0",
		`groupguard_intents_total{intent="remove",outcome="done",provider="tencent"}`:                      "1",
		`groupguard_intents_total{intent="remove",outcome="done",provider="cams"}`:                         "1",
		`groupguard_intents_total{intent="block",outcome="done",provider="tencent"}`:                       "1",
		`groupguard_provider_requests_total{api="delete_group_member",code="0",provider="tencent"}`:        "1",
		`groupguard_provider_requests_total{api="DeleteChatGroupParticipants",code="OK",provider="cams"}`:  "1",
		`groupguard_provider_request_duration_seconds_count{api="delete_group_member",provider="tencent"}`: "1",
		`groupguard_batch_members_count{api="delete_group_member",provider="tencent"}`:                     "1",
		`groupguard_removal_latency_seconds_count{provider="tencent"}`:                                     "1",
		`groupguard_webhook_requests_total{event="before_message",outcome="blocked",provider="tencent"}`:   "1",
		`groupguard_queue_entries`:                   "0",
		`groupguard_queue_oldest_age_seconds`:        "0",
		`groupguard_dead_letters`:                    "0",
		`groupguard_rules_loaded`:                    "6",
		`groupguard_rules_reload_success`:            "1",
		`groupguard_store_errors_total{op="commit"}`: "0",
	} {
		if series[name] != want {
			t.Errorf("%s is %q, want %s", name, series[name], want)
		}
	}
	for _, name := range []string{"groupguard_webhook_duration_seconds", "groupguard_rules_last_reload_timestamp_seconds", "groupguard_build_info"} {
		if help[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
}
