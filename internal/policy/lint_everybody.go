package policy

import (
	"regexp"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// checkEverybody looks for a rule that matches whatever anybody does.
func (l *loader) checkEverybody() {
	c, r := l.cur, l.cur.rule
	if c.ack || !r.countsFirst() {
		return
	}
	s := suspect{r, c.when}
	if s.node == nil {
		s.node = c.node
	}
	if r.holdsForEverybody() || everyText(c.when) {
		l.blame(s)
	} else {
		l.suspects = append(l.suspects, s)
	}
}

// blame reports a rule that matches everybody.
func (l *loader) blame(s suspect) {
	severity := SeverityWarning
	if s.rule.mode == ModeEnforce && slices.ContainsFunc(s.rule.intents, wanted.harms) {
		severity = SeverityError
	}
	l.report(severity, s.node, "add a condition, or write ack: matches-everything", "rule %q matches everybody", s.rule.id)
}

// countsFirst tells whether the rule counts nothing, or the first event is enough for its count.
func (r *rule) countsFirst() bool {
	if r.counter == nil {
		return true
	}
	c, ok := r.counter.(*count)
	return r.counter.base().limit == 1 && (!ok || c.what == "messages" || c.what == "joins")
}

// holdsForEverybody tells whether the conditions of the rule leave nobody out. Of a join, joined_within
// is no condition.
func (r *rule) holdsForEverybody() bool {
	joins := slices.Equal(r.kinds, []chat.Kind{chat.Join})
	for _, c := range r.when.of {
		if m, ok := c.(*member); ok && joins {
			others := *m
			others.joinedWithin = 0
			c = &others
		}
		if !c.always() {
			return false
		}
	}
	return true
}

// harms tells whether the intent takes something away from a member or a group.
func (w wanted) harms() bool {
	return slices.Contains([]string{"remove", "mute", "dissolve", "lockdown"}, w.kind)
}

// everyText tells whether the conditions ask for no more than that there is a text.
func everyText(when *yaml.Node) bool {
	if when == nil {
		return false
	}
	text := valueOf(when, "text")
	for i := 0; i+1 < len(when.Content); i += 2 {
		if k := when.Content[i].Value; k != "text" && k != "count" {
			return false
		}
	}
	return text != nil && asksForAnyText(text)
}

func asksForAnyText(text *yaml.Node) bool {
	for i := 0; i+1 < len(text.Content); i += 2 {
		switch v := text.Content[i+1]; text.Content[i].Value {
		case "match", "see_through":
		case "length_over":
			if v.Value != "0" {
				return false
			}
		case "regex":
			if !fitsAnyText(v) && !slices.ContainsFunc(itemsOf(v), fitsAnyText) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// fitsAnyText tells whether an expression fits one character, whichever. Only short ones are tried: a
// long one says something.
func fitsAnyText(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || len(n.Value) > 8 {
		return false
	}
	re, err := regexp.Compile(n.Value)
	if err != nil {
		return false
	}
	for _, s := range []string{"a", "Z", "7", "!", "赌", "ж", "ا", "🙂"} {
		if !re.MatchString(s) {
			return false
		}
	}
	return true
}
