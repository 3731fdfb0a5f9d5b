package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/policy"
)

const rules = `version: 1
defaults: {exempt: {members: [alice]}}
rules:
  - id: word
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}, {alert: {severity: warning}}]
  - id: no-way
    on: message
    mode: enforce
    when: {text: {has_any: ["refuse me"]}}
    then: [{block: {code: 10101, text: "No"}}]
  - id: watch
    on: message
    mode: shadow
    when: {text: {has_any: ["bingo"]}}
    then: [{remove: {}}]
  - id: flood
    on: message
    mode: enforce
    when: {count: {messages: 3, within: 10s}}
    then: [{remove: {}}]
`

// memoryStore counts in memory, without times: enough for one burst of events.
type memoryStore struct {
	counts    map[string]int
	seen      map[chat.CaseID]bool
	marks     map[string]bool
	cases     []chat.Case
	looks     int
	failLook  error
	failStore error
}

func (s *memoryStore) Observe(_ context.Context, looks []chat.Look) ([]chat.Facts, error) {
	if s.failLook != nil {
		return nil, s.failLook
	}
	s.looks += len(looks)
	out := make([]chat.Facts, len(looks))
	for i, l := range looks {
		for _, w := range l.Windows {
			s.counts[w.ID+w.Key]++
			out[i].Counts = append(out[i].Counts, s.counts[w.ID+w.Key])
		}
	}
	return out, nil
}

func (s *memoryStore) Commit(_ context.Context, cases []chat.Case) ([]chat.Committed, error) {
	if s.failStore != nil {
		return nil, s.failStore
	}
	out := make([]chat.Committed, len(cases))
	for i, c := range cases {
		if s.seen[c.ID] {
			out[i].Known = true
			continue
		}
		s.seen[c.ID] = true
		s.cases = append(s.cases, c)
		for _, a := range c.Actions() {
			key, _ := a.Dedupe()
			if mark := fmt.Sprint(a.Group, key); !s.marks[mark] {
				s.marks[mark] = true
				out[i].Queued++
			}
		}
	}
	return out, nil
}

// bench is a pipeline on a memoryStore.
type bench struct {
	*pipeline.Pipeline
	store   *memoryStore
	reg     *prometheus.Registry
	counted []string
	decided int
	log     strings.Builder
}

func build(t *testing.T) *bench {
	t.Helper()
	return buildWith(t, rules, nil)
}

func buildWith(t *testing.T, rules string, staff func(context.Context, *chat.Event) (bool, error)) *bench {
	t.Helper()
	s := &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}
	b := buildOn(t, rules, staff, s)
	b.store = s
	return b
}

func buildOn(t *testing.T, rules string, staff func(context.Context, *chat.Event) (bool, error), s pipeline.Store, change ...func(*pipeline.Config)) *bench {
	t.Helper()
	loaded, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(rules)}, time.Now())
	if loaded == nil {
		t.Fatal(problems)
	}
	b := &bench{reg: prometheus.NewRegistry()}
	cfg := pipeline.Config{
		Store: s, Rules: func() *policy.Rules { return loaded }, Metrics: b.reg, Staff: staff,
		Count: func(p chat.Provider, kind chat.IntentKind, outcome string) {
			b.counted = append(b.counted, fmt.Sprint(p, " ", kind, " ", outcome))
		},
		Log:     slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Decided: func(chat.Case, chat.Committed) { b.decided++ },
	}
	for _, f := range change {
		f(&cfg)
	}
	b.Pipeline = pipeline.New(cfg)
	return b
}

func say(id, member, text string) chat.Event {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	return chat.Event{
		ID: chat.EventID(id), Kind: chat.Message, Member: chat.MemberID(member), Text: text, At: at, Received: at, GroupType: chat.Public,
		Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"},
	}
}

func TestCleanEventsLeaveNothingBehind(t *testing.T) {
	b := build(t)
	verdicts, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "hello"), say("2", "alice", "casino casino")})
	if err != nil || len(verdicts) != 2 || verdicts[0].Block || len(b.store.cases) != 0 {
		t.Errorf("%v %v, cases %v", verdicts, err, b.store.cases)
	}
	if b.store.looks != 1 {
		t.Errorf("%d looks, want one for bob's flood window and none for the exempt", b.store.looks)
	}
}

