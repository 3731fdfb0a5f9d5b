package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// link looks at the links in a message. It holds when more than over links meet all of its keys.
type link struct {
	in, notIn *list
	none      bool // any: false
	over      int
	counts    bool // count_over is given
	given     int  // keys
}

// linkKeys are the keys of link.
func (l *loader) linkKeys(c *link) []field {
	return []field{
		{name: "any", is: truths(), doc: "true: there is a link; false: there is none.",
			read: func(_, v *yaml.Node) { c.none = !l.boolean(v, "any"); c.given++ }},
		{name: "count_over", is: numbers(1, maxLinks), doc: "There are more links than this.",
			read: func(_, v *yaml.Node) { c.over, c.counts = l.integer(v, "count_over", 1, maxLinks), true; c.given++ }},
		{name: "domain_in", is: lists(domainList), doc: "The link leads to one of these domains or below.",
			read: func(_, v *yaml.Node) { c.in = l.list(v, "domain_in", domainList); c.given++ }},
		{name: "domain_not_in", is: lists(domainList), doc: "The link leads to none of these domains, nor below.",
			read: func(_, v *yaml.Node) { c.notIn = l.list(v, "domain_not_in", domainList); c.given++ }},
	}
}

// maxLinks bounds count_over. A message of 12 KB holds no more.
const maxLinks = 1000

func (l *loader) readLink(n *yaml.Node) condition {
	c := &link{}
	l.cur.usesText(n)
	l.mapping(n, "link", l.linkKeys(c))
	if !c.none {
		l.cur.findsText()
	}
	if c.given == 0 {
		l.errorf(n, "any, count_over, domain_in or domain_not_in", "link says nothing")
	}
	if c.none && c.given > 1 {
		l.errorf(n, "", "any: false leaves no link for the other keys of link")
	}
	return c
}

// fits tells whether a link meets the keys.
func (c *link) fits(host []byte) bool {
	return (c.in == nil || c.in.domains.Has(host)) && (c.notIn == nil || !c.notIn.domains.Has(host))
}

func (c *link) find(x *Exam) int {
	links, t := x.linksOf()
	n := 0
	for _, k := range links.All() {
		if c.fits(links.Host(k)) && !original(t, int(k.Start), int(k.End)).within(x.excused) {
			n++
		}
	}
	return n
}

func (c *link) holds(x *Exam) truth {
	if c.none {
		links, _ := x.linksOf()
		return truthOf(len(links.All()) == 0)
	}
	return truthOf(!x.spanless && c.find(x) > c.over)
}

func (c *link) spans(x *Exam, dst []span) []span {
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

func (c *link) explain(x *Exam) []chat.Seen {
	links, _ := x.linksOf()
	all := len(links.All())
	if c.none {
		return []chat.Seen{saw("link.any", "false", fmt.Sprintf("%d links", all), c.holds(x))}
	}
	value := fmt.Sprintf("%d of %d links", c.find(x), all)
	found := slices.DeleteFunc(c.spans(x, nil), func(s span) bool { return s.within(x.excused) })
	var out []chat.Seen
	if c.counts {
		out = append(out, at(saw("link.count_over", strconv.Itoa(c.over), value, c.holds(x)), found))
	}
	if c.in != nil {
		out = append(out, at(saw("link.domain_in", c.in.label(), value, c.holds(x)), found))
	}
	if c.notIn != nil {
		out = append(out, at(saw("link.domain_not_in", c.notIn.label(), value, c.holds(x)), found))
	}
	if len(out) == 0 {
		out = append(out, at(saw("link.any", "true", value, c.holds(x)), found))
	}
	return out
}

func (c *link) always() bool { return c.none }

func (c *link) gate(dst []atom) ([]atom, bool) { return dst, false }
