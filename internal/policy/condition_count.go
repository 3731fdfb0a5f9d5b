package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// maxThreshold bounds what a store keeps for one window.
const maxThreshold = 10000

// count holds when a window holds the threshold of events or more. It is no condition of the tree:
// the others narrow what it counts, so it stands beside them, once in a rule.
type count struct {
	node    *yaml.Node
	kind    chat.Kind
	limit   int
	within  time.Duration
	written string // within, as the file has it
	per     []string
	id      string
}

func (l *loader) readCount(n *yaml.Node) condition {
	c := &count{node: n}
	var what *yaml.Node
	threshold := func(kind chat.Kind) func(key, v *yaml.Node) {
		return func(key, v *yaml.Node) {
			if what != nil {
				l.errorf(key, "make it two rules", "a count counts one thing, and this one counts %s already", what.Value)
			}
			what, c.kind = key, kind
			c.limit = l.integer(v, key.Value, 1, maxThreshold)
		}
	}
	l.mapping(n, "count", append([]field{
		{name: "messages", read: threshold(chat.Message)},
		{name: "joins", read: threshold(chat.Join)},
		{name: "within", need: true, read: func(_, v *yaml.Node) { c.within, c.written = l.duration(v, "within"), v.Value }},
		{name: "per", read: func(_, v *yaml.Node) { c.per = l.per(v) }},
	}, later("links", "media", "matches")...))
	switch {
	case n.Kind != yaml.MappingNode:
		return nil
	case what == nil:
		l.errorf(n, "messages or joins, with the threshold", "count says nothing of what it counts")
	case l.cur.inUnless || l.cur.choices > 0:
		l.errorf(n, "put it at the top of when", "count cannot stand under any, not or unless")
	case l.cur.rule.count != nil:
		l.errorf(n, "make it two rules", "a rule has one count, and this one has two")
	}
	if c.per == nil {
		c.per = []string{"group"}
		if c.kind == chat.Message {
			c.per = []string{"group", "member"}
		}
	}
	if c.kind == chat.Message && slices.Contains(c.per, "inviter") {
		l.errorf(n, "", "only joins have an inviter")
	}
	if c.kind == chat.Join && slices.Contains(c.per, "member") && c.limit > 1 {
		l.warnf(n, "leave member out of per", "a member rarely joins %d times within %s", c.limit, c.written)
	}
	c.id = string(l.cur.rule.id) + ":" + chat.Digest(append([]string{string(c.kind), c.within.String()}, c.per...)...)[:12]
	l.cur.rule.count = c
	return nil
}

// per reads whom a window counts for, in one order however it is written.
func (l *loader) per(n *yaml.Node) []string {
	order := []string{"account", "group", "inviter", "member"}
	var per []string
	for _, item := range l.items(n, "per") {
		if s := l.choice(item, "per", order...); slices.Contains(per, s) {
			l.errorf(item, "", "per names %s twice", s)
		} else {
			per = append(per, s)
		}
	}
	slices.SortFunc(per, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return per
}

// window returns the window that the event belongs to; not ok when there is none because the event
// lacks what the window counts by, or is late, so that its place in the window is not known.
func (c *count) window(e *chat.Event) (w chat.Window, ok bool) {
	if e.Kind != c.kind || e.Late {
		return w, false
	}
	w = chat.Window{ID: c.id, Limit: c.limit, Within: c.within}
	var key strings.Builder
	part := func(s string) {
		key.WriteString(strconv.Itoa(len(s)))
		key.WriteByte(':')
		key.WriteString(s)
	}
	part(string(e.Provider))
	part(string(e.Account))
	for _, per := range c.per {
		value := ""
		switch per {
		case "account":
			continue // it is in every key
		case "group":
			g := e.Group
			w.Group, value = &g, string(g.ID)
		case "inviter":
			value = string(e.Inviter)
		case "member":
			value = string(e.Member)
		}
		if value == "" {
			return w, false
		}
		part(value)
	}
	w.Key = key.String()
	return w, true
}

func (c *count) why(n int, dst []byte) []byte {
	return fmt.Appendf(dst, "; count %ss %d of %d in %s", c.kind, n, c.limit, c.written)
}
