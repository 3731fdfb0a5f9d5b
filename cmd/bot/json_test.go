package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/desk"
)

// TestEveryCommandPrintsOneJSONDocument runs each command that has --format json on a store, and reads
// what it prints as the type that the API answers with, where it has one.
func TestEveryCommandPrintsOneJSONDocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := stock(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	rules, event := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "event.json")
	for name, text := range map[string]string{
		rules: sampleLines,
		event: `{"at":"2026-11-20T09:00:00Z","group":"g","kind":"message","member":"bob` + `\u202e\u009b31m` + `","text":"see http://x.example"}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	c := console{env: []string{"BOT_DATA_DIR=" + filepath.Join(dir, "data"), "BOT_RULES=" + rules, "BOT_ADMIN_LISTEN=127.0.0.1:1",
		"BOT_TENCENT_SDK_APP_ID=1400000000", "BOT_CAMS_CUST_SPACE_ID=cams-example01", "BOT_CAMS_BUSINESS_NUMBER=15550100099", "CLICOLOR_FORCE=1"}}
	for _, tt := range []struct {
		line string
		code int
		to   any // what the one document is read into: keys that it does not have are errors
	}{
		{"check RULES", exitDone, &admin.Checked{}},
		{"test RULES", exitDone, &map[string]any{}},
		{"replay --rules RULES EVENT", exitDone, &map[string]any{}},
		{"explain --rules RULES EVENT", exitDone, &map[string]any{}},
		{"rules", exitDone, &admin.RulesList{}},
		{"reload", exitEnvironment, &failed{}},
		{"doctor --offline", exitEnvironment, &map[string]any{}},
		{"cases", exitDone, &desk.CasesList{}},
		{"case REMOVED", exitDone, &desk.CaseView{}},
		{"case 00000000", exitInput, &failed{}},
		{"case REMOVED --redis-url redis://127.0.0.1:1", exitEnvironment, &failed{}},
		{"case REMOVED --addr 127.0.0.1:1", exitEnvironment, &failed{}},
		{"case REMOVED --partitions none", exitEnvironment, &failed{}},
		{"cases --since tomorrow", exitUsage, &failed{}},
		{"cases --limit 5000", exitUsage, &failed{}},
		{"check nope.yaml", exitInput, &admin.Checked{}},
		{"test nope.yaml", exitInput, &failed{}},
		{"replay --rules nope.yaml EVENT", exitInput, &failed{}},
		{"replay --rules RULES nope.ndjson", exitInput, &failed{}},
		{"replay --rules RULES RULES", exitInput, &failed{}},
		{"explain --rules RULES RULES", exitInput, &failed{}},
		{"rules --rules nope.yaml", exitInput, &failed{}},
		{"resume nope", exitInput, &desk.Resumed{}},
		{"dead requeue", exitUsage, &failed{}},
		{"undo 00000000 --yes", exitInput, &failed{}},
		{"undo", exitUsage, &failed{}},
		{"dead list", exitDone, &desk.LettersList{}},
		{"held list", exitDone, &desk.LettersList{}},
		{"spool", exitDone, &desk.SpoolList{}},
		{"spool --limit 5000", exitUsage, &failed{}},
		{"dead requeue DEAD", exitDone, &moved{}},
		{"dead drop --all", exitInput, &moved{}},
		{"held release HELD", exitDone, &moved{}},
		{"held drop --all", exitInput, &moved{}},
		{"pause new-link", exitDone, &desk.Paused{}},
		{"pause --list", exitDone, &desk.PausesList{}},
		{"resume new-link", exitDone, &desk.Resumed{}},
		{"undo REMOVED --preview", exitDone, &desk.Undone{}},
		{"undo REMOVED --yes", exitDone, &desk.Undone{}},
		{"version", exitDone, &built{}},
	} {
		args := strings.Fields(tt.line)
		for i, word := range args {
			if code, ok := stocked[word]; ok {
				args[i] = code
			}
			args[i] = strings.NewReplacer("RULES", rules, "EVENT", event).Replace(args[i])
		}
		code := c.run(append(args, "--format", "json")...)
		seen[args[0]] = true
		if len(args) > 1 {
			seen[args[0]+" "+args[1]] = true
		}
		printed := c.out.String()
		if code != tt.code || strings.ContainsAny(printed, "\x1b\u202e\u009b") {
			t.Errorf("bot %s: exit code %d\n%s%s", tt.line, code, printed, c.said.String())
		}
		d := json.NewDecoder(strings.NewReader(printed))
		d.DisallowUnknownFields()
		if err := d.Decode(tt.to); err != nil || d.More() {
			t.Errorf("bot %s: %v\n%s", tt.line, err, printed)
		}
		if f, ok := tt.to.(*failed); ok && (f.Error == "" || !strings.Contains(c.said.String(), f.Error)) {
			t.Errorf("bot %s: the document says %q, the standard error %q", tt.line, f.Error, c.said.String())
		}
	}
	for _, node := range model(t).Model.Leaves(false) {
		if path := node.Path(); !seen[path] && !slices.Contains(unprinted, path) {
			t.Errorf("bot %s --format json is not tried", path)
		}
	}
}

// TestEveryCommandThatFailsPrintsADocument runs each command that has --format json where nothing is that it
// needs: a program that reads its output finds one document there all the same.
func TestEveryCommandThatFailsPrintsADocument(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	c := console{env: []string{"BOT_DATA_DIR=" + nowhere, "BOT_RULES=" + nowhere, "BOT_ADMIN_LISTEN=127.0.0.1:1"}}
	tried := 0
	for _, node := range model(t).Model.Leaves(false) {
		if slices.Contains(unprinted, node.Path()) || node.Path() == "version" {
			continue
		}
		args := strings.Fields(node.Path())
		for _, p := range node.Positional {
			if p.Required {
				args = append(args, nowhere)
			}
		}
		code := c.run(append(args, "--format", "json")...)
		var document map[string]any
		d := json.NewDecoder(strings.NewReader(c.out.String()))
		if err := d.Decode(&document); err != nil || d.More() || len(document) == 0 || code == exitDone || code == exitInterrupted {
			t.Errorf("bot %s: exit code %d, %v\n%s%s", node.Path(), code, err, c.out.String(), c.said.String())
		}
		tried++
	}
	if tried < 15 {
		t.Errorf("%d commands were tried", tried)
	}
}
