package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// rule is one compiled rule.
type rule struct {
	id         chat.RuleID
	title      string
	mode       string
	kinds      []chat.Kind
	providers  []chat.Provider  // empty: all
	groups     []glob           // empty: all
	groupTypes []chat.GroupType // empty: all
	when       *allOf           // all but the counter
	counter    counter          // nil: none
	trail      bool             // an intent needs to know who else is in the counter's window
	exceptions []exception
	intents    []wanted
	strike     *strike // nil: none
	stop       bool
	inText     bool // when looks into the text
}

// exception is one way in which a rule does not apply.
type exception struct {
	name   string
	until  time.Time // the zero time: always
	when   *allOf
	inText bool // it excuses stretches of text, not the event as a whole
}

// applies tells whether the rule is about such events at all.
func (r *rule) applies(e *chat.Event) bool {
	return r.mode != ModeOff && r.on(e.Kind) && r.onProvider(e.Provider) && r.onType(e.GroupType) && r.onGroup(e.Group.ID)
}

func (r *rule) on(k chat.Kind) bool { return slices.Contains(r.kinds, k) }

func (r *rule) onProvider(p chat.Provider) bool {
	return len(r.providers) == 0 || slices.Contains(r.providers, p)
}

func (r *rule) onType(t chat.GroupType) bool {
	return len(r.groupTypes) == 0 || slices.Contains(r.groupTypes, t)
}

func (r *rule) onGroup(g chat.GroupID) bool {
	return len(r.groups) == 0 || matchesAny(r.groups, string(g))
}

// place is a place of a template.
type place struct {
	node *yaml.Node
	name string
}

// ruleContext is what reading one rule's parts has to know of each other.
type ruleContext struct {
	rule     *rule
	choices  int // how many any and not are open
	inUnless bool
	text     []*yaml.Node // conditions on the text, in when
	excused  bool         // the exception being read has conditions on the text
	phones   []*yaml.Node
	joined   []*yaml.Node // joined_within, in when and unless
	longest  time.Duration
	places   []place

	onlyMessages []place // what makes sense for messages only
}

func (c *ruleContext) usesText(n *yaml.Node) {
	if c.inUnless {
		c.excused = true
	} else {
		c.text = append(c.text, n)
	}
}

func (c *ruleContext) usesPhone(n *yaml.Node) {
	if !c.inUnless {
		c.phones = append(c.phones, n)
	}
}

func (c *ruleContext) usesJoined(n *yaml.Node, d time.Duration) {
	c.joined = append(c.joined, n)
	c.longest = max(c.longest, d)
}

// readRules reads the rules section.
func (l *loader) readRules(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		l.errorf(n, "", "rules must be a list")
		return
	}
	if len(n.Content) == 0 {
		l.errorf(n, "", "rules is an empty list")
	}
	first := map[chat.RuleID]int{}
	for _, item := range n.Content {
		r, id := l.readRule(item)
		if r == nil {
			continue
		}
		if line, twice := first[r.id]; twice {
			l.errorf(id, "", "two rules have the id %q (first in line %d)", r.id, line)
		} else if r.id != "" {
			first[r.id] = item.Line
		}
		l.out.rules = append(l.out.rules, r)
		l.out.infos = append(l.out.infos, RuleInfo{
			ID: r.id, Title: r.title, Mode: r.mode, On: slices.Clone(r.kinds), File: l.src.Name, Line: item.Line, Column: item.Column,
		})
	}
}

