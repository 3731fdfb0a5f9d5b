// Package pipeline is the way of one event: observe, evaluate, commit.
//
// It owns the order of these steps and the promise that goes with it: Handle returns without an
// error only when everything that the events caused is stored. It must not decode webhooks, call
// providers or know a store's layout. What it keeps are bounded memories of what it has told lately: of
// shadow matches, which are stored nowhere, and of cases, as their events may be repeated.
package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// Store keeps what events leave behind. Both methods are idempotent, so that a webhook that the
// provider repeats, or that failed half-way, counts and acts once.
type Store interface {
	// Observe adds the looks to their windows and answers them, in order.
	Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error)
	// Commit stores cases and queues their actions, each case as a whole.
	Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error)
}

// Config is what a Pipeline is made of.
type Config struct {
	Store Store
	Rules func() *policy.Rules // the rules in force; never nil
	// Staff tells whether the member of an event is owner or admin of its group: they are never
	// refused a message. It is asked before a message is refused, and has little time. Nil: nobody is.
	Staff func(ctx context.Context, e *chat.Event) (bool, error)
	// Paused tells whether a rule is paused in a group: then it refuses no message. Nil: none is.
	Paused func(chat.RuleID, chat.Group) bool
	// Kept returns a case as it was stored; false when it is not kept. It says what the second webhook about
	// an event need not add. Nil: nothing is known of that.
	Kept func(ctx context.Context, id chat.CaseID) (chat.Record, bool, error)
	// DryRun tells that nothing is called, so that no case lacks what its event's second webhook adds.
	DryRun bool
	// Count counts an intent that ends here: deduplicated, spared, held, or done because it needs no call.
	Count   func(p chat.Provider, kind chat.IntentKind, outcome string)
	Metrics prometheus.Registerer
	Log     *slog.Logger
	// Now is the clock. Nil: each event is judged when it is received, as in a replay.
	Now func() time.Time
	// Decided, when not nil, is told of every case that was stored for the first time, those that carry
	// out a part of another (Case.Of) too.
	Decided func(chat.Case, chat.Committed)
	// Watched, when not nil, is told once of every event and rule in shadow that fits it. It must not block.
	Watched func(chat.Event, chat.Match)
	// Judged, when not nil, is told of every event that was judged, before its case is stored. The
	// examination is only good until it returns.
	Judged func(*chat.Event, *policy.Decision, *policy.Exam)
}

// Pipeline judges events. It is safe for concurrent use.
type Pipeline struct {
	cfg     Config
	matches *matches
	shadow  memory
	told    memory // cases that were reported
	unsure  memory // cases that were not, although they may be stored
}

// New returns a Pipeline and registers its metrics.
func New(c Config) *Pipeline {
	p := &Pipeline{cfg: c, matches: newMatches(c.Rules)}
	c.Metrics.MustRegister(p.matches)
	return p
}

// Handle judges the events of one delivery in order and returns a verdict for each. When it
// returns an error nothing may be answered with success; the same events may be handled again.
func (p *Pipeline) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	verdicts := make([]chat.Verdict, len(events))
	if len(events) == 0 {
		return verdicts, nil
	}
	rules := p.cfg.Rules() // one version for the whole delivery
	p.matches.follow(rules)
	exams := make([]*policy.Exam, len(events))
	for i := range events {
		exams[i] = rules.Examine(&events[i])
		defer exams[i].Release()
	}
	if err := p.observe(ctx, exams); err != nil {
		return nil, err
	}
	var cases []chat.Case
	var rungs []chat.Case          // parts that stand on a rung of the ladder
	of := make([]int, len(events)) // where each event's case is among them, from 1
	for i := range events {
		d := exams[i].Judge()
		p.pause(&events[i], &d)
		p.spare(ctx, &events[i], &d)
		verdicts[i] = d.Verdict
		if d.Case != nil {
			var removals []chat.Case
			for _, part := range d.Parts {
				switch {
				case onRung(&part):
					rungs = append(rungs, part)
				case part.Intents[0].Kind == chat.Recall: // before its sender is removed
					cases = append(cases, part)
				default:
					removals = append(removals, part)
				}
			}
			cases = append(cases, *d.Case)
			of[i] = len(cases)
			cases = append(cases, removals...)
		}
		p.shadows(&events[i], d.Matches)
		if p.cfg.Judged != nil {
			p.cfg.Judged(&events[i], &d, exams[i])
		}
	}
	if len(cases) == 0 {
		return verdicts, nil
	}
	done, err := p.commit(ctx, cases)
	if err != nil {
		return nil, err
	}
	for i, n := range of {
		if n > 0 && events[i].Asked {
			verdicts[i] = policy.VerdictOf(&cases[n-1], done[n-1].Strikes)
		}
	}
	return verdicts, p.further(ctx, cases, done, rungs)
}

