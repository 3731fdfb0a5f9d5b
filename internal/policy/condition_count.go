package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// Thresholds: what a store keeps for one window is bounded by them. Of a window whose members are
// acted on (who: burst), every member is kept and read.
const (
	maxThreshold = 10000
	maxBurst     = 500

	// maxBurstWithin is as long as a store surely knows what was done about an event.
	maxBurstWithin = 24 * time.Hour
)

// count holds when a window holds the threshold or more of messages, joins, links, media or matches.
type count struct {
	counting
	what string // the key: messages, joins, links, media, matches
}

// countKeys are the keys of count.
func (l *loader) countKeys(c *count) []field {
	threshold := func(name, doc string) field {
		return field{name: name, is: numbers(1, maxThreshold), doc: doc, read: func(key, v *yaml.Node) {
			if c.what != "" {
				l.errorf(key, "make it two rules", "a count counts one thing, and this one counts %s already", c.what)
			}
			c.what, c.kind = name, chat.Message
			if name == "joins" {
				c.kind = chat.Join
			}
			c.limit = l.integer(v, name, 1, maxThreshold)
		}}
	}
	return []field{
		threshold("messages", "Holds from this many messages on."),
		threshold("joins", "Holds from this many joins on."),
		threshold("links", "Holds from this many links on; with link beside it, those that it is about."),
		threshold("media", "Holds from this many images, files and so on; with media beside it, those of its kinds."),
		threshold("matches", "Holds from this many places in texts on that the rule's text condition finds."),
		{name: "within", need: true, is: durations(), doc: "The length of the window, such as 10s.", read: func(_, v *yaml.Node) {
			c.within, c.written = l.duration(v, "within"), v.Value
		}},
		{name: "per", is: some(word(perWords()...)), doc: "Whom it counts for.", read: func(_, v *yaml.Node) { c.per = l.readPer(v) }},
	}
}

func countShape(l *loader) shape {
	return keyed(l.countKeys(&count{})...).exactlyOne("messages", "joins", "links", "media", "matches")
}

func (l *loader) readCount(n *yaml.Node) condition {
	c := &count{counting: counting{node: n}}
	l.mapping(n, "count", l.countKeys(c))
	switch {
	case n.Kind != yaml.MappingNode:
		return nil
	case c.what == "":
		l.errorf(n, "messages, joins, links, media or matches, with the threshold", "count says nothing of what it counts")
	}
	if c.per == nil {
		c.per = []string{"group"}
		if c.kind == chat.Message {
			c.per = []string{"group", "member"}
		}
	}
	switch {
	case !slices.Contains(c.per, "inviter"):
	case c.kind == chat.Message:
		l.errorf(n, "", "only joins have an inviter")
	default:
		l.confine(n, chat.Tencent, "joins on cams have no inviter")
	}
	if c.kind == chat.Join && slices.Contains(c.per, "member") && c.limit > 1 {
		l.warnf(n, "leave member out of per", "a member rarely joins %d times within %s", c.limit, c.written)
	}
	thing := c.what
	if thing == "messages" || thing == "joins" {
		thing = string(c.kind)
	}
	c.id = string(l.cur.rule.id) + ":" + chat.Digest(append([]string{thing, c.within.String()}, c.per...)...)[:12]
	l.setCounter("count", c)
	return nil
}

// setCounter makes c what the rule counts.
func (l *loader) setCounter(what string, c counter) {
	n := c.base().node
	switch {
	case l.cur.inUnless || l.cur.choices > 0:
		l.errorf(n, "put it at the top of when", "%s cannot stand under any, not or unless", what)
	case l.cur.rule.counter != nil:
		l.errorf(n, "make it two rules", "a rule has one count or same_text, and this one has two")
	}
	l.cur.rule.counter = c
}

