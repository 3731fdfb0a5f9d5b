package app_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/sim"
)

// busyRules want everything that can be wanted.
const busyRules = `version: 1
defaults: {mode: enforce, allow_dissolve: true}
rules:
  - id: word
    on: message
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}, {recall: {}}, {alert: {}}]
  - id: quiet
    on: message
    when: {text: {has_any: ["mute me"]}}
    then: [{mute: {for: 10m}}]
  - id: mind
    on: message
    when: {text: {has_any: ["warn me"]}}
    then: [{warn: {text: "Please mind your language"}}]
  - id: refuse
    on: message
    providers: [tencent]
    when: {text: {has_any: ["refuse me"]}}
    then: [{block: {code: 10123, text: "Not like that"}}]
  - id: lock
    on: message
    when: {text: {has_any: ["lock this"]}}
    then: [{lockdown: {for: 15m, mute_all: true, invite_link: revoke}}]
  - id: end
    on: message
    when: {text: {has_any: ["end this group"]}}
    then: [{dissolve: {}}]
  - id: flood
    on: message
    when: {count: {messages: 1000, within: 10s}}
    then: [{remove: {}}]
  - id: watch
    on: message
    mode: shadow
    when: {text: {has_any: ["bingo"]}}
    then: [{remove: {}}]
`

// everything starts a bot with all that has metrics, and lets happen what each of them counts.
func everything(t *testing.T, redisURL string, changes ...func(*config.Config)) *rig {
	t.Helper()
	r := start(t, sim.Options{CAMS: sim.CAMSOptions{Rate: -1}}, busyRules, redisURL, func(c *config.Config) {
		c.Record = filepath.Join(t.TempDir(), "events.ndjson")
		c.Heartbeat = time.Second
		for _, change := range changes {
			change(c)
		}
	})
	addGroups(t, r.sim)
	for _, g := range []string{"@TGS#lock", "@TGS#end"} {
		addGroup(t, r, g, "Public", "ann", "bob", "cat")
	}
	if err := r.sim.World().AddGroup(sim.Group{Provider: sim.CAMS, ID: "EA93UU0002", Type: "WhatsApp", Members: []string{"15550100009"}}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []sim.Message{
		{Group: public, Member: "bob", Text: "casino"}, {Group: live, Member: "ann", Text: "casino"},
		{Group: private, Member: "ann", Text: "bingo"}, {Group: public, Member: "ann", Text: "mute me"},
		{Group: public, Member: "cat", Text: "warn me"}, {Group: public, Member: "cat", Text: "refuse me"},
		{Group: "@TGS#lock", Member: "ann", Text: "lock this"}, {Group: "@TGS#end", Member: "ann", Text: "end this group"},
		{Group: wa, Member: "15550100002", Text: "casino"}, {Group: wa, Member: "15550100001", Text: "warn me"},
		{Group: wa, Member: "15550100001", Text: "lock this"}, {Group: "EA93UU0002", Member: "15550100009", Text: "end this group"},
	} {
		say(t, r.sim, m)
	}
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything was carried out", func() bool {
		series, _ := scrape(t, r)
		return series["groupguard_queue_entries"] == "0" && r.inStates()[actions.Done] >= 8
	})
	ask[desk.Undone](t, r, "POST", "undo", desk.UndoRequest{Rule: "word", Since: r.cases()[0].Event.At.Add(-time.Minute)})
	eventually(t, "bob is back", func() bool { return r.sim.World().Has(public, "bob") })
	for _, url := range []string{tencentURL(r, time.Now(), "-Sign"), "http://" + r.app.WebhookAddr() + "/webhook/cams/wrong"} {
		if status := r.post(t, url, "{}"); !slices.Contains([]int{http.StatusUnauthorized, http.StatusNotFound}, status) {
			t.Fatalf("a forged request: %d", status)
		}
	}
	return r
}
