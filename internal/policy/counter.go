package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// counter is what a rule counts over time: count or same_text. It is no condition of the tree: the
// others narrow what it counts, so it stands beside them, once in a rule.
type counter interface {
	// windows adds what has to be asked about an event that fits the rest of the rule; nothing when
	// the event has no place in them.
	windows(x *Exam, r *rule, dst []chat.Window) []chat.Window
	// reached judges the store's answers to these windows.
	reached(x *Exam, a answers) tally
	// explain says what was counted; nil when the store was not asked.
	explain(t *tally) chat.Seen
	// base returns what all counters have.
	base() *counting
}

// counting is what all counters have.
type counting struct {
	node    *yaml.Node
	kind    chat.Kind // of the events that are counted
	limit   int
	within  time.Duration
	written string // within, as the file has it
	per     []string
	id      string
}

func (c *counting) base() *counting { return c }

// answers are what the store said about a counter's windows.
type answers struct {
	windows []chat.Window
	counts  []int
	trails  [][]chat.Entry
}

// tally is what a counter found.
type tally struct {
	n      int
	hit    bool
	others []offender // who else is in the window, when the rule asks for them
}

// target is a member in a group.
type target struct {
	group  chat.Group
	kind   chat.GroupType
	member chat.MemberID
}

// everywhere is the word of per for one window over all groups, accounts and providers.
const everywhere = "everywhere"

// readPer reads whom a window counts for, in one order however it is written.
func (l *loader) readPer(n *yaml.Node) []string {
	var per []string
	for _, item := range l.items(n, "per") {
		s := l.choice(item, "per", perWords()...)
		for _, had := range per {
			switch {
			case had == s:
				l.errorf(item, "", "per names %s twice", s)
			case had == everywhere || s == everywhere:
				l.errorf(item, "", "per: everywhere stands alone")
			}
		}
		per = append(per, s)
	}
	var ordered []string
	for _, w := range perWords() {
		for _, s := range per {
			if s == w {
				ordered = append(ordered, s)
				break
			}
		}
	}
	return ordered
}

func perWords() []string { return []string{"account", "group", "inviter", "member", everywhere} }

// window returns the window that the event belongs to; not ok when there is none because the event
// lacks what the window counts by, or is late, so that its place in the window is not known. More
// parts, such as a text's fingerprint, part windows further.
func (c *counting) window(e *chat.Event, more ...string) (w chat.Window, ok bool) {
	if e.Kind != c.kind || e.Late {
		return w, false
	}
	w = chat.Window{ID: c.id, Limit: c.limit, Within: c.within}
	parts := []string{string(e.Provider), string(e.Account)}
	for _, per := range c.per {
		value := ""
		switch per {
		case "account":
			continue // it is in every key
		case everywhere:
			parts = parts[:0]
			continue
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
		parts = append(parts, value)
	}
	w.Key = key(append(parts, more...)...)
	return w, true
}

// key joins parts so that no two different lists of parts share a text.
func key(parts ...string) string {
	var b strings.Builder
	for _, s := range parts {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	return b.String()
}

// unkey takes a key apart again; nil when it is none.
func unkey(s string) []string {
	var parts []string
	for s != "" {
		size, rest, ok := strings.Cut(s, ":")
		n, err := strconv.Atoi(size)
		if !ok || err != nil || n < 0 || n > len(rest) {
			return nil
		}
		parts, s = append(parts, rest[:n]), rest[n:]
	}
	return parts
}

// offender is a member who did something that the rule counted.
type offender struct {
	target
	at     time.Time
	cause  string // stands for what was done
	weight int    // for how much it counted
}

// cause stands for an event, and for what it says: a sender can choose an event's number.
func cause(e *chat.Event) string { return string(chat.NewCaseID(e.Group, e.ID, e.Text))[:16] }

// targetOf returns who did it, and where.
func targetOf(e *chat.Event) target {
	return target{group: e.Group, kind: e.GroupType, member: e.Member}
}

// note is what a trail keeps of an event: who did it, where, and for how much it counts.
func note(e *chat.Event, weight int) string {
	return key(string(e.Provider), string(e.Account), string(e.Group.ID), string(e.GroupType), string(e.Member), cause(e), strconv.Itoa(weight))
}

// readNote reads a note; not ok when it is damaged.
func readNote(note string) (o offender, ok bool) {
	p := unkey(note)
	if len(p) != 7 {
		return o, false
	}
	weight, err := strconv.Atoi(p[6])
	return offender{target: readTarget(p), cause: p[5], weight: weight}, err == nil && weight > 0
}

// readTarget reads the first five parts of a note.
func readTarget(p []string) target {
	return target{
		group: chat.Group{Provider: chat.Provider(p[0]), Account: chat.Account(p[1]), ID: chat.GroupID(p[2])},
		kind:  chat.GroupType(p[3]), member: chat.MemberID(p[4]),
	}
}

// latest returns the last thing that each of the offenders did, the newest first, at most n of them.
func latest(all []offender, n int) []offender {
	slices.SortStableFunc(all, func(a, b offender) int { return b.at.Compare(a.at) })
	var out []offender
	seen := map[target]bool{}
	for _, o := range all {
		if o.group.ID == "" || o.member == "" || seen[o.target] || len(out) == n {
			continue
		}
		seen[o.target] = true
		out = append(out, o)
	}
	return out
}
