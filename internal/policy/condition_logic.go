package policy

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// allOf holds when all of its conditions do.
type allOf struct {
	of   []condition
	slow bool // one of them runs an expression
}

func (l *loader) readAll(n *yaml.Node) condition {
	c := &allOf{of: l.maps(n, "all")}
	c.order()
	return c
}

// allShape is what all looks like at the top of when.
func allShape(*loader) shape { return many(conditional().nonEmpty()) }

// anyShape is what any looks like, and all below it.
func anyShape(*loader) shape { return many(conditional().nonEmpty().stateless()) }

// maps reads the list of maps under any and all.
func (l *loader) maps(n *yaml.Node, what string) []condition {
	if n.Kind != yaml.SequenceNode {
		l.errorf(n, "", "%s must be a list of maps", what)
		return nil
	}
	if len(n.Content) == 0 {
		l.errorf(n, "", "%s is an empty list", what)
	}
	var of []condition
	for _, item := range n.Content {
		c := l.readConditions(item, "a map under "+what)
		if item.Kind == yaml.MappingNode && len(item.Content) == 0 {
			l.errorf(item, "", "a map under %s is empty", what)
		}
		of = append(of, c)
	}
	return of
}

func (c *allOf) holds(x *Exam) truth {
	t := yes
	for _, k := range c.of {
		if t = min(t, k.holds(x)); t == no {
			return no
		}
	}
	return t
}

func (c *allOf) spans(x *Exam, dst []span) []span {
	for _, k := range c.of {
		dst = k.spans(x, dst)
	}
	return dst
}

func (c *allOf) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	for _, k := range c.of {
		out = append(out, k.explain(x)...)
	}
	return out
}

// gate is that of the condition with the fewest words: without one of them, all cannot hold.
func (c *allOf) gate(dst []atom) ([]atom, bool) {
	n, found := len(dst), false
	for _, k := range c.of {
		more, ok := k.gate(dst[:n:n])
		if ok && (!found || len(more) < len(dst)) {
			dst, found = more, true
		}
	}
	return dst, found
}

func (c *allOf) always() bool {
	for _, k := range c.of {
		if !k.always() {
			return false
		}
	}
	return true
}

// anyOf holds when one of its conditions does.
type anyOf struct{ of []condition }

func (l *loader) readAny(n *yaml.Node) condition {
	l.cur.choices++
	defer func() { l.cur.choices-- }()
	return &anyOf{l.maps(n, "any")}
}

func (c *anyOf) holds(x *Exam) truth {
	t := no
	for _, k := range c.of {
		if t = max(t, k.holds(x)); t == yes {
			return yes
		}
	}
	return t
}

func (c *anyOf) spans(x *Exam, dst []span) []span {
	for _, k := range c.of {
		if k.holds(x) == yes {
			dst = k.spans(x, dst)
		}
	}
	return dst
}

func (c *anyOf) explain(x *Exam) []chat.Seen {
	out := saw("any", "", "", c.holds(x))
	for i, k := range c.of {
		out.Of = append(out.Of, branch(fmt.Sprintf("%d", i+1), k, x))
	}
	return []chat.Seen{out}
}

// branch says what one of several maps of conditions saw.
func branch(name string, c condition, x *Exam) chat.Seen {
	s := saw(name, "", "", c.holds(x))
	s.Of = c.explain(x)
	return s
}

// gate is all gates together, if each branch has one.
func (c *anyOf) gate(dst []atom) ([]atom, bool) {
	for _, k := range c.of {
		var ok bool
		if dst, ok = k.gate(dst); !ok {
			return dst, false
		}
	}
	return dst, len(c.of) > 0
}

func (c *anyOf) always() bool {
	for _, k := range c.of {
		if k.always() {
			return true
		}
	}
	return false
}

// notOf holds when its condition does not.
type notOf struct {
	plain
	of condition
}

func (l *loader) readNot(n *yaml.Node) condition {
	l.cur.choices++
	l.cur.nots++
	defer func() { l.cur.choices--; l.cur.nots-- }()
	c := l.readConditions(n, "not")
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		l.errorf(n, "", "not is empty")
	}
	return &notOf{of: c}
}

// holds looks at the whole text, excused or not: what is excused must not turn into a reason to
// act by being denied.
func (c *notOf) holds(x *Exam) truth {
	excused, spanless := x.excused, x.spanless
	x.excused, x.doubt, x.spanless = nil, yes-x.doubt, false
	t := c.of.holds(x)
	x.excused, x.doubt, x.spanless = excused, yes-x.doubt, spanless
	return yes - t
}

func (c *notOf) explain(x *Exam) []chat.Seen {
	out := saw("not", "", "", c.holds(x))
	excused := x.excused
	x.excused, x.doubt = nil, yes-x.doubt
	out.Of = c.of.explain(x)
	x.excused, x.doubt = excused, yes-x.doubt
	return []chat.Seen{out}
}
