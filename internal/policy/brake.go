package policy

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// What a brake can be.
const (
	maxRemovals = maxThreshold // counted by the windows of a store, as thresholds are
	maxBrakeFor = 1            // days: a store surely knows for so long what was removed
	// groupsOfBrake is how many groups may be full before a rule is paused everywhere, unless the file
	// says how many removals may be.
	groupsOfBrake = 10
)

// brakeKeys are the keys of brake.
func (l *loader) brakeKeys(b *Brake) []field {
	return []field{
		{name: "removals", need: true, is: numbers(1, maxRemovals), doc: "How many removals of one rule in one group are still fine.",
			read: func(_, v *yaml.Node) { b.Removals = l.integer(v, "removals", 1, maxRemovals) }},
		{name: "within", need: true, is: durations(), doc: "The time in which they are counted, such as 5m; 24h at most.",
			read: func(_, v *yaml.Node) { b.Within = l.durationUpTo(v, "within", maxBrakeFor) }},
		{name: "share_of_group", is: percents(), doc: "The share of the group's members that is still fine, such as 5%; one removal always is.",
			read: func(_, v *yaml.Node) { b.Share = l.percent(v, "share_of_group") / 100 }},
		{name: "everywhere", is: numbers(1, maxRemovals), doc: "How many removals of one rule in all groups together are still fine; ten times removals unless it is given.",
			read: func(_, v *yaml.Node) { b.Everywhere = l.integer(v, "everywhere", 1, maxRemovals) }},
	}
}

// brakeShape is what a brake looks like.
func (l *loader) brakeShape() shape { return either(word("off"), keyed(l.brakeKeys(&Brake{})...)) }

// readBrake reads a brake, or that there is none.
func (l *loader) readBrake(n *yaml.Node) Brake {
	var b Brake
	switch {
	case n.Kind == yaml.ScalarNode:
		if n.Value != "off" || n.Style&yaml.TaggedStyle != 0 {
			l.errorf(n, "such as {removals: 20, within: 5m}", "brake must be off, or a map of keys")
		}
		return b
	case !l.mapping(n, "brake", l.brakeKeys(&b)):
		return b
	case b.Everywhere == 0:
		b.Everywhere = min(groupsOfBrake*b.Removals, maxRemovals)
	case b.Everywhere < b.Removals:
		l.warnf(valueOf(n, "everywhere"), "remove one of them, or raise everywhere", "%d removals in one group are never reached: %d in all groups are too many",
			b.Removals, b.Everywhere)
	}
	return b
}

// timeText spells a length of time as the file would.
func timeText(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if len(s) > len(zero) && s[len(s)-len(zero):] == zero {
			s = s[:len(s)-len(zero)+1]
		}
	}
	return s
}
