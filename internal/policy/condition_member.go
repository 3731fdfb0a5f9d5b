package policy

import (
	"fmt"
	"strconv"
	"strings"
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
	written      string        // joinedWithin, as the file has it
	messages     int           // messages_under; 0: any
	names        names         // nil: any
}

// memberKeys are the keys of member.
func (l *loader) memberKeys(c *member) []field {
	return []field{
		{name: "in", is: lists(memberList), doc: "The member is one of these.",
			read: func(_, v *yaml.Node) { c.in = l.list(v, "in", memberList) }},
		{name: "not_in", is: lists(memberList), doc: "The member is none of these.",
			read: func(_, v *yaml.Node) { c.notIn = l.list(v, "not_in", memberList) }},
		{name: "id_matches", is: some(texts()), doc: "The member's ID fits one of these patterns (* and ?).",
			read: func(_, v *yaml.Node) { c.globs = l.globs(v, "id_matches") }},
		{name: "name_matches", is: some(texts()), doc: "The member's name fits one of these regular expressions (RE2), in any case.",
			read: func(key, v *yaml.Node) {
				c.names = l.names(v, "name_matches")
				l.confineName(key)
			}},
		{name: "joined_within", is: durations(), doc: "The member joined less than this ago.", read: func(key, v *yaml.Node) {
			c.joinedWithin, c.written = l.duration(v, "joined_within"), v.Value
			l.cur.usesJoined(key, c.joinedWithin)
		}},
		{name: "messages_under", is: numbers(1, maxHistory), doc: "The member wrote fewer messages than this in the group before, within 30 days.",
			read: func(_, v *yaml.Node) {
				c.messages = l.integer(v, "messages_under", 1, maxHistory)
				l.cur.history = max(l.cur.history, c.messages)
			}},
	}
}

func (l *loader) readMember(n *yaml.Node) condition {
	c := &member{}
	l.mapping(n, "member", l.memberKeys(c))
	if c.in == nil && c.notIn == nil && c.globs == nil && c.names == nil && c.written == "" && c.messages == 0 {
		l.errorf(n, "in, not_in, id_matches, name_matches, joined_within or messages_under", "member says nothing")
	}
	return c
}

func (c *member) holds(x *Exam) truth {
	return min(c.isIn(x), c.isNotIn(x), c.isNamed(x), c.isCalled(x), c.isNew(x), c.isQuiet(x))
}

func (c *member) isIn(x *Exam) truth {
	return truthOf(c.in == nil || c.in.members.has(x.e.Provider, x.e.Member))
}

func (c *member) isNotIn(x *Exam) truth {
	return truthOf(c.notIn == nil || !c.notIn.members.has(x.e.Provider, x.e.Member))
}

func (c *member) isNamed(x *Exam) truth {
	return truthOf(c.globs == nil || matchesAny(c.globs, string(x.e.Member)))
}

// isCalled is in doubt about a member whose name is not known.
func (c *member) isCalled(x *Exam) truth {
	if c.names == nil {
		return yes
	}
	name := x.nameOf()
	if name == nil {
		return x.doubt
	}
	return truthOf(c.names.match(name))
}

func (c *member) isNew(x *Exam) truth {
	if c.joinedWithin == 0 {
		return yes
	}
	joined, known := x.joined()
	ago := x.e.At.Sub(joined)
	switch {
	case !known:
		return maybe
	case x.e.Late, !joined.IsZero() && ago <= -joinSkew:
		return x.doubt
	}
	return truthOf(!joined.IsZero() && ago < c.joinedWithin)
}

// joinSkew is how much later than what the member did a join may seem to be, by clocks that differ.
// A join after that is another one: when the member had joined before is not known.
const joinSkew = 5 * time.Second

// isQuiet is in doubt about a member whose messages are not known.
func (c *member) isQuiet(x *Exam) truth {
	switch n, known := x.wrote(); {
	case c.messages == 0:
		return yes
	case !known:
		return maybe
	case n < 0:
		return x.doubt
	default:
		return truthOf(n < c.messages)
	}
}

// wrote returns how many messages the member wrote before this event; -1: nobody knows. Not known
// means that the store has to be asked first.
func (x *Exam) wrote() (n int, known bool) {
	if x.e.Kind != chat.Message || x.e.Late {
		return -1, true
	}
	return x.before, x.asked
}

// joined returns when the member joined; the zero time stands for long ago. Not known means that
// the store has to be asked first.
func (x *Exam) joined() (at time.Time, known bool) {
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
	return c.in == nil && c.names == nil && c.joinedWithin == 0 && c.messages == 0 && (c.notIn == nil || len(c.notIn.entries) == 0) &&
		(c.globs == nil || matchesAny(c.globs, "x") && matchesAny(c.globs, "any name"))
}

func (c *member) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	id := string(x.e.Member)
	if c.in != nil {
		out = append(out, saw("member.in", c.in.label(), id, c.isIn(x)))
	}
	if c.notIn != nil {
		out = append(out, saw("member.not_in", c.notIn.label(), id, c.isNotIn(x)))
	}
	if c.globs != nil {
		out = append(out, saw("member.id_matches", globTexts(c.globs), id, c.isNamed(x)))
	}
	if c.names != nil {
		value := "no name"
		if x.e.Name != "" {
			value = cut(x.e.Name, maxShownName)
		}
		out = append(out, saw("member.name_matches", "", value, c.isCalled(x)))
	}
	if c.joinedWithin > 0 {
		value := "joined long ago, or nobody knows when"
		if joined, known := x.joined(); !known {
			value = ""
		} else if !joined.IsZero() {
			value = fmt.Sprintf("joined %s ago", max(x.e.At.Sub(joined), 0).Truncate(time.Second))
		}
		out = append(out, saw("member.joined_within", c.written, value, c.isNew(x)))
	}
	if c.messages > 0 {
		value := ""
		if n, known := x.wrote(); known && n >= 0 {
			value = fmt.Sprintf("%d messages before", n)
		}
		out = append(out, saw("member.messages_under", strconv.Itoa(c.messages), value, c.isQuiet(x)))
	}
	return out
}

// globTexts lists patterns for a reader.
func globTexts(globs []glob) string {
	var parts []string
	for _, g := range globs {
		parts = append(parts, string(g))
	}
	return strings.Join(parts, ", ")
}
