package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// maxRules bounds the rules of a file: checking so many takes some 250 MB.
const maxRules = 20_000

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
	inText     bool   // when finds stretches of text
	digest     string // stands for what the rule is about, without what it does
	whole      string // Enforcement.Digest
	brake      Brake
	ownBrake   bool // it says itself what its brake is
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
	node     *yaml.Node // the rule as a whole
	when     *yaml.Node // nil: the rule has none
	unless   *yaml.Node // nil: the rule has none
	then     *yaml.Node // nil: the rule has none
	ack      bool       // ack: matches-everything
	errors   int        // of the file, when reading the rule began
	choices  int        // how many any and not are open
	inUnless bool
	text     []*yaml.Node // conditions on the text, in when
	finds    bool         // one of them finds stretches of it
	excused  bool         // the exception being read has a condition that finds stretches of text
	history  int          // the highest messages_under
	phones   []*yaml.Node
	nots     int // how many not are open

	phonesUnderNot []*yaml.Node // in when
	joined         []*yaml.Node // joined_within, in when and unless
	longest        time.Duration
	places         []place
	tests          *yaml.Node

	confined     []confined
	plussed      []*yaml.Node // patterns of IDs that begin with +
	onlyMessages []place      // what makes sense for messages only

	lists     []*list     // those that the rule names
	calendars []*calendar // and these
	brake     *yaml.Node  // the key; nil: the rule has the brake of defaults
}

// usesText notes a condition that needs a message.
func (c *ruleContext) usesText(n *yaml.Node) {
	if !c.inUnless {
		c.text = append(c.text, n)
	}
}

// findsText notes a condition that finds stretches of text.
func (c *ruleContext) findsText() {
	if c.inUnless {
		c.excused = true
	} else {
		c.finds = true
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
	if len(n.Content) > maxRules {
		l.errorf(n.Content[maxRules], "words, links and numbers of one rule can stand in a list", "more than %d rules", maxRules)
		return
	}
	first := map[chat.RuleID]int{}
	for _, item := range n.Content {
		if l.stopped() {
			return
		}
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
	r := &rule{mode: l.defaults.mode, brake: l.defaults.brake, when: &allOf{}}
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
	c.node, c.errors = n, l.errors
	if !l.mapping(n, what, l.ruleKeys(c)) {
		return nil, nil
	}
	r.inText = c.finds
	if r.mode != ModeOff {
		l.out.history = max(l.out.history, c.history)
	}
	l.checkRule()
	if r.trail {
		r.digest = c.digest()
	}
	r.whole = l.wholeDigest(c)
	l.readTests(r, c.tests)
	l.out.keepJoin = max(l.out.keepJoin, keepJoin(r, c))
	return r, id
}

// mode reads a rule's mode.
func (l *loader) mode(n *yaml.Node) string {
	m := l.choice(n, "mode", modes().words...)
	if m == ModeOff && l.src.Awake {
		return ModeShadow
	}
	return m
}

// digest stands for what the rule asks of an event. Whom a burst takes is remembered under it: what
// was counted while the rule asked for something else is no reason to act.
func (c *ruleContext) digest() string {
	about := []string{"about"}
	for i := 0; i+1 < len(c.node.Content); i += 2 {
		switch k := c.node.Content[i].Value; k {
		case "on", "when", "unless", "providers", "groups", "group_types":
			about = append(about, k, canonical(c.node.Content[i+1]))
		}
	}
	return chat.Digest(about...)[:12]
}

func keepJoin(r *rule, c *ruleContext) time.Duration {
	if r.mode == ModeOff {
		return 0
	}
	return c.longest
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
