package pipeline_test

import (
	"slices"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
)

// A pause keeps a rule from refusing messages. What else it wants is stored all the same, and held
// where actions are carried out.
func TestAPausedRuleRefusesNothing(t *testing.T) {
	tests := []struct {
		name    string
		paused  chat.RuleID
		text    string
		block   bool
		code    int
		intents []chat.IntentKind
	}{
		{"the rule alone", "no-way", "refuse me", false, 0, nil},
		{"what else it wants remains", "harsh", "casino", false, 0, []chat.IntentKind{chat.Remove}},
		{"another rule refuses still", "harsh", "refuse me, casino", true, 10101, []chat.IntentKind{chat.Block, chat.Remove}},
		{"none of its business", "door", "refuse me", true, 10101, []chat.IntentKind{chat.Block}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}
			b := buildOn(t, blocking, nil, s, func(c *pipeline.Config) {
				c.Paused = func(rule chat.RuleID, g chat.Group) bool { return rule == tt.paused && g.ID == "@TGS#1" }
			})
			verdicts, err := b.Handle(t.Context(), []chat.Event{asked("1", tt.text)})
			if err != nil || verdicts[0].Block != tt.block || verdicts[0].Code != tt.code {
				t.Errorf("answered %+v, %v", verdicts, err)
			}
			var kinds []chat.IntentKind
			for _, c := range s.cases {
				for _, in := range c.Intents {
					kinds = append(kinds, in.Kind)
				}
			}
			if !slices.Equal(kinds, tt.intents) {
				t.Errorf("stored %v, want %v", kinds, tt.intents)
			}
			if slices.Contains(b.counted, "tencent block held") == tt.block {
				t.Errorf("counted %v", b.counted)
			}
		})
	}
}
