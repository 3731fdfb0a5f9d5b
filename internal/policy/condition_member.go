package policy

import (
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// member looks at who did it: lists, the ID, and how long the member has been in the group.
type member struct {
	plain
	in, notIn    *list
	globs        []glob
	joinedWithin time.Duration // 0: any
}

func (l *loader) readMember(n *yaml.Node) condition {
	c := &member{}
	l.mapping(n, "member", append([]field{
		{name: "in", read: func(_, v *yaml.Node) { c.in = l.list(v, "in", memberList) }},
		{name: "not_in", read: func(_, v *yaml.Node) { c.notIn = l.list(v, "not_in", memberList) }},
		{name: "id_matches", read: func(_, v *yaml.Node) { c.globs = l.globs(v, "id_matches") }},
		{name: "joined_within", read: func(key, v *yaml.Node) {
			c.joinedWithin = l.duration(v, "joined_within")
			l.cur.usesJoined(key, c.joinedWithin)
		}},
	}, later("name_matches", "messages_under")...))
	if c.in == nil && c.notIn == nil && c.globs == nil && c.joinedWithin == 0 {
		l.errorf(n, "in, not_in, id_matches or joined_within", "member says nothing")
	}
	return c
}

func (c *member) holds(x *exam) truth {
	p, id := x.e.Provider, x.e.Member
	switch {
	case c.in != nil && !c.in.members.has(p, id),
		c.notIn != nil && c.notIn.members.has(p, id),
		c.globs != nil && !matchesAny(c.globs, string(id)):
		return no
	case c.joinedWithin == 0:
		return yes
	}
	joined, known := x.joined()
	if !known {
		return maybe
	}
	return truthOf(!joined.IsZero() && x.e.At.Sub(joined) < c.joinedWithin)
}

// joined returns when the member joined; the zero time stands for long ago. Not known means that
// the store has to be asked first.
func (x *exam) joined() (at time.Time, known bool) {
	switch {
	case x.e.Late:
		return time.Time{}, true
	case !x.e.JoinedAt.IsZero():
		return x.e.JoinedAt, true
	case x.e.Kind == chat.Join:
		return x.e.At, true
	}
	return x.joinedAt, x.asked
}

func (c *member) always() bool {
	return c.in == nil && c.joinedWithin == 0 && (c.notIn == nil || len(c.notIn.entries) == 0) &&
		(c.globs == nil || matchesAny(c.globs, "") && matchesAny(c.globs, "any name"))
}

func (c *member) why(x *exam, dst []byte) []byte {
	if c.in != nil {
		dst = fmt.Appendf(dst, "; member in %s", c.in.label())
	}
	if c.notIn != nil {
		dst = fmt.Appendf(dst, "; member not in %s", c.notIn.label())
	}
	if c.globs != nil {
		for _, g := range c.globs {
			if g.matches(string(x.e.Member)) {
				dst = fmt.Appendf(dst, "; id matches %s", string(g))
				break
			}
		}
	}
	if c.joinedWithin > 0 {
		joined, _ := x.joined()
		ago := max(x.e.At.Sub(joined), 0).Truncate(time.Second)
		dst = fmt.Appendf(dst, "; joined %s ago", ago)
	}
	return dst
}
