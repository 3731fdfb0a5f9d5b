package pipeline

import (
	"context"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// staffTimeout is what a look-up may take of the two seconds that Tencent waits for an answer
// (https://www.tencentcloud.com/document/product/1047/34374). The store needs the rest.
const staffTimeout = 700 * time.Millisecond

// spare takes the block out of a decision about a message of the group's owner or an admin, and
// when it cannot be known in time whether it is theirs: a message that is refused wrongly is worse
// than one that is let through and judged again once it is sent. Who asks to join has no role.
func (p *Pipeline) spare(ctx context.Context, e *chat.Event, d *policy.Decision) {
	if p.cfg.Staff == nil || !blocks(d) || !e.Asked || e.Kind != chat.Message {
		return
	}
	asking, cancel := context.WithTimeout(ctx, staffTimeout)
	staff, err := p.cfg.Staff(asking, e)
	cancel()
	if err == nil && !staff {
		return
	}
	var rule chat.RuleID
	d.Verdict = chat.Verdict{}
	d.Case.Intents = slices.DeleteFunc(d.Case.Intents, func(in chat.Intent) bool {
		if in.Kind == chat.Block {
			rule = in.Rule
		}
		return in.Kind == chat.Block
	})
	if len(d.Case.Intents) == 0 && d.Case.Strike == nil && len(d.Parts) == 0 {
		d.Case = nil
	}
	p.cfg.Count(e.Provider, chat.Block, "spared")
	log := p.cfg.Log.With("rule", rule, "provider", e.Provider, "group", e.Group.ID, "member", e.Member)
	if err != nil {
		log.Warn("message let through: nobody could tell whether it is an owner's or admin's", "error", err)
		return
	}
	log.Info("message let through: it is an owner's or admin's")
}

// blocks tells whether the decision holds a block, be it on a rung of the ladder.
func blocks(d *policy.Decision) bool {
	return d.Case != nil && slices.ContainsFunc(d.Case.Intents, func(in chat.Intent) bool { return in.Kind == chat.Block })
}
