package policy

import (
	"fmt"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// checkRule looks at a rule as a whole: what can never match is an error, what is probably a
// mistake a warning.
func (l *loader) checkRule() {
	c, r := l.cur, l.cur.rule
	l.checkKinds()
	l.checkConfined()
	l.checkPlussed()
	if r.onlyImpossibleTypes() {
		l.errorf(c.node, "Tencent has Private, Public, ChatRoom, AVChatRoom, Community and Live groups, CAMS has WhatsApp groups",
			"rule %q can never match: its providers have no groups of its group_types", r.id)
	}
	l.checkCount()
	l.checkWide()
	l.checkPhones()
	l.checkPlaces()
	if c.malformed() {
		return
	}
	l.checkContradictions(c.when, "when", false)
	for _, x := range itemsOf(c.unless) {
		l.checkContradictions(x, "the exception", true)
	}
	if l.errors == c.errors { // of what could not be read nothing more can be said
		l.checkEverybody()
		l.checkBrake()
		seen := conditionsOf(c.when)
		l.checkExcused(seen)
		l.checkHidden(seen)
	}
}

// checkKinds looks for what the rule's kinds of events and its providers do not have.
func (l *loader) checkKinds() {
	c, r := l.cur, l.cur.rule
	what := fmt.Sprintf("rule %q", r.id)
	if !slices.Contains(r.kinds, chat.Message) && len(r.kinds) > 0 {
		for _, node := range c.text {
			l.errorf(node, "add message to on", "%s can never match: a join has no text", what)
		}
		for _, p := range c.onlyMessages {
			l.errorf(p.node, "add message to on", "%s can never %s: a join has no message", what, p.name)
		}
	}
	if len(r.providers) > 0 && !slices.Contains(r.providers, chat.CAMS) {
		for _, node := range c.phones {
			l.errorf(node, "add cams to providers, or use member: {id_matches: …}", "%s can never match: only members on cams have a phone number", what)
		}
	}
	if !c.malformed() && slices.Equal(r.kinds, []chat.Kind{chat.Join}) {
		for _, node := range c.joined {
			l.warnf(node, "", "joined_within always holds on a join")
		}
	}
}

// malformed tells whether so little of the rule could be read that nothing can be said about it.
func (c *ruleContext) malformed() bool {
	return c.rule.id == "" || c.when != nil && c.when.Kind != yaml.MappingNode
}

// checkPlaces refuses places in texts that the rule has nothing for.
func (l *loader) checkPlaces() {
	for _, p := range l.cur.places {
		switch {
		case (p.name == "count" || p.name == "within") && l.cur.rule.counter == nil:
			l.errorf(p.node, "", "{%s} stands in a rule that counts nothing", p.name)
		case p.name == "match" && len(l.cur.text) == 0:
			l.errorf(p.node, "", "{match} stands in a rule that does not look at the text")
		case p.name == "title" && l.cur.rule.title == "":
			l.errorf(p.node, "", "{title} stands in a rule without a title")
		}
	}
}

// onlyImpossibleTypes tells whether no provider of the rule has groups of any of its types.
func (r *rule) onlyImpossibleTypes() bool {
	if len(r.groupTypes) == 0 || len(r.providers) == 0 {
		return false
	}
	for _, t := range r.groupTypes {
		p := chat.Tencent
		if t == chat.WhatsApp {
			p = chat.CAMS
		}
		if slices.Contains(r.providers, p) {
			return false
		}
	}
	return true
}
