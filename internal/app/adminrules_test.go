package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

const listRules = `version: 1
defaults: {mode: shadow}
lists: {bad: {kind: word, file: bad.txt}}
rules:
  - id: bad-words
    on: message
    when: {text: {has_any: bad}}
    then: [{remove: {}}]
    tests: [{say: "casino", expect: match}]
`

// post sends a body to the API of the running bot.
func post(t *testing.T, r *rig, path, media string, body io.Reader) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.app.AdminAddr()+"/api/v1/"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.cfg.AdminToken.Reveal())
	req.Header.Set("Content-Type", media)
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// Rules on trial may use the list files of those in force, and see no other file of the machine.
func TestRulesOnTrialReadNoOtherFiles(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) {
		dir := filepath.Dir(c.Rules)
		for name, text := range map[string]string{"bad.txt": "casino\n", "secret.txt": "hunter2\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(c.Rules, []byte(listRules), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	before := ask[admin.RulesList](t, r, "GET", "rules", nil)
	for name, tt := range map[string]struct {
		text, want string
	}{
		"the same":                     {listRules, `"errors":0`},
		"with a test that fails":       {strings.Replace(listRules, `say: "casino"`, `say: "poker"`, 1), `failed: expected match`},
		"the list as another kind":     {strings.Replace(listRules, "kind: word", "kind: domain", 1), `"severity":"error"`},
		"another file":                 {strings.Replace(listRules, "bad.txt", "secret.txt", 1), "only the list files of the rules in force"},
		"the rules file itself":        {strings.Replace(listRules, "bad.txt", filepath.Base(r.cfg.Rules), 1), "only the list files of the rules in force"},
		"a file elsewhere":             {strings.Replace(listRules, "bad.txt", "../../../etc/passwd", 1), "does not name a file below"},
		"a file from the root":         {strings.Replace(listRules, "bad.txt", "/etc/passwd", 1), "does not name a file below"},
		"another spelling of the list": {strings.Replace(listRules, "bad.txt", "./bad.txt", 1), "does not name a file below"},
	} {
		status, said := post(t, r, "rules/check", "application/yaml", strings.NewReader(tt.text))
		if status != http.StatusOK || !strings.Contains(said, tt.want) || strings.Contains(said, "hunter2") || strings.Contains(said, "root:") {
			t.Errorf("%s: %d %s", name, status, said)
		}
	}
	if after := ask[admin.RulesList](t, r, "GET", "rules", nil); after.Hash != before.Hash || !after.At.Equal(before.At) {
		t.Errorf("the rules in force were %+v and are %+v", before, after)
	}
}

// A replay judges by the rules in force, as if they were enforced, unless it is told otherwise, and leaves no
// trace.
func TestReplayByTheAPI(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	replay := func(query, rules string) (hits, removed float64) {
		t.Helper()
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		for _, part := range [][2]string{{"rules", rules}, {"events", `{"at":"2026-11-20T09:00:00Z","provider":"tencent","group":"g","kind":"message","member":"m","text":"casino"}`}} {
			if part[1] != "" {
				w, _ := form.CreateFormField(part[0]) // into memory
				_, _ = io.WriteString(w, part[1])
			}
		}
		_ = form.Close()
		status, said := post(t, r, "rules/replay"+query, form.FormDataContentType(), &b)
		var report struct {
			Rules   []struct{ Hits float64 }
			Removed struct{ Count float64 } `json:"members_removed"`
		}
		if err := json.Unmarshal([]byte(said), &report); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s", status, said)
		}
		for _, rule := range report.Rules {
			hits += rule.Hits
		}
		return hits, report.Removed.Count
	}
	shadow := strings.NewReplacer("lists: {bad: {kind: word, file: bad.txt}}\n", "", "has_any: bad", "has_any: [casino]").Replace(listRules)
	if hits, _ := replay("", ""); hits != 0 {
		t.Errorf("by the rules in force: %v hits", hits)
	}
	if hits, removed := replay("", shadow); hits != 1 || removed != 1 {
		t.Errorf("by other rules: %v hits, %v removed", hits, removed)
	}
	if hits, removed := replay("?as_written=true", shadow); hits != 1 || removed != 0 {
		t.Errorf("by other rules as they are written: %v hits, %v removed", hits, removed)
	}
	stop := "version: 1\nrules:\n  - {id: a, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [alert: {}], stop: true}\n" +
		"  - {id: b, on: message, mode: enforce, when: {text: {has_any: [casino]}}, then: [remove: {}]}\n"
	for _, query := range []string{"", "?as_written=true"} {
		if hits, removed := replay(query, stop); hits != 2 || removed != 1 {
			t.Errorf("%q behind a rule in shadow: %v hits, %v removed", query, hits, removed)
		}
	}
	if len(r.cases()) > 0 || len(r.ended()) > 0 {
		t.Error("a replay made cases")
	}
}
