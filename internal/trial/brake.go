package trial

import (
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// brakes tells what the brakes of rules would have held, had nobody ended a pause. Sizes of groups are not known, and
// no rule is new: the share of a group and the first minutes of a rule are left out.
type brakes struct {
	rules  *policy.Rules
	counts Memory
	paused distinct // rules, each in a group or everywhere
}

// removal takes a removal that was decided at a time.
func (b *brakes) removal(at time.Time, a *chat.Action, r *RuleReport, left *budget) {
	in, _ := b.rules.Enforcement(a.Intent.Rule)
	brake := in.Brake
	if !brake.On() {
		return
	}
	micro, rule := at.UnixMicro(), string(a.Intent.Rule)
	group := chat.Digest("group", string(a.Group.Provider), string(a.Group.Account), string(a.Group.ID))
	all, here := digestOf(rule, "everywhere").short(), digestOf(rule, group).short()
	if b.isPaused(all) || b.isPaused(here) {
		r.Braked.Held++ // and counts no more
		return
	}
	slot := micro / max(micros(brake.Within), 1) // a bot counts one member like this
	p := point{at: micro, add: 1, event: digestOf(group, string(a.Member), strconv.FormatInt(slot, 10))}
	fullHere := b.isPast(chat.Window{ID: rule, Key: group, Limit: brake.Removals + 1, Within: brake.Within}, p)
	fullAll := b.isPast(chat.Window{ID: rule, Key: "everywhere", Limit: brake.Everywhere + 1, Within: brake.Within}, p)
	if !fullHere && !fullAll {
		return
	}
	if r.Braked == nil {
		r.Braked = &Braked{At: at.UTC(), Removals: brake.Removals, Within: brake.Within.String()}
	}
	r.Braked.Held++
	if fullAll {
		b.paused.add(all, left)
		r.Braked.Everywhere = true
		return
	}
	b.paused.add(here, left)
	r.Braked.Groups++
}

// isPaused tells whether a rule was paused in a place.
func (b *brakes) isPaused(rule short) bool {
	_, is := b.paused.seen[rule]
	return is
}

// isPast counts a removal, and tells whether it is one too many.
func (b *brakes) isPast(w chat.Window, p point) bool {
	b.counts.now = max(b.counts.now, p.at)
	return w.Limit > 1 && b.counts.count(&w, p, false) >= w.Limit
}