func TestEventsOfOneDeliveryAreJudgedInOrder(t *testing.T) {
	b := build(t)
	_, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "a"), say("2", "bob", "b"), say("3", "bob", "c"), say("4", "bob", "d")})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range b.store.cases {
		ids = append(ids, string(c.Event.ID))
	}
	if !slices.Equal(ids, []string{"3", "4"}) {
		t.Errorf("cases of events %v, want the third message and each later one", ids)
	}
}

func TestRepeatedEventIsReportedOnce(t *testing.T) {
	b := build(t)
	for range 3 {
		if _, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "casino")}); err != nil {
			t.Fatal(err)
		}
	}
	want := `# HELP groupguard_rule_matches_total Events that a rule fits, by the rule and its mode.
# TYPE groupguard_rule_matches_total counter
groupguard_rule_matches_total{mode="enforce",rule="flood"} 0
groupguard_rule_matches_total{mode="enforce",rule="no-way"} 0
groupguard_rule_matches_total{mode="enforce",rule="word"} 1
groupguard_rule_matches_total{mode="shadow",rule="watch"} 0
`
	if err := testutil.GatherAndCompare(b.reg, strings.NewReader(want), "groupguard_rule_matches_total"); err != nil {
		t.Error(err)
	}
	if b.decided != 1 || !slices.Equal(b.counted, []string{"tencent alert done"}) {
		t.Errorf("decided %d times, counted %v", b.decided, b.counted)
	}
}

func TestShadowRuleOnlyWatches(t *testing.T) {
	b := build(t)
	if _, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "secret bingo text")}); err != nil {
		t.Fatal(err)
	}
	if len(b.store.cases) != 0 {
		t.Errorf("a shadow rule made a case: %v", b.store.cases)
	}
	want := `# HELP groupguard_rule_matches_total Events that a rule fits, by the rule and its mode.
# TYPE groupguard_rule_matches_total counter
groupguard_rule_matches_total{mode="enforce",rule="flood"} 0
groupguard_rule_matches_total{mode="enforce",rule="no-way"} 0
groupguard_rule_matches_total{mode="enforce",rule="word"} 0
groupguard_rule_matches_total{mode="shadow",rule="watch"} 1
`
	if err := testutil.GatherAndCompare(b.reg, strings.NewReader(want), "groupguard_rule_matches_total"); err != nil {
		t.Error(err)
	}
	if log := b.log.String(); !strings.Contains(log, "rule=watch") || !strings.Contains(log, "group=@TGS#1") || strings.Contains(log, "secret") {
		t.Errorf("log: %s", log)
	}
}

func TestACaseIsLoggedUnderTheRuleThatActs(t *testing.T) {
	b := buildWith(t, strings.Replace(rules, "rules:\n", `rules:
  - id: before
    on: message
    mode: shadow
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
`, 1), nil)
	if _, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "casino")}); err != nil {
		t.Fatal(err)
	}
	if c := b.store.cases; len(c) != 1 || c[0].Matches[0].Rule != "before" {
		t.Fatalf("cases %v, want one with the shadow rule first", c)
	}
	if log := b.log.String(); !strings.Contains(log, "member=bob rule=word queued=1") {
		t.Errorf("log: %s", log)
	}
}

func TestBlockIsTheVerdictOfAnAskedEvent(t *testing.T) {
	b := build(t)
	asked := say("1", "bob", "refuse me")
	asked.Asked = true
	verdicts, err := b.Handle(t.Context(), []chat.Event{say("0", "ann", "hello"), asked})
	if err != nil || verdicts[0].Block || verdicts[1] != (chat.Verdict{Block: true, Code: 10101, Text: "No"}) {
		t.Errorf("%v %v", verdicts, err)
	}
}

func TestNothingIsAnsweredThatIsNotStored(t *testing.T) {
	away := errors.New("store is away")
	for op, fail := range map[string]func(*memoryStore){
		"observe": func(s *memoryStore) { s.failLook = away },
		"commit":  func(s *memoryStore) { s.failStore = away },
	} {
		t.Run(op, func(t *testing.T) {
			b := build(t)
			fail(b.store)
			verdicts, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "casino")})
			if !errors.Is(err, away) || verdicts != nil || b.decided != 0 {
				t.Errorf("%v %v, decided %d", verdicts, err, b.decided)
			}
		})
	}
}
