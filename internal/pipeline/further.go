package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	// justNow is how old an event may be, when its webhook arrives, whose case is known and completed all
	// the same: the provider tells of a message before it is sent and once more when it is, seconds apart.
	// What comes later is a repeat.
	justNow = time.Minute
	// marked is how old it may be when it is judged: until then, what the case has done keeps from being
	// done twice. What was accepted in an outage may be judged long after its webhook arrived.
	marked = chat.DedupeFor - justNow
)

// onRung tells whether a part of a case depends on what the member's ladder holds.
func onRung(c *chat.Case) bool { return len(c.Intents) == 1 && c.Intents[0].AtStrikes > 0 }

// further stores what depends on how the cases were stored: parts on a rung of the ladder that is
// reached, and what the second webhook about an event adds to its case. More can be known by then:
// when the member joined, or what the message is called. All of it is named by the case, so that it
// comes about once. What the case held already is not wanted once more, whatever became of it; where that is
// not known, what is done already is deduplicated.
func (p *Pipeline) further(ctx context.Context, cases []chat.Case, done []chat.Committed, rungs []chat.Case) error {
	var more []chat.Case
	for i := range cases {
		c := &cases[i]
		for _, part := range rungs {
			if in := part.Intents[0]; part.Of == c.ID && in.Acts(done[i].Strikes) {
				in.AtStrikes, in.BelowStrikes = 0, 0
				part.Intents, part.Decided = []chat.Intent{in}, c.Decided
				more = append(more, part)
			}
		}
		if done[i].Known && !p.cfg.DryRun && c.Of == "" && p.completes(&c.Event) {
			if rest := p.addition(ctx, c); len(rest.Intents) > 0 {
				more = append(more, rest)
			}
		}
	}
	if len(more) == 0 {
		return nil
	}
	stored, err := p.cfg.Store.Commit(ctx, more)
	if err != nil {
		return fmt.Errorf("storing %d parts of cases: %w", len(more), err)
	}
	for i := range more {
		if stored[i].Queued > 0 {
			p.queued(more[i], stored[i])
		}
	}
	return nil
}

// completes tells whether an event is the second webhook about one whose case may lack something, and
// comes in time.
func (p *Pipeline) completes(e *chat.Event) bool {
	return !e.Asked && e.Received.Sub(e.At) < justNow && p.now(e).Sub(e.At) < marked
}

// addition returns the case that carries out what a known case may lack. What is done to the group as a
// whole it leaves alone. It goes by when the event was received, as what it completes was decided about
// then: who undid that, undid this.
func (p *Pipeline) addition(ctx context.Context, c *chat.Case) chat.Case {
	id := chat.CaseID(chat.Digest("addition", string(c.ID)))
	rest := chat.Case{ID: id, Code: id.Code(), Of: c.ID, Rules: c.Rules, Event: c.Event}
	rest.Event.Text = ""
	now, kept := p.now(&c.Event), p.kept(ctx, c.ID)
	for _, in := range c.Intents {
		if slices.ContainsFunc(kept, func(had chat.Intent) bool { return had.Kind == in.Kind && had.Rule == in.Rule && had.AtStrikes == 0 }) {
			continue
		}
		over := !in.Until.IsZero() && in.Until.Before(now)
		if in.Queued() && in.AtStrikes == 0 && !over && in.Kind != chat.Lockdown && in.Kind != chat.Dissolve {
			rest.Intents = append(rest.Intents, in)
		}
	}
	return rest
}

// kept returns what a known case wanted when it was stored. Where that cannot be read nothing is lost: its
// marks keep most of it from being wanted twice.
func (p *Pipeline) kept(ctx context.Context, id chat.CaseID) []chat.Intent {
	if p.cfg.Kept == nil {
		return nil
	}
	record, ok, err := p.cfg.Kept(ctx, id)
	if err != nil || !ok {
		return nil
	}
	return record.Case.Intents
}
