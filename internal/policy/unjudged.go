package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// Unjudged is the answer to an asked event that cannot be judged now, since the store cannot be asked.
// With on_timeout: block it is refused, without a code or a text, if an enforced rule that blocks fits
// it or may: what needs the store is taken as possible, all else is judged. paused tells whether a rule
// is paused in a group: then it refuses nothing. Nil: none is. Who is exempt is never refused.
func (r *Rules) Unjudged(e *chat.Event, paused func(chat.RuleID, chat.Group) bool) chat.Verdict {
	if !r.refuses || !e.Asked || r.spares(e) {
		return chat.Verdict{}
	}
	x := r.Examine(e)
	defer x.Release()
	x.survey()
	for i := range x.fits {
		c := &x.fits[i]
		if c.rule.mode != ModeEnforce {
			continue
		}
		if c.rule.blocks() && (paused == nil || !paused(c.rule.id, e.Group)) {
			return chat.Verdict{Block: true}
		}
		if c.rule.stop && c.t == yes && c.rule.counter == nil { // it hides the rules behind it for certain
			break
		}
	}
	return chat.Verdict{}
}

// unseen says of a refused event why a rule is not about it.
const unseen = "the event was refused unjudged: it counts nothing"

// uncounted tells whether the rule counts, and the event does not count since it was refused unjudged.
// People repeat what is refused through no fault of theirs.
func (r *rule) uncounted(e *chat.Event) bool { return e.Refused && r.counter != nil }

// idle tells whether the rule wants nothing about an event that fits it: one that was refused unjudged
// is no step on the ladder. The rule hides those behind it all the same, which may be stricter.
func (r *rule) idle(e *chat.Event) bool { return e.Refused && r.strike != nil }

// blocks tells whether the rule refuses anything.
func (r *rule) blocks() bool {
	return slices.ContainsFunc(r.intents, func(w wanted) bool { return w.kind == string(chat.Block) })
}

// noteTimeout says that on_timeout refuses nothing when no rule blocks.
func (l *loader) noteTimeout() {
	if l.timeout == nil || slices.ContainsFunc(l.out.rules, func(r *rule) bool { return r.mode != ModeOff && r.blocks() }) {
		return
	}
	l.report(SeverityNote, l.timeout, "remove it, or give a rule a block", "no rule blocks, so nothing is refused while the store is away")
}