func (c *count) windows(x *Exam, r *rule, dst []chat.Window) []chat.Window {
	w, ok := c.window(x.e)
	if !ok {
		return dst
	}
	if w.Add = min(c.weigh(x, r), c.limit); w.Add == 0 {
		return dst
	}
	dst = append(dst, w)
	if r.trail {
		w.ID, w.Add, w.Note = w.ID+":who:"+r.digest, 0, note(x.e, w.Add)
		if len(w.Note) <= chat.MaxNote {
			dst = append(dst, w)
		}
	}
	return dst
}

// weigh returns for how much the event counts.
func (c *count) weigh(x *Exam, r *rule) int {
	switch c.what {
	case "links":
		for _, k := range r.when.of {
			if l, ok := k.(*link); ok {
				return l.find(x)
			}
		}
		links, _ := x.linksOf()
		return len(links.All())
	case "media":
		for _, k := range r.when.of {
			if m, ok := k.(interface{ fitting(e *chat.Event) int }); ok {
				return m.fitting(x.e)
			}
		}
		return len(x.e.Media)
	case "matches":
		return x.matches(r)
	}
	return 1
}

// matches counts the places of the text that the rule found and that are not excused. Places that
// overlap are one.
func (x *Exam) matches(r *rule) int {
	var found []span
	for _, s := range r.when.spans(x, nil) {
		if !s.within(x.excused) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.start - b.start })
	n, end := 0, -1
	for _, s := range found {
		if s.start >= end {
			n++
		}
		end = max(end, s.end)
	}
	return n
}

func (c *count) reached(x *Exam, a answers) tally {
	t := tally{n: a.counts[0], hit: a.counts[0] >= c.limit}
	if !t.hit || len(a.trails) < 2 {
		return t
	}
	all := []offender{{at: x.e.At, weight: max(a.windows[0].Add, 1)}}
	for _, entry := range a.trails[1] {
		if o, ok := readNote(entry.Note); ok {
			o.at = entry.At
			all = append(all, o)
		}
	}
	full := c.full(x.e.At, all)
	all = slices.DeleteFunc(all, func(o offender) bool { return !o.at.After(full.from) || o.at.After(full.to) })
	// The event that fills the window finds fewer than the threshold before it. Those that come later
	// find more; the rest of these were there for an earlier one. Of what happened later, most were
	// judged with this one in the window.
	before := slices.DeleteFunc(slices.Clone(all), func(o offender) bool { return o.at.After(x.e.At) })
	after := slices.DeleteFunc(all, func(o offender) bool { return !o.at.After(x.e.At) })
	slices.SortStableFunc(after, func(a, b offender) int { return a.at.Compare(b.at) })
	after = after[:min(len(after), c.limit-1)]
	t.others = latest(append(latest(before, c.limit-1), after...), 2*c.limit)
	return t
}

// full returns the stretch of the spans that hold the event and reach the threshold.
func (c *count) full(at time.Time, all []offender) (s stretch) {
	slices.SortStableFunc(all, func(a, b offender) int { return a.at.Compare(b.at) })
	sum, first := 0, 0
	for i, o := range all {
		for sum += o.weight; o.at.Sub(all[first].at) >= c.within; first++ {
			sum -= all[first].weight
		}
		switch {
		case o.at.Before(at), i+1 < len(all) && all[i+1].at.Equal(o.at):
			continue
		case o.at.Sub(at) >= c.within:
			return s
		case sum < c.limit:
			continue
		case s.to.IsZero():
			s.from = o.at.Add(-c.within)
		}
		s.to = o.at
	}
	return s
}

func (c *count) explain(t *tally) chat.Seen {
	s := chat.Seen{What: "count." + c.what, Want: fmt.Sprintf("%d within %s per %s", c.limit, c.written, strings.Join(c.per, ", ")), Holds: maybe.String()}
	if t != nil {
		s.Value, s.Holds = fmt.Sprintf("%d of %d within %s", t.n, c.limit, c.written), truthOf(t.hit).String()
	}
	return s
}
