package pipeline_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

const watching = `version: 1
rules:
  - id: watch
    on: message
    mode: shadow
    when: {text: {has_any: ["bingo"]}}
    then: [{remove: {}}]
`

// watched checks how often the shadow rule was counted and logged.
func (b *bench) watched(t *testing.T, n int) {
	t.Helper()
	want := fmt.Sprintf(`# HELP groupguard_rule_matches_total Events that a rule fits, by the rule and its mode.
# TYPE groupguard_rule_matches_total counter
groupguard_rule_matches_total{mode="shadow",rule="watch"} %d
`, n)
	if err := testutil.GatherAndCompare(b.reg, strings.NewReader(want), "groupguard_rule_matches_total"); err != nil {
		t.Error(err)
	}
	if got := strings.Count(b.log.String(), "shadow rule fits"); got != n {
		t.Errorf("logged %d times, want %d", got, n)
	}
}

func handle(t *testing.T, b *bench, e chat.Event) {
	t.Helper()
	if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
		t.Fatal(err)
	}
}

func TestShadowMatchCountsOncePerEvent(t *testing.T) {
	b := buildWith(t, watching, nil)
	before := say("1", "bob", "bingo")
	before.Asked = true
	handle(t, b, before)
	for range 3 {
		handle(t, b, say("1", "bob", "bingo"))
	}
	b.watched(t, 1)
	elsewhere := say("1", "bob", "bingo")
	elsewhere.Group.ID = "@TGS#2"
	handle(t, b, elsewhere)
	handle(t, b, say("2", "bob", "bingo"))
	b.watched(t, 3)
	handle(t, b, say("2", "bob", "BINGO under a number that was used before"))
	b.watched(t, 4)
}

func TestShadowMatchCountsOnceWhenTheStoreFails(t *testing.T) {
	b := build(t)
	b.store.failStore = errors.New("store is away")
	if _, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "casino bingo")}); err == nil {
		t.Fatal("stored although the store is away")
	}
	b.store.failStore = nil
	handle(t, b, say("1", "bob", "casino bingo"))
	if got := strings.Count(b.log.String(), "shadow rule fits"); got != 1 {
		t.Errorf("logged %d times", got)
	}
}
