package guard

import (
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestHeartbeatsCountForNoBrake lets many go under the name of a rule with a brake.
func TestHeartbeatsCountForNoBrake(t *testing.T) {
	b := build(t, braked("{removals: 3, within: 5m}"))
	beats := b.removals("g1", "beat", 50)
	for i := range beats {
		beats[i].Group.Provider = chat.Heartbeat
	}
	if got := tally(b.admit(beats...)); got["goes"] != len(beats) {
		t.Errorf("heartbeats: %v", got)
	}
	if got := tally(b.admit(b.removals("g1", "m", 3)...)); got["goes"] != 3 || len(b.trips) > 0 {
		t.Errorf("the removals that the brake lets go: %v, told of %+v", got, b.trips)
	}
	mixed := append(b.removals("g1", "n", 3), beats...)
	if got := tally(b.admit(mixed...)); got["brake"] != 3 || got["goes"] != len(beats) {
		t.Errorf("beside removals past the brake: %v", got)
	}
}
