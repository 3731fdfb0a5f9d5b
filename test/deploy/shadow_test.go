package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
)

// actsOnNobody wants rules of which every one is in shadow, and returns how many there are.
func actsOnNobody(t *testing.T, where, text string) int {
	t.Helper()
	rules, problems := policy.Load(policy.Source{Name: where, Data: []byte(text)}, time.Now())
	if rules == nil {
		t.Fatalf("%s: %v", where, problems)
	}
	for _, r := range rules.Infos() {
		if r.Mode != policy.ModeShadow {
			t.Errorf("%s: the rule %s is to %s from the start", where, r.ID, r.Mode)
		}
	}
	return len(rules.Infos())
}

// A home of one's own begins with all of the sample rules, and none of them acts on anybody. The demo's
// act, on simulated members.
func TestAHomeBeginsInShadow(t *testing.T) {
	dir := clone(t)
	initialise(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, live, "rules/rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sample, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(read(t, "rules.yaml"))}, time.Now())
	if sample == nil {
		t.Fatal(problems)
	}
	if n := actsOnNobody(t, live, string(text)); n != len(sample.Infos()) {
		t.Errorf("%d of %d sample rules are there", n, len(sample.Infos()))
	}
	if envFile(t, "deploy/compose/bot.env.example", false)["BOT_DRY_RUN"] != "true" {
		t.Error("bot.env.example acts on people from the start")
	}
}

// The steps of docs/deployment.md come in an order in which they work, and the admin token is where the
// unit looks for it.
func TestStepsOfThePageMeet(t *testing.T) {
	page := read(t, "docs/deployment.md")
	for _, c := range []struct{ what, first, then string }{
		{"the secret needs its namespace", "kubectl apply -f deploy/kubernetes/base/namespace.yaml\n", "kubectl -n groupguard create secret "},
		{"the pods need their secret", "kubectl -n groupguard create secret ", "kubectl apply -k deploy/kubernetes\n"},
		{"the service needs its token", "> /etc/groupguard/secrets/admin-token'\n", "sudo systemctl enable --now groupguard\n"},
		{"a command needs the service", "sudo systemctl enable --now groupguard\n", "--admin-token-file /etc/groupguard/secrets/admin-token\n"},
	} {
		first, then := strings.Index(page, c.first), strings.Index(page, c.then)
		if first < 0 || then < first {
			t.Errorf("%s: %q stands at %d, %q at %d", c.what, c.first, first, c.then, then)
		}
	}
	if token := "admin-token:/etc/groupguard/secrets/admin-token"; unitLines(t, "LoadCredential")[0] != token {
		t.Errorf("the unit does not load %s", token)
	}
	// The least version is that of the sleep before a stop, and stands wherever that is explained.
	if set(t).Spec.Template.Spec.Containers[0].Lifecycle.PreStop.Sleep == nil {
		t.Fatal("the pods do not sleep before they stop: then no version has to be named")
	}
	least := regexp.MustCompile(`Kubernetes 1\.30 or newer`)
	for _, name := range []string{"docs/deployment.md", base + "statefulset.yaml"} {
		if !least.MatchString(strings.Join(strings.Fields(strings.ReplaceAll(read(t, name), "#", "")), " ")) {
			t.Errorf("%s does not name the least version", name)
		}
	}
}
