package policy

import (
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// joining looks at how somebody came into the group.
type joining struct {
	plain
	node      *yaml.Node
	kinds     []string // nil: any
	invitedBy *list
}

func joinKinds() []string { return []string{string(chat.Applied), string(chat.Invited)} }

// joinKeys are the keys of join.
func (l *loader) joinKeys(c *joining) []field {
	return []field{
		{name: "kind_in", is: some(word(joinKinds()...)), doc: "The member asked to join (apply) or was brought in by another (invited).",
			read: func(_, v *yaml.Node) { c.kinds = l.kinds(v, joinKinds()) }},
		{name: "invited_by_in", is: lists(memberList), doc: "The member was invited by one of these.",
			read: func(_, v *yaml.Node) { c.invitedBy = l.list(v, "invited_by_in", memberList) }},
	}
}

func (l *loader) readJoin(n *yaml.Node) condition {
	c := &joining{node: n}
	l.mapping(n, "join", l.joinKeys(c))
	l.confine(n, chat.Tencent, "cams does not tell how somebody joined")
	if c.kinds == nil && c.invitedBy == nil {
		l.errorf(n, "kind_in or invited_by_in", "join says nothing")
	}
	return c
}

// checkJoins refuses rules that ask of a message how it joined.
func (l *loader) checkJoins() {
	for _, r := range l.out.rules {
		if len(r.kinds) > 0 && !slices.Contains(r.kinds, chat.Join) {
			l.refuseJoins(r, r.when)
		}
	}
}

func (l *loader) refuseJoins(r *rule, all *allOf) {
	for _, c := range all.of {
		switch c := c.(type) {
		case *joining:
			l.errorf(c.node, "add join to on", "rule %q can never match: a message is no join", r.id)
		case *allOf:
			l.refuseJoins(r, c)
		}
	}
}

func (c *joining) holds(x *Exam) truth {
	if x.e.Kind != chat.Join {
		return no
	}
	return min(c.came(x.e), c.isInvited(x.e))
}

func (c *joining) came(e *chat.Event) truth {
	return truthOf(c.kinds == nil || slices.Contains(c.kinds, string(e.JoinKind)))
}

// isInvited is false of a join whose inviter is not known.
func (c *joining) isInvited(e *chat.Event) truth {
	return truthOf(c.invitedBy == nil || e.Inviter != "" && c.invitedBy.members.has(e.Provider, e.Inviter))
}

func (c *joining) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	part := func(name, want, value string, holds truth) {
		switch {
		case x.e.Kind != chat.Join:
			value, holds = "no join", no
		case value == "":
			value = "nobody knows"
		}
		out = append(out, saw("join."+name, want, value, holds))
	}
	if c.kinds != nil {
		part("kind_in", strings.Join(c.kinds, ", "), string(x.e.JoinKind), c.came(x.e))
	}
	if c.invitedBy != nil {
		part("invited_by_in", c.invitedBy.label(), string(x.e.Inviter), c.isInvited(x.e))
	}
	return out
}
