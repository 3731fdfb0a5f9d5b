package api

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var curlLine = regexp.MustCompile(`(?m)^curl .*$`)

// Every curl line of docs/api.md works, as a shell runs it, and each operation of the API has one.
func TestCurlLinesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	f, b := readFile(t), start(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"admin-header": "Authorization: Bearer " + token + "\n", "rules.yaml": rules,
		"events.ndjson": `{"at":"2026-11-20T09:00:00Z","provider":"tencent","group":"g","kind":"message","member":"m","text":"casino"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := map[string]bool{}
	for _, line := range curlLine.FindAllString(string(page), -1) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line+` -w '\n%{http_code} %{method}'`)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "API="+b.admin+"/api/v1", "no_proxy=127.0.0.1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
			continue
		}
		said := strings.TrimSpace(string(out))
		status, method, _ := strings.Cut(said[strings.LastIndex(said, "\n")+1:], " ")
		path := regexp.MustCompile(`\$API(/[a-z/]+[a-z])`).FindStringSubmatch(line)[1]
		want := "200"
		switch {
		case strings.Contains(line, "cases/"):
			path, want = "/cases/{id}", "404" // the page's case is not this bot's
		case path == "/spool":
			want = "404" // an embedded store has none
		}
		if status != want {
			t.Errorf("%s: got %s", line, said)
		}
		shown[strings.ToLower(method)+" /api/v1"+path] = true
	}
	for _, o := range f.operations() {
		if strings.HasPrefix(o.path, "/api/") && !shown[o.method+" "+o.path] {
			t.Errorf("%s %s has no line on the page", o.method, o.path)
		}
	}
}
