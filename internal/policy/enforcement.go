package policy

import (
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Brake says how many removals of one rule are too many. The zero Brake is none.
type Brake struct {
	Removals   int           // in one group; 0: no matter how many
	Within     time.Duration // the time in which they are counted
	Share      float64       // of the group's members, from 0 (no matter) to 1
	Everywhere int           // in all groups together; 0: no matter how many
}

// On tells whether there is a brake.
func (b Brake) On() bool { return b.Within > 0 }

// Tight returns the brake of a rule that is new or was changed: half of everything, and one removal at
// least.
func (b Brake) Tight() Brake {
	half := func(n int) int {
		if n == 0 {
			return 0
		}
		return max(n/2, 1)
	}
	b.Removals, b.Everywhere, b.Share = half(b.Removals), half(b.Everywhere), b.Share/2
	return b
}

// Enforcement is what a rule in force may do.
type Enforcement struct {
	// Digest stands for the rule as a whole: what it asks for, what it does, and its lists. Another
	// digest is another rule, as far as trust in it goes. A change of its tests, title or brake changes
	// nothing.
	Digest string
	Brake  Brake
}

// Enforcement returns what a rule may do; false when there is no such rule, or when it is not
// enforced.
func (r *Rules) Enforcement(id chat.RuleID) (Enforcement, bool) {
	e, ok := r.enforced[id]
	return e, ok
}

// Exempt tells whether the rules say that a member is never acted on.
func (r *Rules) Exempt(p chat.Provider, m chat.MemberID) bool {
	return r.isExempt(p, m)
}

// wholeDigest returns the Enforcement.Digest of a rule that was read. It leaves out the few keys that
// say nothing of what the rule asks and does, so that a key that is added to the language counts.
func (l *loader) wholeDigest(c *ruleContext) string {
	var parts []string
	for i := 0; i+1 < len(c.node.Content); i += 2 {
		switch k := c.node.Content[i].Value; k {
		case "id", "title", "mode", "brake", "tests", "ack":
		default:
			parts = append(parts, "key "+k+" "+canonical(c.node.Content[i+1]))
		}
	}
	for _, s := range c.lists {
		parts = append(parts, "list "+s.digest())
	}
	for _, cal := range c.calendars {
		parts = append(parts, "calendar "+cal.name+" "+canonical(valueOf(l.calendarsNode, cal.name)))
	}
	if l.defaults.unsure && slices.ContainsFunc(c.rule.intents, func(w wanted) bool { return byRole(chat.IntentKind(w.kind)) }) {
		parts = append(parts, "on_unknown_role act")
	}
	slices.Sort(parts) // keys and lists are the same in any order
	return chat.Digest(parts...)[:12]
}

// digest stands for the list with all its entries.
func (s *list) digest() string {
	if s.sum == "" {
		s.sum = chat.Digest(append([]string{s.name, s.kind}, s.entries...)...)
	}
	return s.sum
}
