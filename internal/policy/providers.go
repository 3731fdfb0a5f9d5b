package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// Providers returns the providers that each rule is for; none stands for all of them.
func (r *Rules) Providers() map[chat.RuleID][]chat.Provider {
	out := map[chat.RuleID][]chat.Provider{}
	for _, rule := range r.rules {
		out[rule.id] = slices.Clone(rule.providers)
	}
	return out
}
