package trial

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxStrikes is how many points a ladder holds at most.
const maxStrikes = 10_000

// ladder is that of one member in a group.
type ladder struct {
	points int
	anchor int64 // since when points fade, in microseconds
	steps  map[chat.RuleID]int64
}

// climb takes a case's step on its member's ladder and returns what the ladder holds then.
func (m *Memory) climb(s *chat.Strike, c *chat.Case) int {
	if s == nil || c.Event.Member == "" {
		return 0
	}
	who, at := memberDigest(c.Event.Group, c.Event.Member), c.Event.At.UnixMicro()
	l, ok := m.ladders.get(who, m.now)
	if !ok {
		l = &ladder{anchor: at, steps: map[chat.RuleID]int64{}}
	}
	every := max(micros(s.Every), 1)
	if at > l.anchor {
		n := (at - l.anchor) / every
		l.anchor += n * every
		if n*int64(s.Fade) >= int64(l.points) {
			l.points, l.anchor = 0, at
		} else {
			l.points -= int(n) * s.Fade
		}
	}
	last, stepped := l.steps[s.Rule]
	if !stepped || max(at-last, last-at) >= micros(s.Once) {
		l.points = min(l.points+s.Points, maxStrikes)
		l.steps[s.Rule] = at
	}
	fades := time.Duration(l.points/max(s.Fade, 1)+1) * s.Every
	m.ladders.put(who, l, m.now, m.now+micros(max(fades, s.Once))+micros(lateness))
	return l.points
}