// observe asks the store what the rules need to know, until they know it; events that need nothing
// make no trip.
func (p *Pipeline) observe(ctx context.Context, exams []*policy.Exam) error {
	for {
		var looks []chat.Look
		var of []*policy.Exam
		for _, x := range exams {
			if look := x.Look(); !look.Empty() {
				looks, of = append(looks, look), append(of, x)
			}
		}
		if len(looks) == 0 {
			return nil
		}
		got, err := p.cfg.Store.Observe(ctx, looks)
		if err != nil {
			return fmt.Errorf("observing %d events: %w", len(looks), err)
		}
		for i, x := range of {
			x.Learn(got[i])
		}
		exams = of
	}
}

// commit stores cases and tells of those that are new, or whose first storing was not told of.
func (p *Pipeline) commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	for i := range cases {
		cases[i].Decided = p.now(&cases[i].Event)
	}
	done, err := p.cfg.Store.Commit(ctx, cases)
	if err != nil {
		for i := range cases {
			if id := string(cases[i].ID); !p.told.has(id) {
				p.unsure.isNew(id)
			}
		}
		return nil, fmt.Errorf("storing %d cases: %w", len(cases), err)
	}
	for i := range cases {
		id := string(cases[i].ID)
		switch unsure := p.unsure.take(id); {
		case !done[i].Known || unsure: // the store may have taken it when its answer did not come
			p.told.isNew(id)
			p.report(cases[i], done[i])
		case done[i].Queued > 0:
			p.queued(cases[i], done[i])
		}
	}
	return done, nil
}

// now is the time at which an event is judged.
func (p *Pipeline) now(e *chat.Event) time.Time {
	if p.cfg.Now == nil {
		return e.Received
	}
	return p.cfg.Now().UTC()
}

// report counts and logs a case that is new, and carries out what needs no provider.
func (p *Pipeline) report(c chat.Case, done chat.Committed) {
	for _, m := range c.Matches {
		if m.Mode == policy.ModeEnforce {
			p.matches.WithLabelValues(string(m.Rule), m.Mode).Inc()
		}
	}
	for _, in := range c.Intents {
		if !in.Acts(done.Strikes) {
			continue
		}
		switch in.Kind {
		case chat.Alert:
			p.cfg.Log.Warn("alert", "severity", in.Severity, "rule", in.Rule, "case", c.ID, "code", c.Code,
				"provider", c.Event.Provider, "group", c.Event.Group.ID, "member", c.Event.Member)
			p.cfg.Count(c.Event.Provider, in.Kind, "done")
		case chat.Block:
			p.cfg.Count(c.Event.Provider, in.Kind, "done")
		}
	}
	for _, a := range done.Deduplicated {
		p.cfg.Count(a.Group.Provider, a.Intent.Kind, "deduplicated")
	}
	p.queued(c, done)
}

// queued tells of a case's actions: of a new case, or of one whose first webhook overtook the one
// that says that the member came back.
func (p *Pipeline) queued(c chat.Case, done chat.Committed) {
	log, text, rule := p.cfg.Log, "case", c.Rule()
	if c.Of != "" { // it has no matches of its own
		log, text, rule = log.With("of", c.Of), "part of a case", c.Intents[0].Rule
	}
	log.Info(text, "case", c.ID, "code", c.Code, "provider", c.Event.Provider, "group", c.Event.Group.ID,
		"member", c.Event.Member, "rule", rule, "queued", done.Queued, "deduplicated", len(done.Deduplicated))
	if p.cfg.Decided != nil {
		p.cfg.Decided(c, done)
	}
}
