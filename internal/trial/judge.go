package trial

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/policy"
)

// decided is a case that was new, and what became of it. That of a case's part is one of its own.
type decided struct {
	chat.Case
	chat.Committed
}

// outcome is what became of one event.
type outcome struct {
	decision policy.Decision
	cases    []decided
	seen     []chat.RuleSeen // nil unless it was asked for
}

// judge puts events through the pipeline of the service, on a store of its own. It is not safe for
// concurrent use.
type judge struct {
	pipeline *pipeline.Pipeline
	explain  bool // of the next events, every rule is to be explained
	last     outcome
}

func newJudge(rules *policy.Rules) *judge {
	j := &judge{}
	j.pipeline = pipeline.New(pipeline.Config{
		Store: &Memory{}, Rules: func() *policy.Rules { return rules },
		Count:   func(chat.Provider, chat.IntentKind, string) {},
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		Judged: func(_ *chat.Event, d *policy.Decision, x *policy.Exam) {
			j.last.decision = *d
			if j.explain {
				j.last.seen = x.Explain()
			}
		},
		Decided: func(c chat.Case, done chat.Committed) { j.last.cases = append(j.last.cases, decided{c, done}) },
	})
	return j
}

// judge returns what becomes of the next event. It is good until the next call.
func (j *judge) judge(ctx context.Context, e *chat.Event) (*outcome, error) {
	j.last = outcome{cases: j.last.cases[:0]}
	if _, err := j.pipeline.Handle(ctx, []chat.Event{*e}); err != nil {
		return nil, fmt.Errorf("judging event %q: %w", e.ID, err)
	}
	return &j.last, nil
}

// matches tells whether a rule fits, enforced or in shadow.
func (o *outcome) matches(id chat.RuleID) bool {
	for _, m := range o.decision.Matches {
		if m.Rule == id {
			return true
		}
	}
	return false
}

// done returns the actions of a case that were queued, and those that were deduplicated.
func (d *decided) done() (queued, deduplicated []chat.Action) {
	dropped := map[chat.ActionID]bool{}
	for _, a := range d.Deduplicated {
		dropped[a.ID] = true
	}
	for _, a := range d.Actions() {
		if a.Intent.Acts(d.Strikes) && !dropped[a.ID] {
			queued = append(queued, a)
		}
	}
	return queued, d.Deduplicated
}
