package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// maxStrikes bounds the points of a step and the rungs of the ladder.
const maxStrikes = 1000

// strike is a step on the ladder of the member in the group. All rules share the ladder. Other
// intents of the rule may stand on rungs of it (at_strikes): of these, the ones on the highest rung
// that is reached act.
type strike struct {
	points, fade int
	every        time.Duration
}

// strikeKeys are the keys of strike.
func (l *loader) strikeKeys(s *strike) []field {
	return []field{
		{name: "points", is: numbers(1, maxStrikes), doc: "How many steps; 1 unless it is given.",
			read: func(_, v *yaml.Node) { s.points = l.integer(v, "points", 1, maxStrikes) }},
		{name: "fades", is: fitting(`^\s*[0-9+]+\s* per \s*\S+\s*$`), doc: "How fast the ladder is forgotten, such as 1 per 24h.",
			read: func(_, v *yaml.Node) { s.fade, s.every = l.readFades(v) }},
	}
}

func (l *loader) readStrike(n *yaml.Node) intent {
	s := &strike{points: 1, fade: 1, every: 24 * time.Hour}
	l.mapping(n, "strike", l.strikeKeys(s))
	l.cur.rule.strike = s
	return s
}

// readFades reads a rate such as "1 per 24h".
func (l *loader) readFades(n *yaml.Node) (points int, every time.Duration) {
	number, per, ok := strings.Cut(n.Value, " per ")
	points, err := strconv.Atoi(strings.TrimSpace(number))
	if n.Kind != yaml.ScalarNode || !ok || err != nil || points < 1 || points > maxStrikes {
		l.errorf(n, `such as "1 per 24h"`, "fades %q is not so many points per time", n.Value)
		return 1, time.Hour
	}
	unit := *n
	unit.Value = strings.TrimSpace(per)
	return points, l.durationUpTo(&unit, "the time of fades", 365)
}

// merge makes one step of two that rules want for one event: one offence is one step, the larger.
func (s *strike) merge(first *chat.Strike, r *rule) *chat.Strike {
	if first != nil && first.Points >= s.points {
		return first
	}
	step := &chat.Strike{Rule: r.id, Points: s.points, Fade: s.fade, Every: s.every}
	if r.counter != nil {
		step.Once = r.counter.base().within // a flood is one offence, however many messages it has
	}
	return step
}

func (s *strike) make(*chat.Event, *filling) chat.Intent { return chat.Intent{} }

func (s *strike) effect(venue) (string, bool) { return "a step on the member's ladder", true }

// checkRung looks at an intent that stands on a rung.
func (l *loader) checkRung(at *yaml.Node, w *wanted, before []wanted) {
	rm, _ := w.intent.(*remove)
	switch {
	case at == nil:
	case w.kind == "strike":
		l.errorf(at, "remove at_strikes", "the strike itself stands on no rung")
	case !slices.ContainsFunc(before, func(w wanted) bool { return w.kind == "strike" }):
		l.errorf(at, "begin then with strike: {}", "at_strikes stands behind no strike")
	case rm != nil && rm.wide():
		l.errorf(at, "remove at_strikes, or who and from", "the ladder is one member's: it cannot decide about others")
	}
}

// setRungs gives each rung its end, where the next one begins.
func (l *loader) setRungs(all []wanted) {
	for i := range all {
		for _, other := range all {
			if w := &all[i]; w.at > 0 && other.at > w.at && (w.below == 0 || other.at < w.below) {
				w.below = other.at
			}
		}
	}
}
