package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// camsGroupSize is how many members a WhatsApp group of the Cloud API has at most
// (https://developers.facebook.com/docs/whatsapp/cloud-api/groups, 2025).
const camsGroupSize = 8

// checkRule looks at a rule as a whole: what can never match is an error, what is probably a
// mistake a warning.
func (l *loader) checkRule(n, when *yaml.Node, ack bool) {
	c, r := l.cur, l.cur.rule
	what := fmt.Sprintf("rule %q", r.id)
	if !slices.Contains(r.kinds, chat.Message) && len(r.kinds) > 0 {
		for _, node := range c.text {
			l.errorf(node, "add message to on", "%s can never match: a join has no text", what)
		}
	}
	if len(r.providers) > 0 && !slices.Contains(r.providers, chat.CAMS) {
		for _, node := range c.phones {
			l.errorf(node, "add cams to providers, or use member: {id_matches: …}", "%s can never match: only members on cams have a phone number", what)
		}
	}
	if r.onlyImpossibleTypes() {
		l.errorf(n, "Tencent has Private, Public, ChatRoom, AVChatRoom, Community and Live groups, CAMS has WhatsApp groups",
			"%s can never match: its providers have no groups of its group_types", what)
	}
	if !slices.Contains(r.kinds, chat.Message) && len(r.kinds) > 0 {
		for _, p := range c.onlyMessages {
			l.errorf(p.node, "add message to on", "%s can never %s: a join has no message", what, p.name)
		}
	}
	l.checkCount()
	l.checkWide()
	l.checkPlaces()
	if c.malformed(when) {
		return
	}
	if r.when.always() && (r.counter == nil || r.counter.base().limit == 1) && !ack {
		at := when
		if at == nil {
			at = n
		}
		l.warnf(at, "add a condition, or write ack: matches-everything", "%s matches everybody", what)
	}
	if slices.Equal(r.kinds, []chat.Kind{chat.Join}) {
		for _, node := range c.joined {
			l.warnf(node, "", "joined_within always holds on a join")
		}
	}
}

// malformed tells whether so little of the rule could be read that nothing can be said about it.
func (c *ruleContext) malformed(when *yaml.Node) bool {
	return c.rule.id == "" || when != nil && when.Kind != yaml.MappingNode
}

// checkCount looks at the count together with what narrows it.
func (l *loader) checkCount() {
	r := l.cur.rule
	if r.counter == nil {
		return
	}
	n := r.counter.base().node
	if len(r.kinds) > 0 && !slices.Equal(r.kinds, []chat.Kind{r.counter.base().kind}) {
		l.errorf(n, "make it two rules", "a rule that counts %ss must say on: %s", r.counter.base().kind, r.counter.base().kind)
	}
	if r.counter.base().kind == chat.Join && slices.Equal(r.providers, []chat.Provider{chat.CAMS}) && r.counter.base().limit > camsGroupSize &&
		slices.Contains(r.counter.base().per, "group") {
		l.warnf(n, fmt.Sprintf("lower the threshold to %d or less", camsGroupSize),
			"this can never match: a group on cams has at most %d members", camsGroupSize)
	}
}

// checkWide looks at removals of more than the event's member: they need a window to take the others
// from, which keeps them all.
func (l *loader) checkWide() {
	r := l.cur.rule
	for _, w := range r.intents {
		rm, ok := w.intent.(*remove)
		if !ok || !rm.wide() {
			continue
		}
		at, what := rm.burst, "who: burst"
		if at == nil {
			at, what = rm.allOver, "from: all_matching_groups"
		}
		switch {
		case r.counter == nil:
			l.errorf(at, "add count or same_text, or remove it", "%s stands in a rule that counts nothing", what)
			continue
		case r.counter.base().limit > maxBurst:
			l.errorf(r.counter.base().node, "", "with %s the threshold can be %d at most", what, maxBurst)
		case rm.allOver != nil && slices.Contains(r.counter.base().per, "group"):
			l.warnf(rm.allOver, "remove group from per", "the rule counts for each group on its own, so that no other group matches")
		}
		r.trail = true
	}
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

// notes says what each rule's intents become where the rule applies. It comes last, as it is of
// interest only for a file without errors.
func (l *loader) notes() {
	for _, r := range l.out.rules {
		if r.mode == ModeOff {
			continue
		}
		for _, w := range r.intents {
			l.noteEffect(r, w)
		}
	}
}

// noteEffect reports one intent, and warns when it is possible nowhere.
func (l *loader) noteEffect(r *rule, w wanted) {
	var effects, names []string // parallel: an effect, and the venues that share it
	possible, asked := false, 0
	for _, at := range venues() {
		if len(r.providers) > 0 && !slices.Contains(r.providers, at.provider) ||
			len(r.groupTypes) > 0 && !slices.Contains(r.groupTypes, at.group) {
			continue
		}
		asked++
		effect, ok := w.effect(at)
		possible = possible || ok
		if i := slices.Index(effects, effect); i >= 0 {
			names[i] += ", " + at.name
		} else {
			effects, names = append(effects, effect), append(names, at.name)
		}
	}
	if asked == 0 {
		return
	}
	if !possible {
		l.warnf(w.node, "remove it, or widen providers and group_types", "%s is not possible anywhere where rule %q applies", w.kind, r.id)
		return
	}
	var parts []string
	for i, effect := range effects {
		parts = append(parts, names[i]+": "+effect)
	}
	l.report(SeverityNote, w.node, "", "rule %q, %s is on %s", r.id, w.kind, strings.Join(parts, "; "))
}
