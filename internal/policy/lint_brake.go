package policy

import (
	"fmt"
	"slices"
)

// checkBrake looks for a brake that keeps the rule from its work, and for one that has none to do.
func (l *loader) checkBrake() {
	c, r := l.cur, l.cur.rule
	if c.brake != nil && r.brake.On() && !r.removes() {
		l.warnf(c.brake, "remove it", "the brake counts removals, and rule %q removes nobody", r.id)
	}
	if r.mode == ModeOff || !r.brake.On() || r.counter == nil {
		return
	}
	for _, w := range r.intents {
		rm, ok := w.intent.(*remove)
		if !ok || !rm.wide() {
			continue
		}
		n, most, where := r.counter.base().limit, r.brake.Removals, ""
		if rm.allOver != nil {
			most, where = r.brake.Everywhere, " in all groups"
		}
		one := slices.Contains(r.counter.base().per, "member")
		if n <= most || one && rm.allOver == nil { // the window is one member's, in one group
			continue
		}
		l.warnf(w.node, fmt.Sprintf("give the rule a brake of its own, such as brake: {removals: %d, within: %s}", min(4*n, maxRemovals), timeText(r.brake.Within)),
			"rule %q removes %d at once and its brake lets %d go%s: the rest of every burst is held", r.id, n, most, where)
	}
}

// removes tells whether the rule removes anybody.
func (r *rule) removes() bool {
	return slices.ContainsFunc(r.intents, func(w wanted) bool { return w.kind == "remove" })
}

// noteBrake says, once for the file, that rules remove members and nothing stops them.
func (l *loader) noteBrake() {
	if l.defaults.braked {
		return
	}
	for _, r := range l.out.rules {
		if r.mode == ModeOff || r.ownBrake || !r.removes() {
			continue
		}
		hint := "write brake: {removals: 20, within: 5m} under defaults"
		if l.top == nil || l.top.Value != "defaults" {
			hint = "write defaults: {brake: {removals: 20, within: 5m}}"
		}
		l.report(SeverityNote, l.top, hint, "without a brake, nothing stops a rule that matches too much")
		return
	}
}
