package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

const patientRules = `version: 1
defaults: {mode: enforce, on_timeout: block}
rules:
  - {id: again, on: message, when: {same_text: {times: 3, within: 10m}}, then: [block: {}, remove: {}]}
  - {id: word, on: message, when: {text: {has_any: ["赌博"]}}, then: [block: {}, remove: {}]}
`

// Whoever is refused while nothing can be judged tries again, and must not be taken for a flood.
func TestNobodyIsRemovedForRepeatingWhatWasRefusedUnjudged(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, patientRules, server.URL(), onlyTencent)
	addGroup(t, r, "@TGS#asked", "Public", "alice", "gambler")
	server.Kill()
	for n := range 4 {
		if got := r.told(t, "Before", "alice", n, "is anybody there?"); !strings.Contains(got, `"ErrorCode":1`) {
			t.Fatalf("not refused: %s", got)
		}
	}
	r.told(t, "Before", "gambler", 9, "赌博")
	server.Restart(t)
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	eventually(t, "one is removed for what he said", func() bool { return len(r.sim.Removed("@TGS#asked")) > 0 })
	for n := range 2 { // the third time would be too often
		if got := r.told(t, "Before", "alice", 20+n, "is anybody there?"); got != okTencent {
			t.Errorf("sent again once Redis is back: %s", got)
		}
	}
	if got := r.sim.Removed("@TGS#asked"); !slices.Equal(got, []string{"gambler"}) {
		t.Errorf("removed: %v", got)
	}
}
