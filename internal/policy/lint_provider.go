package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// confined is a condition that holds on one provider only: the other one does not tell what it looks at.
type confined struct {
	node *yaml.Node
	to   chat.Provider
	why  string
	must bool // without it the rule cannot match
}

// confine notes a condition that can hold on one provider only.
func (l *loader) confine(n *yaml.Node, to chat.Provider, why string) {
	l.cur.confined = append(l.cur.confined, confined{n, to, why, l.cur.choices == 0 && !l.cur.inUnless})
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

// checkConfined looks for conditions about what the rule's providers do not tell.
func (l *loader) checkConfined() {
	r := l.cur.rule
	for _, c := range l.cur.confined {
		switch possible := r.onProvider(c.to); {
		case !possible && c.must:
			l.errorf(c.node, "add "+string(c.to)+" to providers", "rule %q can never match: %s", r.id, c.why)
		case !possible:
			l.warnf(c.node, "remove it", "this never holds: %s", c.why)
		case len(r.providers) != 1:
			l.report(SeverityNote, c.node, "", "rule %q: this holds on %s only: %s", r.id, c.to, c.why)
		}
	}
}
