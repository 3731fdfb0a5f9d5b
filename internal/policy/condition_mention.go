package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// mention looks at whom a message mentions.
type mention struct {
	plain
	over     int
	counts   bool // count_over is given
	everyone truth
	asks     bool // everyone is given
}

// maxMentions bounds count_over, and with it the comparisons that telling the mentioned apart takes.
const maxMentions = 100

// mentionKeys are the keys of mention.
func (l *loader) mentionKeys(c *mention) []field {
	return []field{
		{name: "count_over", is: numbers(0, maxMentions), doc: "More different members than this are mentioned.",
			read: func(_, v *yaml.Node) { c.over, c.counts = l.integer(v, "count_over", 0, maxMentions), true }},
		{name: "everyone", is: truths(), doc: "true: everybody is mentioned at once; false: not everybody is.",
			read: func(_, v *yaml.Node) { c.everyone, c.asks = truthOf(l.boolean(v, "everyone")), true }},
	}
}

func (l *loader) readMention(n *yaml.Node) condition {
	c := &mention{}
	l.needsMessage(n)
	l.mapping(n, "mention", l.mentionKeys(c))
	if c.counts || c.everyone == yes {
		l.confine(n, chat.Tencent, "messages on cams show no mentions")
	}
	if !c.counts && !c.asks {
		l.errorf(n, "count_over or everyone", "mention says nothing")
	}
	return c
}

// needsMessage notes a condition without which the rule cannot match and which joins never meet.
func (l *loader) needsMessage(n *yaml.Node) {
	if !l.cur.inUnless && l.cur.choices == 0 {
		l.cur.onlyMessages = append(l.cur.onlyMessages, place{n, "match"})
	}
}

func (c *mention) holds(x *Exam) truth {
	if x.e.Kind != chat.Message {
		return no
	}
	return min(c.isMany(x.e), c.isEveryone(x.e))
}

func (c *mention) isMany(e *chat.Event) truth {
	return truthOf(!c.counts || mentioned(e, c.over) > c.over)
}

func (c *mention) isEveryone(e *chat.Event) truth {
	return truthOf(!c.asks || truthOf(e.AtAll) == c.everyone)
}

// mentioned counts the different members that a message mentions, and stops once it passed the
// number that matters.
func mentioned(e *chat.Event, enough int) int {
	n := 0
	for i, m := range e.Mentions {
		if slices.Contains(e.Mentions[:i], m) {
			continue
		}
		if n++; n > enough {
			break
		}
	}
	return n
}

// always is true of a message that does not mention everybody: nobody does anything for that.
func (c *mention) always() bool { return c.asks && c.everyone == no && !c.counts }

func (c *mention) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	message := x.e.Kind == chat.Message
	part := func(name, want, value string, holds truth) {
		if !message {
			value, holds = "no message", no
		}
		out = append(out, saw("mention."+name, want, value, holds))
	}
	if c.counts {
		value := fmt.Sprintf("%d mentioned", mentioned(x.e, c.over))
		if c.isMany(x.e) == yes {
			value = fmt.Sprintf("more than %d mentioned", c.over)
		}
		part("count_over", strconv.Itoa(c.over), value, c.isMany(x.e))
	}
	if c.asks {
		value := "not everybody"
		if x.e.AtAll {
			value = "everybody"
		}
		part("everyone", strconv.FormatBool(c.everyone == yes), value, c.isEveryone(x.e))
	}
	return out
}
