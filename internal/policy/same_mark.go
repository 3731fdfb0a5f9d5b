package policy

import (
	"slices"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// mark is an event on a trail of same_text: what its note says, and the trail itself.
type mark struct {
	target // as much of it as is counted by
	sketch string
	once   string // differs for each event where events are counted: of equal notes a trail drops some
	cause  string // of a whole mark: what was done
	at     time.Time
	event  string // chat.Entry.Event; empty: the event that is judged
}

// mark returns what a trail keeps of an event; whole: with all that it takes to act on the member.
func (c *sameText) mark(e *chat.Event, whole bool) mark {
	m := mark{target: target{group: chat.Group{Provider: e.Provider, Account: e.Account}}, at: e.At}
	if whole || c.what != "members" {
		m.group, m.kind = e.Group, e.GroupType
	}
	if whole || c.what != "groups" {
		m.member = e.Member
	}
	if whole {
		m.cause = cause(e)
	}
	if c.what == "times" {
		m.once = chat.Digest(string(e.ID), strconv.FormatInt(e.At.UnixNano(), 16))[:16]
	}
	return m
}

// note returns the mark as readMark reads it.
func (m mark) note() string {
	g := m.group
	return key(string(g.Provider), string(g.Account), string(g.ID), string(m.kind), string(m.member), m.sketch, m.once, m.cause)
}

// readMark reads a note; not ok when it is damaged.
func readMark(note string) (m mark, ok bool) {
	p := unkey(note)
	if len(p) != 8 || len(p[5]) != 0 && len(p[5]) != match.SketchSize {
		return m, false
	}
	return mark{target: readTarget(p), sketch: p[5], once: p[6], cause: p[7]}, true
}

// readTrails reads several trails, each event once.
func readTrails(trails [][]chat.Entry) []mark {
	var marks []mark
	seen := map[string]bool{}
	for _, trail := range trails {
		for _, entry := range trail {
			if seen[entry.Event] { // similar texts share most bands
				continue
			}
			m, ok := readMark(entry.Note)
			if !ok {
				continue
			}
			seen[entry.Event] = true
			m.at, m.event = entry.At, entry.Event
			marks = append(marks, m)
		}
	}
	return marks
}

// like tells whether the texts behind two marks are similar, by their sketches. The estimate is taken
// as it is: at the threshold it is as often too low as too high.
func (m *mark) like(o *mark, percent int) bool {
	if len(m.sketch) != match.SketchSize || len(o.sketch) != match.SketchSize {
		return false
	}
	a, b := match.Sketch([]byte(m.sketch)), match.Sketch([]byte(o.sketch))
	return match.Similarity(&a, &b) >= float64(percent)/100
}

// counted returns what a mark is counted by.
func (c *sameText) counted(m *mark) string {
	switch g := m.group; c.what {
	case "groups":
		return key(string(g.Provider), string(g.Account), string(g.ID))
	case "members":
		return key(string(g.Provider), string(g.Account), string(m.member))
	}
	return m.event
}

// stretch is a stretch of time: after from, and up to to. The zero stretch is none.
type stretch struct{ from, to time.Time }

// most returns the most that any span of the window's length holds which also holds the event, and
// the stretch of those spans that reach the threshold.
func (c *sameText) most(e *chat.Event, others []mark) (most int, full stretch) {
	all := append(slices.Clone(others), c.mark(e, false))
	slices.SortFunc(all, func(a, b mark) int { return a.at.Compare(b.at) })
	held, first := map[string]int{}, 0
	for i := range all {
		end := all[i].at
		held[c.counted(&all[i])]++
		for ; end.Sub(all[first].at) >= c.within; first++ {
			if what := c.counted(&all[first]); held[what] == 1 {
				delete(held, what)
			} else {
				held[what]--
			}
		}
		switch {
		case i+1 < len(all) && all[i+1].at.Equal(end), end.Before(e.At):
			continue
		case end.Sub(e.At) >= c.within:
			return most, full
		}
		most = max(most, len(held))
		if len(held) >= c.limit {
			if full.to.IsZero() {
				full.from = end.Add(-c.within)
			}
			full.to = end
		}
	}
	return most, full
}

// offenders returns who stands in the stretch, each with the last thing that he did.
func (s stretch) offenders(marks []mark) []offender {
	var all []offender
	for i := range marks {
		if m := &marks[i]; m.cause != "" && m.at.After(s.from) && !m.at.After(s.to) {
			all = append(all, offender{target: m.target, at: m.at, cause: m.cause})
		}
	}
	return latest(all, len(all))
}
