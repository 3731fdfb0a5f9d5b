package policy

import (
	"fmt"
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

func (l *loader) readPhone(n *yaml.Node) condition {
	c := &phone{}
	l.cur.usesPhone(n)
	l.mapping(n, "phone", []field{
		{name: "starts_with", read: func(_, v *yaml.Node) { c.startsWith = l.list(v, "starts_with", prefixList) }},
		{name: "in", read: func(_, v *yaml.Node) { c.in = l.list(v, "in", phoneList) }},
		{name: "not_in", read: func(_, v *yaml.Node) { c.notIn = l.list(v, "not_in", phoneList) }},
	})
	if c.startsWith == nil && c.in == nil && c.notIn == nil {
		l.errorf(n, "starts_with, in or not_in", "phone says nothing")
	}
	return c
}

// holds is false for a member without a number, whatever the condition: nobody is judged by a
// number that is not known.
func (c *phone) holds(x *exam) truth {
	if x.e.Provider != chat.CAMS {
		return no
	}
	number := strings.TrimPrefix(string(x.e.Member), "+")
	if !match.Digits(number) {
		return no
	}
	ok := (c.startsWith == nil || c.startsWith.phones.HasPrefix(number)) &&
		(c.in == nil || c.in.phones.Has(number)) &&
		(c.notIn == nil || !c.notIn.phones.Has(number))
	return truthOf(ok)
}

func (c *phone) why(_ *exam, dst []byte) []byte {
	for _, k := range []struct {
		how string
		s   *list
	}{{"begins with one of", c.startsWith}, {"in", c.in}, {"not in", c.notIn}} {
		if k.s != nil {
			dst = fmt.Appendf(dst, "; phone %s %s", k.how, k.s.label())
		}
	}
	return dst
}
