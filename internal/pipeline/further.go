package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// justNow is how old an event may be whose case is known and completed all the same: the provider
// tells of a message before it is sent and once more when it is, seconds apart. What comes later is a
// repeat.
const justNow = time.Minute

// onRung tells whether a part of a case depends on what the member's ladder holds.
func onRung(c *chat.Case) bool { return len(c.Intents) == 1 && c.Intents[0].AtStrikes > 0 }

// further stores what depends on how the cases were stored: parts on a rung of the ladder that is
// reached, and what the second webhook about an event adds to its case. More can be known by then:
// when the member joined, or what the message is called. All of it is named by the case, so that it
// comes about once, and what is done already is deduplicated.
func (p *Pipeline) further(ctx context.Context, cases []chat.Case, done []chat.Committed, rungs []chat.Case) error {
	var more []chat.Case
	for i := range cases {
		c := &cases[i]
		for _, part := range rungs {
			if in := part.Intents[0]; part.Of == c.ID && in.Acts(done[i].Strikes) {
				in.AtStrikes, in.BelowStrikes = 0, 0
				part.Intents = []chat.Intent{in}
				more = append(more, part)
			}
		}
		if done[i].Known && !p.cfg.DryRun && c.Of == "" && !c.Event.Asked && c.Event.Received.Sub(c.Event.At) < justNow {
			if rest := addition(c); len(rest.Intents) > 0 {
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

// addition returns the case that carries out what a known case may lack. What is done to the group as a
// whole it leaves alone.
func addition(c *chat.Case) chat.Case {
	id := chat.CaseID(chat.Digest("addition", string(c.ID)))
	rest := chat.Case{ID: id, Code: id.Code(), Of: c.ID, Rules: c.Rules, Event: c.Event}
	rest.Event.Text = ""
	for _, in := range c.Intents {
		over := !in.Until.IsZero() && in.Until.Before(c.Event.Received)
		if in.Queued() && in.AtStrikes == 0 && !over && in.Kind != chat.Lockdown && in.Kind != chat.Dissolve {
			rest.Intents = append(rest.Intents, in)
		}
	}
	return rest
}
