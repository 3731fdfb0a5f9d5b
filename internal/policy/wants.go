package policy

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
)

// Wants returns what each rule wants, intent by intent in the order of the file: "remove", or "mute at
// 3 strikes" where the intent stands on a rung.
func (r *Rules) Wants() map[chat.RuleID][]string {
	out := map[chat.RuleID][]string{}
	for _, rule := range r.rules {
		for _, w := range rule.intents {
			text := w.kind
			if w.at > 0 {
				text = fmt.Sprintf("%s at %d strikes", w.kind, w.at)
			}
			out[rule.id] = append(out[rule.id], text)
		}
	}
	return out
}
