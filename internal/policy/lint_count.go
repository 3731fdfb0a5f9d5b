package policy

import (
	"fmt"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// camsGroupSize is how many members a WhatsApp group of the Cloud API has at most
// (https://developers.facebook.com/docs/whatsapp/cloud-api/groups, 2025).
const camsGroupSize = 8

// checkCount looks at the count together with what narrows it.
func (l *loader) checkCount() {
	r := l.cur.rule
	if r.counter == nil {
		return
	}
	n := r.counter.base().node
	if len(r.kinds) > 0 && !slices.Equal(r.kinds, []chat.Kind{r.counter.base().kind}) {
		l.errorf(n, "make it two rules", "a rule that counts %ss must say on: %s", r.counter.base().kind, r.counter.base().kind)
	}
	l.checkSmallGroup(r.counter.base())
	l.checkQuiet(r.counter.base())
}

// checkSmallGroup looks for more joins of one group than a WhatsApp group has members.
func (l *loader) checkSmallGroup(c *counting) {
	r := l.cur.rule
	if c.kind != chat.Join || c.limit <= camsGroupSize || !slices.Contains(c.per, "group") || !r.onProvider(chat.CAMS) || !r.onType(chat.WhatsApp) {
		return
	}
	if slices.Equal(r.providers, []chat.Provider{chat.CAMS}) || slices.Equal(r.groupTypes, []chat.GroupType{chat.WhatsApp}) {
		l.warnf(c.node, fmt.Sprintf("lower the threshold to %d or less, or count per: account", camsGroupSize),
			"this can never match: a group on cams has at most %d members", camsGroupSize)
		return
	}
	l.warnf(c.node, "write providers: [tencent], and a rule for cams that counts per: account",
		"this cannot match on cams, where a group has at most %d members", camsGroupSize)
}

// checkQuiet looks for a count of more messages than messages_under lets the member have written.
func (l *loader) checkQuiet(c *counting) {
	n, ok := l.cur.rule.counter.(*count)
	if !ok || n.what != "messages" || !slices.Contains(c.per, "member") || !slices.Contains(c.per, "group") || c.within > historyWithin {
		return
	}
	for _, k := range l.cur.rule.when.of {
		if m, ok := k.(*member); ok && m.messages > 0 && c.limit > m.messages {
			l.warnf(c.node, fmt.Sprintf("lower the threshold to %d or less", m.messages),
				"this can never match: after %d messages the member has not written fewer than %d", c.limit, m.messages)
		}
	}
}

// checkWide looks at removals of more than the event's member: they need a window to take the others
// from, which keeps them all.
func (l *loader) checkWide() {
	r := l.cur.rule
	for _, w := range r.intents {
		rm, ok := w.intent.(*remove)
		if !ok || !rm.wide() {
			continue
		}
		at, what := rm.burst, "who: burst"
		if at == nil {
			at, what = rm.allOver, "from: all_matching_groups"
		}
		switch {
		case r.counter == nil:
			l.errorf(at, "add count or same_text, or remove it", "%s stands in a rule that counts nothing", what)
			continue
		case r.counter.base().limit > maxBurst:
			l.errorf(r.counter.base().node, "", "with %s the threshold can be %d at most", what, maxBurst)
		case r.counter.base().within > maxBurstWithin:
			l.errorf(r.counter.base().node, "", "with %s the window can be 24h at most", what)
		case rm.allOver != nil && slices.Contains(r.counter.base().per, "group"):
			l.warnf(rm.allOver, "remove group from per", "the rule counts for each group on its own, so that no other group matches")
		}
		r.trail = true
	}
}
