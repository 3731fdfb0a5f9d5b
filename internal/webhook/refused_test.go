package webhook

import (
	"maps"
	"testing"
)

// What is refused adds up until a request proves where it comes from, and a heartbeat of ours does not.
func TestRefusalsAddUpUntilOneIsNot(t *testing.T) {
	r := refusals{byReason: map[string]int{}}
	for _, step := range []struct {
		name string
		res  result
		want map[string]int
	}{
		{"one is refused", result{outcome: unauthorized, reason: "bad signature"}, map[string]int{"bad signature": 1}},
		{"another one", result{outcome: unauthorized, reason: "bad signature"}, map[string]int{"bad signature": 2}},
		{"for another reason", result{outcome: unauthorized, reason: "stale request"}, map[string]int{"bad signature": 2, "stale request": 1}},
		{"a heartbeat", result{outcome: accepted, event: "heartbeat"}, map[string]int{"bad signature": 2, "stale request": 1}},
		{"one is not understood, but authenticated", result{outcome: malformed, event: "unknown"}, map[string]int{}},
		{"and refused again", result{outcome: unauthorized, reason: "bad signature"}, map[string]int{"bad signature": 1}},
		{"one is accepted", result{outcome: accepted, event: "message"}, map[string]int{}},
	} {
		if r.ended(&step.res); !maps.Equal(r.byReason, step.want) {
			t.Errorf("%s: got %v, want %v", step.name, r.byReason, step.want)
		}
	}
}
