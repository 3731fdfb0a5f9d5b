package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/policy"
)

// ladderStore is a memoryStore whose ladders hold a step for each case that has a strike, and that
// knows when members joined.
type ladderStore struct {
	memoryStore
	steps  map[chat.MemberID]int
	joined map[chat.MemberID]time.Time
	asked  []chat.Look
}

func (s *ladderStore) Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error) {
	out, err := s.memoryStore.Observe(ctx, looks)
	for i := range out {
		s.asked = append(s.asked, looks[i])
		if looks[i].Joined {
			out[i].JoinedAt = s.joined[looks[i].Member]
		}
	}
	return out, err
}

func (s *ladderStore) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	out, err := s.memoryStore.Commit(ctx, cases)
	for i, c := range cases {
		if c.Strike == nil {
			continue
		}
		if !out[i].Known {
			s.steps[c.Event.Member] += c.Strike.Points
		}
		out[i].Strikes = s.steps[c.Event.Member]
	}
	return out, err
}

func buildLadder(t *testing.T, rules string) (*bench, *ladderStore) {
	t.Helper()
	s := &ladderStore{
		memoryStore: memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}, steps: map[chat.MemberID]int{}, joined: map[chat.MemberID]time.Time{},
	}
	return buildOn(t, rules, nil, s), s
}

const rungs = `version: 1
rules:
  - id: ladder
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then:
      - strike: {}
      - {alert: {severity: warning}, at_strikes: 2}
      - {block: {code: 10101, text: "No"}, at_strikes: 3}
`

func TestRungsOfAlertsAndBlocks(t *testing.T) {
	b, _ := buildLadder(t, rungs)
	for i, want := range []struct {
		verdict chat.Verdict
		counted string
	}{
		{chat.Verdict{}, ""}, {chat.Verdict{}, "tencent alert done"}, {chat.Verdict{Block: true, Code: 10101, Text: "No"}, "tencent block done"},
	} {
		b.counted = nil
		verdicts, err := b.Handle(t.Context(), []chat.Event{asked(fmt.Sprint(i), "casino")})
		if err != nil || verdicts[0] != want.verdict || strings.Join(b.counted, " ") != want.counted {
			t.Errorf("strike %d: %+v, %v, counted %v", i+1, verdicts, err, b.counted)
		}
	}
	again, err := b.Handle(t.Context(), []chat.Event{asked("2", "casino")})
	if err != nil || !again[0].Block {
		t.Errorf("the repeated third: %v, %v", again, err)
	}
}

const parts = `version: 1
rules:
  - id: recall
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{recall: {}}, {remove: {}}]
`

func TestAPartOfACaseIsNoCaseOfItsOwn(t *testing.T) {
	b, s := buildLadder(t, parts)
	e := say("1", "bob", "a secret casino")
	e.Message = "77"
	for range 2 {
		if _, err := b.Handle(t.Context(), []chat.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.cases) < 2 || s.cases[0].Of != s.cases[1].ID || s.cases[1].Of != "" {
		t.Fatalf("cases %+v, want the part before its case", s.cases)
	}
	want := `# HELP groupguard_rule_matches_total Events that a rule fits, by the rule and its mode.
# TYPE groupguard_rule_matches_total counter
groupguard_rule_matches_total{mode="enforce",rule="recall"} 1
`
	if err := testutil.GatherAndCompare(b.reg, strings.NewReader(want), "groupguard_rule_matches_total"); err != nil {
		t.Error(err)
	}
	log := b.log.String()
	if strings.Count(log, `msg="part of a case"`) != 1 || strings.Count(log, "msg=case") != 1 || strings.Count(log, "rule=recall") != 2 ||
		!strings.Contains(log, "of="+string(s.cases[1].ID)) || strings.Contains(log, "secret") {
		t.Errorf("log: %s", log)
	}
	if b.decided != 2 {
		t.Errorf("told of %d cases, want the part and its case", b.decided)
	}
}

const twoSteps = `version: 1
rules:
  - id: new-flood
    on: message
    mode: enforce
    when: {member: {joined_within: 10m}, count: {messages: 2, within: 10s}}
    then: [{remove: {}}]
  - id: flood
    on: message
    mode: enforce
    when: {count: {messages: 3, within: 10s}}
    then: [{remove: {}}]
`

func TestWhatDependsOnTheMemberIsCountedInASecondLook(t *testing.T) {
	b, s := buildLadder(t, twoSteps)
	first := say("1", "new", "x")
	s.joined["new"], s.joined["old"] = first.At.Add(-time.Minute), first.At.Add(-time.Hour)
	for _, member := range []string{"new", "old"} {
		for i := range 2 {
			if _, err := b.Handle(t.Context(), []chat.Event{say(fmt.Sprint(member, i), member, "x")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var removed []chat.MemberID
	for _, c := range s.cases {
		removed = append(removed, c.Event.Member)
	}
	var windows []string
	for _, l := range s.asked {
		windows = append(windows, fmt.Sprintf("%s %v %d", l.Member, l.Joined, len(l.Windows)))
	}
	if !slices.Equal(removed, []chat.MemberID{"new"}) {
		t.Errorf("removed %v", removed)
	}
	if got := strings.Join(windows, ", "); got != "new true 1, new false 1, new true 1, new false 1, old true 1, old true 1" {
		t.Errorf("looks %s", got)
	}
}

func TestJudgedIsToldOfEveryEvent(t *testing.T) {
	var told []string
	b := buildOn(t, rules, nil, &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}, func(c *pipeline.Config) {
		c.Judged = func(e *chat.Event, d *policy.Decision, x *policy.Exam) {
			told = append(told, fmt.Sprint(e.ID, d.Case != nil, d.Exempt, len(x.Explain())))
		}
	})
	if _, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "hello"), say("2", "alice", "casino"), say("3", "bob", "casino")}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, " "); got != "1false false 4 2false true 0 3true false 4" {
		t.Errorf("told %s", got)
	}
}
