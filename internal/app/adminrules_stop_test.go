package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
)

// Rules on trial are read no further once nobody waits for the answer.
func TestATrialOfRulesEndsWithItsContext(t *testing.T) {
	const text = "version: 1\nrules: [{id: word, on: message, when: {text: {has_any: [casino]}}, then: [{remove: {}}]}]\n"
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	book := newRulebook(path, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	if err := book.reload(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rules, problems := operatorsRules{book}.Check(ctx, []byte(text))
	if rules != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, "not read to the end: context canceled") {
		t.Errorf("a check: %v", problems)
	}
	report, problems, err := operatorsRules{book}.Replay(ctx, []byte(text), strings.NewReader(""), admin.ReplayRequest{})
	if report != nil || err != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, "context canceled") {
		t.Errorf("a replay: %v %v", problems, err)
	}
	if rules, problems := (operatorsRules{book}).Check(t.Context(), []byte(text)); rules == nil {
		t.Errorf("one that somebody waits for: %v", problems)
	}
}
