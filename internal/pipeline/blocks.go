package pipeline

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// blocks tells whether the decision holds a block, be it on a rung of the ladder.
func blocks(d *policy.Decision) bool {
	return d.Case != nil && slices.ContainsFunc(d.Case.Intents, func(in chat.Intent) bool { return in.Kind == chat.Block })
}

// pause takes the blocks of paused rules out of a decision: the message goes through. Everything else
// that such a rule wants is held before it is carried out.
func (p *Pipeline) pause(e *chat.Event, d *policy.Decision) {
	if p.cfg.Paused == nil || !blocks(d) {
		return
	}
	lifted := lift(d, func(in chat.Intent) bool { return p.cfg.Paused(in.Rule, e.Group) })
	for _, in := range lifted {
		p.cfg.Count(e.Provider, chat.Block, "held")
		p.cfg.Log.Info("message let through: the rule is paused", "rule", in.Rule, "provider", e.Provider, "group", e.Group.ID, "member", e.Member)
	}
}

// lift takes blocks out of a decision that has some, and returns them. A case of which nothing is
// left is none.
func lift(d *policy.Decision, which func(chat.Intent) bool) []chat.Intent {
	var lifted []chat.Intent
	d.Case.Intents = slices.DeleteFunc(d.Case.Intents, func(in chat.Intent) bool {
		if in.Kind != chat.Block || !which(in) {
			return false
		}
		lifted = append(lifted, in)
		return true
	})
	if len(lifted) == 0 {
		return nil
	}
	d.Verdict = policy.VerdictOf(d.Case, 0)
	if len(d.Case.Intents) == 0 && d.Case.Strike == nil && len(d.Parts) == 0 {
		d.Case = nil
	}
	return lifted
}
