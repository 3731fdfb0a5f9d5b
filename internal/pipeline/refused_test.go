package pipeline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const patient = `version: 1
defaults: {mode: enforce}
rules:
  - {id: again, on: message, when: {same_text: {times: 3, within: 10m}}, then: [block: {}, remove: {}]}
  - {id: flood, on: message, when: {count: {messages: 3, within: 10m}}, then: [block: {}, mute: {for: 1h}]}
  - {id: rude, on: message, when: {text: {has_any: [damn]}}, then: [strike: {}, {at_strikes: 2, remove: {}}]}
  - {id: word, on: message, when: {text: {has_any: [casino]}}, then: [block: {}, warn: {text: "No"}]}
`

// People repeat what is refused through no fault of theirs.
func TestWhatWasRefusedUnjudgedCountsForNothing(t *testing.T) {
	for name, start := range services(t, patient) {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			for i, text := range []string{"damn, is anybody there?", "casino"} {
				member := fmt.Sprint("member", i)
				for n := range 5 {
					e := say(fmt.Sprint(member, n), member, text)
					e.At, e.Received = r.now.Add(time.Duration(n)*time.Second), r.now.Add(time.Duration(n)*time.Second)
					e.Asked, e.Answered, e.Refused = true, true, true
					var want []chat.IntentKind
					if text == "casino" && n == 0 { // the others are deduplicated
						want = []chat.IntentKind{chat.Warn}
					}
					if got := r.judge(t, e); !slices.Equal(got, want) {
						t.Errorf("%s, refused %d times: %v, want %v", text, n+1, got, want)
					}
				}
				r.now = r.now.Add(10 * time.Second)
				for n := range 2 { // let through at last, and once more
					e := say(fmt.Sprint(member, "sent", n), member, text)
					e.At, e.Received = r.now, r.now
					if got, want := r.judge(t, e), n == 1 && i == 0; slices.Contains(got, chat.Remove) != want || slices.Contains(got, chat.Mute) {
						t.Errorf("%s, sent %d times: %v", text, n+1, got)
					}
				}
			}
		})
	}
}
