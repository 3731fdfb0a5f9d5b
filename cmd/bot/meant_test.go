package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A bot that is asked has rules of its own: a file beside the command says nothing about them.
func TestAMisspeltRuleIsLookedForWhereItWouldBe(t *testing.T) {
	s := newSurroundings(t)
	addr := s.serve(t)
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte("version: 1\nrules: [{id: caravan, on: message, when: {link: {any: true}}, then: [alert: {}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := console{env: []string{"BOT_ADMIN_TOKEN=" + sampleToken, "BOT_ADMIN_LISTEN=" + addr, "BOT_RULES=" + other}}
	for line, want := range map[string]string{
		"cases --rule casino":               "No cases.\n",
		"cases --rule casin":                `No cases; the bot has no rule "casin" (did you mean "casino"?).`,
		"cases --rule caravan":              `No cases; the bot has no rule "caravan".`,
		"held list --rule casin":            `Nothing is held; the bot has no rule "casin" (did you mean "casino"?).`,
		"dead requeue --rule casin":         `nothing of that is dead; the bot has no rule "casin"`,
		"undo --rule casin --since 2h":      `; the bot has no rule "casin" (did you mean "casino"?)`,
		"undo --rule casino --since 2h":     `rule "casino" decided nothing from `,
		"cases --rule casin --addr " + addr: `the bot has no rule "casin"`,
		"resume casin":                      ` (did you mean "casino"?)`,
	} {
		c.run(strings.Fields(line)...)
		printed := c.out.String() + c.said.String()
		if !strings.Contains(printed, want) || strings.HasSuffix(want, `"caravan".`) != strings.Contains(printed, "caravan") {
			t.Errorf("bot %s: want %q in\n%s", line, want, printed)
		}
	}
}