// readRule reads one rule, and returns it with the node of its id.
func (l *loader) readRule(n *yaml.Node) (*rule, *yaml.Node) {
	r := &rule{mode: l.defaults.mode, when: &allOf{}}
	l.cur = &ruleContext{rule: r}
	c := l.cur
	id, what := n, "a rule"
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 { // the id first: counters are named by it
			if k, v := n.Content[i], n.Content[i+1]; k.Value == "id" && v.Kind == yaml.ScalarNode {
				id, r.id, what = v, chat.RuleID(v.Value), fmt.Sprintf("rule %q", v.Value)
			}
		}
	}
	ack, when := false, (*yaml.Node)(nil)
	ok := l.mapping(n, what, append(append(l.scope(r),
		field{name: "id", need: true, read: func(_, v *yaml.Node) {
			if s, ok := l.text(v, "id"); ok && (!isName(s) || strings.Contains(s, "_")) {
				l.errorf(v, "a-z, 0-9 and -", "%q cannot be a rule's id", s)
			}
		}},
		field{name: "title", read: func(_, v *yaml.Node) { r.title, _ = l.text(v, "title") }},
		field{name: "on", need: true, read: func(_, v *yaml.Node) { r.kinds = l.readKinds(v) }},
		field{name: "mode", read: func(_, v *yaml.Node) { r.mode = l.choice(v, "mode", ModeShadow, ModeEnforce, ModeOff) }},
		field{name: "when", read: func(_, v *yaml.Node) { when, r.when = v, l.readConditions(v, "when") }},
		field{name: "unless", read: func(_, v *yaml.Node) { r.exceptions = l.readExceptions(v) }},
		field{name: "then", need: true, read: func(_, v *yaml.Node) { r.intents = l.readIntents(v) }},
		field{name: "stop", read: func(_, v *yaml.Node) { r.stop = l.boolean(v, "stop") }},
		field{name: "ack", read: func(_, v *yaml.Node) { ack = l.choice(v, "ack", "matches-everything") != "" }},
	), later("tests")...))
	if !ok {
		return nil, nil
	}
	r.inText = len(c.text) > 0
	l.checkRule(n, when, ack)
	l.out.keepJoin = max(l.out.keepJoin, keepJoin(r, c))
	return r, id
}

func keepJoin(r *rule, c *ruleContext) time.Duration {
	if r.mode == ModeOff {
		return 0
	}
	return c.longest
}

// scope returns the keys that say where a rule applies.
func (l *loader) scope(r *rule) []field {
	return []field{
		{name: "providers", read: func(_, v *yaml.Node) {
			for _, item := range l.items(v, "providers") {
				r.providers = append(r.providers, chat.Provider(l.choice(item, "providers", string(chat.Tencent), string(chat.CAMS))))
			}
		}},
		{name: "groups", read: func(_, v *yaml.Node) { r.groups = l.globs(v, "groups") }},
		{name: "group_types", read: func(_, v *yaml.Node) {
			for _, item := range l.items(v, "group_types") {
				r.groupTypes = append(r.groupTypes, chat.GroupType(l.choice(item, "group_types", string(chat.Private), string(chat.Public),
					string(chat.ChatRoom), string(chat.AVChatRoom), string(chat.Community), string(chat.Live), string(chat.WhatsApp))))
			}
		}},
	}
}

func (l *loader) readKinds(n *yaml.Node) []chat.Kind {
	var kinds []chat.Kind
	for _, item := range l.items(n, "on") {
		switch k := chat.Kind(l.choice(item, "on", string(chat.Message), string(chat.Join))); {
		case k != chat.Message && k != chat.Join:
		case slices.Contains(kinds, k):
			l.errorf(item, "", "on names %s twice", k)
		default:
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// readExceptions reads the list under unless.
func (l *loader) readExceptions(n *yaml.Node) []exception {
	l.cur.inUnless = true
	defer func() { l.cur.inUnless = false }()
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		l.errorf(n, "such as [{name: staff, member: {in: staff}}]", "unless must be a list of exceptions")
		return nil
	}
	var out []exception
	for _, item := range n.Content {
		var x exception
		l.cur.excused = false
		x.when = l.readConditions(item, "an exception",
			field{name: "name", read: func(_, v *yaml.Node) { x.name, _ = l.text(v, "name") }},
			field{name: "until", read: func(_, v *yaml.Node) { x.until = l.until(v) }})
		x.inText = l.cur.excused
		if item.Kind == yaml.MappingNode && len(x.when.of) == 0 {
			l.errorf(item, "", "an exception without a condition excuses everything")
		}
		out = append(out, x)
	}
	return out
}

// until reads a date, which counts to its end in UTC, or a time.
func (l *loader) until(n *yaml.Node) time.Time {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, n.Value); err == nil {
			t = t.AddDate(0, 0, 1)
		}
	}
	switch {
	case err != nil:
		l.errorf(n, "such as 2027-01-31", "until %q is not a date", n.Value)
	case !t.After(l.now):
		l.warnf(n, "remove it or give it another date", "the exception has expired, it excuses nothing any more")
	}
	return t
}
