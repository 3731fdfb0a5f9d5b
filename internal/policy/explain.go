package policy

import (
	"math/bits"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// What became of a rule beside an event.
const (
	outcomeMatch   = "match"
	outcomeNoMatch = "no match"
	outcomeExcused = "excused"
	outcomeHidden  = "hidden"
	outcomeScope   = "out of scope"
)

// Bounds of a case's trace: rules, and all that they saw.
const (
	maxTrace = 32
	maxNodes = 256
)

// Explain returns what every rule saw in the event, in file order. It comes after Judge, whose
// decision it explains.
func (x *Exam) Explain() []chat.RuleSeen {
	if x.r.spares(x.e) {
		return nil
	}
	x.survey()
	x.asked = true
	var out []chat.RuleSeen
	var stopped chat.RuleID
	for _, r := range x.r.rules {
		seen := chat.RuleSeen{Rule: r.id, Title: r.title, Mode: r.mode, Outcome: outcomeScope}
		if seen.Scope = r.outside(x.e); seen.Scope != "" {
			out = append(out, seen)
			continue
		}
		t, hit := x.tallied(r)
		seen = x.explain(r, t)
		switch {
		case hit && stopped != "":
			seen.Outcome, seen.Hidden = outcomeHidden, stopped
		case hit:
			if seen.Outcome = outcomeMatch; r.idle(x.e) {
				seen.Outcome, seen.Scope = outcomeScope, unseen
			}
			if r.stop && r.mode == ModeEnforce {
				stopped = r.id
			}
		case seen.Outcome == "":
			seen.Outcome = outcomeNoMatch
		}
		out = append(out, seen)
	}
	return out
}

// trace adds a rule to a case's trace, within its bounds: past them a rule stands without what it saw.
func (x *Exam) trace(trace []chat.RuleSeen, seen chat.RuleSeen) []chat.RuleSeen {
	if len(trace) == maxTrace {
		return trace
	}
	n := nodes(seen.Conditions)
	for _, ex := range seen.Exceptions {
		n += 1 + nodes(ex.Conditions)
	}
	if x.traced += n; x.traced > maxNodes {
		seen.Conditions, seen.Exceptions = nil, nil
	}
	return append(trace, seen)
}

func nodes(seen []chat.Seen) int {
	n := len(seen)
	for _, s := range seen {
		n += nodes(s.Of)
	}
	return n
}

// traceExcused adds the rules to a case's trace that would fit the event but for an exception.
func (x *Exam) traceExcused(trace []chat.RuleSeen) []chat.RuleSeen {
	for w, set := range x.open() {
		for ; set != 0 && len(trace) < maxTrace; set &= set - 1 {
			r := x.r.index.rules[w*64+bits.TrailingZeros64(set)]
			if len(r.exceptions) == 0 || !r.applies(x.e) || x.excuse(r) != no || r.when.holds(x) != yes {
				continue
			}
			trace = x.trace(trace, x.explain(r, nil))
		}
	}
	return trace
}

// tallied finds what was counted for a rule: nil when it counts nothing or was not asked for.
func (x *Exam) tallied(r *rule) (t *tally, hit bool) {
	for i := range x.fits {
		if x.fits[i].rule == r {
			found, hit := x.decide(&x.fits[i])
			if r.counter == nil || !x.fits[i].asked {
				return nil, hit
			}
			return &found, hit
		}
	}
	return nil, false
}

// outside says why a rule is not about the event, or nothing.
func (r *rule) outside(e *chat.Event) string {
	switch {
	case r.mode == ModeOff:
		return "mode: off"
	case !r.on(e.Kind):
		return "on: " + string(e.Kind) + " is not among its events"
	case !r.onProvider(e.Provider):
		return "providers: " + string(e.Provider) + " is not among them"
	case !r.onType(e.GroupType):
		return "group_types: " + string(e.GroupType) + " is not among them"
	case !r.onGroup(e.Group.ID):
		return "groups: the group is not among them"
	case r.uncounted(e):
		return unseen
	}
	return ""
}

// explain returns what one rule saw. The outcome is left open, unless an exception excused the event.
func (x *Exam) explain(r *rule, t *tally) chat.RuleSeen {
	seen := chat.RuleSeen{Rule: r.id, Title: r.title, Mode: r.mode}
	if x.excuse(r) == no {
		seen.Outcome = outcomeExcused
	}
	for i := range r.exceptions {
		seen.Exceptions = append(seen.Exceptions, x.explainException(r, &r.exceptions[i]))
	}
	seen.Conditions = r.when.explain(x)
	if r.counter != nil {
		counted := r.counter.explain(t)
		if t == nil && r.when.holds(x) != yes {
			counted.Holds = no.String() // what does not fit is not counted
		}
		seen.Conditions = append(seen.Conditions, counted)
	}
	return seen
}

func (x *Exam) explainException(r *rule, ex *exception) chat.ExceptionSeen {
	seen := chat.ExceptionSeen{Name: ex.name, Expired: ex.expired(x.e.At)}
	kept := x.excused
	x.excused, x.doubt = nil, yes
	seen.Conditions = ex.when.explain(x)
	seen.Used = !seen.Expired && ex.when.holds(x) == yes
	x.excused, x.doubt = kept, no
	return seen
}

// expired tells whether the exception had ended at a time.
func (ex *exception) expired(at time.Time) bool { return !ex.until.IsZero() && !at.Before(ex.until) }

// why says in a line what was seen, without message text.
func why(seen []chat.Seen) string {
	var parts []string
	var walk func([]chat.Seen)
	walk = func(seen []chat.Seen) {
		for _, s := range seen {
			switch {
			case s.Holds != yes.String() || s.What == "not":
			case len(s.Of) > 0:
				walk(s.Of)
			case s.Value != "":
				parts = append(parts, s.What+" "+s.Value)
			}
		}
	}
	walk(seen)
	return strings.Join(parts, "; ")
}

// saw returns what one key of a condition saw.
func saw(what, want, value string, t truth) chat.Seen {
	return chat.Seen{What: what, Want: want, Value: value, Holds: t.String()}
}

// at adds where something was found in the text.
func at(s chat.Seen, spans []span) chat.Seen {
	for _, p := range spans[:min(len(spans), maxShown)] {
		s.Spans = append(s.Spans, [2]int{p.start, p.end})
	}
	return s
}

// maxShown is how many places of a text a trace shows for one condition.
const maxShown = 16
