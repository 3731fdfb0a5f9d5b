package policy

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// link looks at the links in a message. It holds when one link meets all of its keys.
type link struct {
	in, notIn *list
	none      bool // any: false
}

func (l *loader) readLink(n *yaml.Node) condition {
	c := &link{}
	l.cur.usesText(n)
	keys := 0
	l.mapping(n, "link", append([]field{
		{name: "any", read: func(_, v *yaml.Node) { c.none = !l.boolean(v, "any"); keys++ }},
		{name: "domain_in", read: func(_, v *yaml.Node) { c.in = l.list(v, "domain_in", domainList); keys++ }},
		{name: "domain_not_in", read: func(_, v *yaml.Node) { c.notIn = l.list(v, "domain_not_in", domainList); keys++ }},
	}, later("count_over")...))
	if keys == 0 {
		l.errorf(n, "any, domain_in or domain_not_in", "link says nothing")
	}
	if c.none && keys > 1 {
		l.errorf(n, "", "any: false leaves no link for the other keys of link")
	}
	return c
}

// fits tells whether a link meets the keys.
func (c *link) fits(host []byte) bool {
	return (c.in == nil || c.in.domains.Has(host)) && (c.notIn == nil || !c.notIn.domains.Has(host))
}

func (c *link) find(x *exam) int {
	links, t := x.linksOf()
	n := 0
	for _, k := range links.All() {
		if c.fits(links.Host(k)) && !original(t, int(k.Start), int(k.End)).within(x.excused) {
			n++
		}
	}
	return n
}

func (c *link) holds(x *exam) truth {
	if c.none {
		links, _ := x.linksOf()
		return truthOf(len(links.All()) == 0)
	}
	return truthOf(c.find(x) > 0)
}

func (c *link) spans(x *exam, dst []span) []span {
	if c.none {
		return dst
	}
	links, t := x.linksOf()
	for _, k := range links.All() {
		if c.fits(links.Host(k)) {
			dst = append(dst, original(t, int(k.Start), int(k.End)))
		}
	}
	return dst
}

func (c *link) why(x *exam, dst []byte) []byte {
	if c.none {
		return append(dst, "; no link"...)
	}
	dst = fmt.Appendf(dst, "; links: %d", c.find(x))
	if c.in != nil {
		dst = fmt.Appendf(dst, " in %s", c.in.label())
	}
	if c.notIn != nil {
		dst = fmt.Appendf(dst, " not in %s", c.notIn.label())
	}
	return dst
}

func (c *link) always() bool { return c.none }
