package policy

import "github.com/groupguard/groupguard/internal/chat"

// spares tells whether the event is not judged at all.
func (r *Rules) spares(e *chat.Event) bool {
	return e.Trusted || e.Kind != chat.Message && e.Kind != chat.Join || r.isExempt(e.Provider, e.Member)
}

func (r *Rules) isExempt(p chat.Provider, m chat.MemberID) bool {
	for _, s := range r.exempt {
		if s.members.has(p, m) {
			return true
		}
	}
	return false
}

// Judge decides about the event, by what was learned. Of facts that are missing those are assumed
// that excuse the member.
func (x *Exam) Judge() Decision {
	r, e := x.r, x.e
	if r.spares(e) {
		return Decision{Exempt: e.Trusted || r.isExempt(e.Provider, e.Member)}
	}
	x.survey()
	x.asked = true
	var d Decision
	for i := range x.fits {
		tally, ok := x.decide(&x.fits[i])
		if !ok {
			continue
		}
		rule := x.fits[i].rule
		stops := rule.stop && rule.mode == ModeEnforce
		if rule.idle(e) {
			if stops {
				break
			}
			continue
		}
		seen := x.explain(rule, &tally)
		d.Matches = append(d.Matches, chat.Match{Rule: rule.id, Title: rule.title, Mode: rule.mode, Why: why(seen.Conditions)})
		seen.Outcome = outcomeMatch
		d.trace = x.trace(d.trace, seen)
		if rule.mode == ModeEnforce {
			x.want(&d, rule, &tally)
		}
		if stops {
			break
		}
	}
	d.conclude(x)
	return d
}

// decide tells whether a candidate matches, with what it counted.
func (x *Exam) decide(c *candidate) (tally, bool) {
	if c.t == maybe {
		c.t = x.stateless(c.rule)
	}
	if c.t != yes {
		return tally{}, false
	}
	if c.rule.counter == nil {
		return tally{}, true
	}
	if !c.asked || c.from == c.to || c.to > len(x.counts) {
		return tally{}, false
	}
	t := c.rule.counter.reached(x, answers{x.windows[c.from:c.to], x.counts[c.from:c.to], x.trails[c.from:c.to]})
	return t, t.hit
}
