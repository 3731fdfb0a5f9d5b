package policy

import "go.yaml.in/yaml/v3"

// allOf holds when all of its conditions do.
type allOf struct{ of []condition }

func (l *loader) readAll(n *yaml.Node) condition { return &allOf{l.maps(n, "all")} }

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

func (c *allOf) holds(x *exam) truth {
	t := yes
	for _, k := range c.of {
		if t = min(t, k.holds(x)); t == no {
			return no
		}
	}
	return t
}

func (c *allOf) spans(x *exam, dst []span) []span {
	for _, k := range c.of {
		dst = k.spans(x, dst)
	}
	return dst
}

func (c *allOf) why(x *exam, dst []byte) []byte {
	for _, k := range c.of {
		dst = k.why(x, dst)
	}
	return dst
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

func (c *anyOf) holds(x *exam) truth {
	t := no
	for _, k := range c.of {
		if t = max(t, k.holds(x)); t == yes {
			return yes
		}
	}
	return t
}

func (c *anyOf) spans(x *exam, dst []span) []span {
	for _, k := range c.of {
		if k.holds(x) == yes {
			dst = k.spans(x, dst)
		}
	}
	return dst
}

func (c *anyOf) why(x *exam, dst []byte) []byte {
	for _, k := range c.of {
		if k.holds(x) == yes {
			return k.why(x, dst)
		}
	}
	return dst
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
	defer func() { l.cur.choices-- }()
	c := l.readConditions(n, "not")
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		l.errorf(n, "", "not is empty")
	}
	return &notOf{of: c}
}

// holds looks at the whole text, excused or not: what is excused must not turn into a reason to
// act by being denied.
func (c *notOf) holds(x *exam) truth {
	excused := x.excused
	x.excused = nil
	t := c.of.holds(x)
	x.excused = excused
	return yes - t
}

func (c *notOf) why(_ *exam, dst []byte) []byte { return dst }
