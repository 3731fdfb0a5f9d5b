package policy

import (
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// during looks at when the event happened.
type during struct {
	plain
	calendars []*calendar
}

// duringShape is what during looks like.
func duringShape(*loader) shape { return some(texts()) }

func (l *loader) readDuring(n *yaml.Node) condition {
	c := &during{}
	for _, item := range l.items(n, "during") {
		name, ok := l.text(item, "during")
		if !ok {
			continue
		}
		cal := l.calendars[name]
		switch {
		case cal == nil:
			hint := nearest(name, sortedNames(l.calendars))
			if hint == "" {
				hint = "calendars stand at the top of the file, beside rules"
			}
			l.errorf(item, hint, "there is no calendar %q", name)
		case slices.Contains(c.calendars, cal):
			l.errorf(item, "", "during names %s twice", name)
		default:
			cal.used = true
			c.calendars = append(c.calendars, cal)
			if !slices.Contains(l.cur.calendars, cal) {
				l.cur.calendars = append(l.cur.calendars, cal)
			}
		}
	}
	return c
}

// holds is in doubt for an event of which nobody knows when it happened.
func (c *during) holds(x *Exam) truth {
	if x.e.Late {
		return x.doubt
	}
	return truthOf(slices.ContainsFunc(c.calendars, func(cal *calendar) bool { return cal.holds(x.e.At) }))
}

func (c *during) always() bool {
	return slices.ContainsFunc(c.calendars, (*calendar).always)
}

func (c *during) explain(x *Exam) []chat.Seen {
	var wanted, shown []string
	for _, cal := range c.calendars {
		at := x.e.At.In(cal.zone)
		clock := at.Format("Mon 15:04 ") + cal.zone.String()
		if !slices.Contains(shown, clock) {
			shown = append(shown, clock)
		}
		wanted = append(wanted, cal.name)
	}
	value, holds := strings.Join(shown, ", "), c.holds(x)
	if x.e.Late {
		value, holds = "nobody knows when", maybe
	}
	return []chat.Seen{saw("during", strings.Join(wanted, ", "), value, holds)}
}
