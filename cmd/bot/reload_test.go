package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/admin"
)

func TestRulesAndReload(t *testing.T) {
	s := newSurroundings(t)
	c := s.console()
	if code := c.run("reload"); code != exitEnvironment || !strings.Contains(c.said.String(), "no bot answers") {
		t.Errorf("without a bot: %d %s", code, c.said.String())
	}
	if code := c.run("rules"); code != exitDone || !strings.Contains(c.out.String(), "casino  enforce  message  all        ?") {
		t.Errorf("of the file: %d %s%s", code, c.out.String(), c.said.String())
	}
	s.set("BOT_ADMIN_LISTEN", s.serve(t))
	c = s.console()
	for _, step := range []struct {
		rules, args string
		code        int
		want        string
	}{
		{"", "pause casino", exitDone, "Paused"},
		{"", "rules", exitDone, "casino  enforce  message  all        everywhere"},
		{doctorsRules + "\n# changed", "reload", exitDone, "are in force (hash "},
		{"version: 1\nrules: 7\n", "reload", exitInput, "2:8: error: rules must be a list"},
		{"", "reload --format json", exitInput, `"status": "refused"`},
		{"", "rules", exitDone, "was read again and refused, these rules stay in force"},
		{"", "rules --rules " + s.rules, exitInput, "rules must be a list"},
		{doctorsRules, "reload --format json", exitDone, `"status": "reloaded"`},
		{"", "rules --addr 127.0.0.1:1", exitEnvironment, "asking the bot"},
	} {
		if step.rules != "" {
			s.write(t, step.rules)
		}
		code := c.run(strings.Fields(step.args)...)
		if printed := c.out.String() + c.said.String(); code != step.code || !strings.Contains(printed, step.want) {
			t.Errorf("bot %s: exit code %d, want %d and %q:\n%s", step.args, code, step.code, step.want, printed)
		}
	}
	var list admin.RulesList
	if code := c.run("rules", "--format", "json"); code != exitDone || json.Unmarshal(c.out.Bytes(), &list) != nil || len(list.Rules) != 1 || len(list.Rules[0].Paused) != 1 {
		t.Errorf("as JSON: %d %s", code, c.out.String())
	}
}
