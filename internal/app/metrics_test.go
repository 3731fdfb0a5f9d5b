package app_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

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
		`groupguard_rule_matches_total{mode="enforce",rule="word"}`:                                        "2",
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

// TestSeriesAreBounded sends what thousands of members in many groups do and looks whether any of
// it became a label.
func TestSeriesAreBounded(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) { c.CAMS.RosterInterval = 0 })
	post := func(i int) {
		url := tencentURL(r, time.Now())
		body := strings.Replace(message(i, "赌博"), `"bob"`, fmt.Sprintf(`"member-%d"`, i), 2)
		if status := r.post(t, url, strings.Replace(body, public, fmt.Sprintf("@TGS#%d", i%200), 1)); status != http.StatusOK {
			t.Fatalf("message %d: %d", i, status)
		}
	}
	for i := range 100 {
		post(i)
	}
	before, _ := scrape(t, r)
	for i := 100; i < 2_000; i++ {
		post(i)
	}
	after, _ := scrape(t, r)
	if len(after) > 500 || len(after) > len(before)+60 {
		t.Errorf("%d series after 100 members, %d after 2,000", len(before), len(after))
	}
	for name := range after {
		if strings.Contains(name, "member-") || strings.Contains(name, "@TGS") {
			t.Errorf("a member or group became a label: %s", name)
		}
	}
}
