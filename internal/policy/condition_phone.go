package policy

import (
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
	"go.yaml.in/yaml/v3"
)

// phone looks at the member's number. Only CAMS members have one.
type phone struct {
	plain
	startsWith, in, notIn *list
}

// phoneKeys are the keys of phone.
func (l *loader) phoneKeys(c *phone) []field {
	return []field{
		{name: "starts_with", is: lists(prefixList), doc: "The number begins with one of these.",
			read: func(_, v *yaml.Node) { c.startsWith = l.list(v, "starts_with", prefixList) }},
		{name: "in", is: lists(phoneList), doc: "The number is one of these.",
			read: func(_, v *yaml.Node) { c.in = l.list(v, "in", phoneList) }},
		{name: "not_in", is: lists(phoneList), doc: "The number is none of these.",
			read: func(_, v *yaml.Node) { c.notIn = l.list(v, "not_in", phoneList) }},
	}
}

func (l *loader) readPhone(n *yaml.Node) condition {
	c := &phone{}
	l.cur.usesPhone(n)
	if l.cur.nots > 0 && !l.cur.inUnless {
		l.cur.phonesUnderNot = append(l.cur.phonesUnderNot, n)
	}
	l.mapping(n, "phone", l.phoneKeys(c))
	if c.startsWith == nil && c.in == nil && c.notIn == nil {
		l.errorf(n, "starts_with, in or not_in", "phone says nothing")
	}
	return c
}

// number returns the member's number in digits; not ok when there is none.
func (x *Exam) number() (digits string, ok bool) {
	digits = strings.TrimPrefix(string(x.e.Member), "+")
	return digits, x.e.Provider == chat.CAMS && match.Digits(digits)
}

// holds is false for members of providers without numbers, and in doubt about one whose number is
// not known: nobody is judged by that.
func (c *phone) holds(x *Exam) truth {
	number, ok := x.number()
	switch {
	case x.e.Provider != chat.CAMS:
		return no
	case !ok:
		return x.doubt
	}
	return min(c.starts(number), c.isIn(number), c.isNotIn(number))
}

func (c *phone) starts(number string) truth {
	return truthOf(c.startsWith == nil || c.startsWith.phones.HasPrefix(number))
}

func (c *phone) isIn(number string) truth {
	return truthOf(c.in == nil || c.in.phones.Has(number))
}

func (c *phone) isNotIn(number string) truth {
	return truthOf(c.notIn == nil || !c.notIn.phones.Has(number))
}

func (c *phone) explain(x *Exam) []chat.Seen {
	number, ok := x.number()
	key := func(name string, s *list, holds truth) []chat.Seen {
		switch {
		case s == nil:
			return nil
		case !ok:
			return []chat.Seen{saw("phone."+name, s.label(), "no number", c.holds(x))}
		}
		return []chat.Seen{saw("phone."+name, s.label(), "+"+number, holds)}
	}
	out := key("starts_with", c.startsWith, c.starts(number))
	out = append(out, key("in", c.in, c.isIn(number))...)
	return append(out, key("not_in", c.notIn, c.isNotIn(number))...)
}
