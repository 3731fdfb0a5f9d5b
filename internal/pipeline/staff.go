package pipeline

import (
	"context"
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
	lifted := lift(d, func(chat.Intent) bool { return true })
	p.cfg.Count(e.Provider, chat.Block, "spared")
	log := p.cfg.Log.With("rule", lifted[len(lifted)-1].Rule, "provider", e.Provider, "group", e.Group.ID, "member", e.Member)
	if err != nil {
		log.Warn("message let through: nobody could tell whether it is an owner's or admin's", "error", err)
		return
	}
	log.Info("message let through: it is an owner's or admin's")
}
