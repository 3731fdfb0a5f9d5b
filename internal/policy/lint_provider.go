package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// confined is a condition that holds on one provider only: the other one does not tell what it looks at.
type confined struct {
	node *yaml.Node
	to   chat.Provider
	why  string
	must bool // without it the rule cannot match
	name bool // it looks at the member's name, which no join tells
	// excuses is set of a condition that is taken to hold where nobody knows what it looks at, since that is in the
	// member's favour.
	excuses bool
}

// confine notes a condition that can hold on one provider only.
func (l *loader) confine(n *yaml.Node, to chat.Provider, why string) {
	l.cur.confined = append(l.cur.confined, confined{node: n, to: to, why: why, must: l.cur.choices == 0 && !l.cur.inUnless})
}

// confineName notes a condition on the member's name: whose name is not known is not matched, and is excused.
func (l *loader) confineName(n *yaml.Node) {
	l.confine(n, chat.CAMS, "the webhooks of tencent tell no names of members")
	c := &l.cur.confined[len(l.cur.confined)-1]
	c.name, c.excuses = true, l.cur.inUnless || l.cur.nots > 0
}

// confineMedia notes kinds of media that only one provider has.
func (l *loader) confineMedia(n *yaml.Node, kinds []string) {
	if len(kinds) == 0 {
		return
	}
	if !slices.ContainsFunc(kinds, func(k string) bool { return k != chat.Contact }) {
		l.confine(n, chat.CAMS, "messages on tencent have no contact cards")
	}
	if !slices.ContainsFunc(kinds, func(k string) bool { return k != chat.Forward }) {
		l.confine(n, chat.Tencent, "messages on cams do not show that they are forwarded")
	}
}

// checkConfined looks for conditions about what the rule's providers, or joins, do not tell.
func (l *loader) checkConfined() {
	r := l.cur.rule
	for _, c := range l.cur.confined {
		other := chat.CAMS
		if c.to == chat.CAMS {
			other = chat.Tencent
		}
		switch {
		case c.name && len(r.kinds) > 0 && !r.on(chat.Message):
			l.unknown(c, "add message to on", "no join tells the member's name")
		case !r.onProvider(c.to):
			l.unknown(c, "add "+string(c.to)+" to providers", c.why)
		case !r.reaches(c.to):
			l.unknown(c, "add types of "+string(c.to)+" to group_types", c.why)
		case c.excuses && r.reaches(other):
			l.warnf(c.node, "make it two rules, one for each provider", "on %s this is taken to hold, in the member's favour: %s", other, c.why)
		case r.reaches(other):
			l.report(SeverityNote, c.node, "", "rule %q: this holds on %s only: %s", r.id, c.to, c.why)
		}
	}
}

// checkPlussed looks for patterns that are meant for numbers.
func (l *loader) checkPlussed() {
	for _, n := range l.cur.plussed {
		if l.cur.rule.reaches(chat.CAMS) {
			l.warnf(n, fmt.Sprintf("write %q, or use phone: {starts_with: …}", strings.TrimPrefix(n.Value, "+")), "numbers on cams are IDs without +: %q fits none", n.Value)
		}
	}
}

// unknown reports a condition about what nobody ever knows.
func (l *loader) unknown(c confined, hint, why string) {
	switch {
	case c.must:
		l.errorf(c.node, hint, "rule %q can never match: %s", l.cur.rule.id, why)
	case c.excuses:
		l.warnf(c.node, "remove it", "this is always taken to hold, in the member's favour: %s", why)
	default:
		l.warnf(c.node, "remove it", "this never holds: %s", why)
	}
}

// reaches tells whether the rule can be about groups of a provider.
func (r *rule) reaches(p chat.Provider) bool {
	return r.onProvider(p) && (len(r.groupTypes) == 0 || slices.ContainsFunc(r.groupTypes, func(t chat.GroupType) bool {
		return (t == chat.WhatsApp) == (p == chat.CAMS)
	}))
}
