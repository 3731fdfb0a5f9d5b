package guard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// A brake that trips right before its rule is taken out must still be seen, and what it does once the
// rule is back must be seen as more than that.
func TestTripsAreShownAfterTheirRuleLeft(t *testing.T) {
	rules := braked("{removals: 2, within: 5m}")
	b := build(t, rules)
	trips := func() float64 { return testutil.ToFloat64(b.metrics.trips.WithLabelValues("r")) }
	b.admit(b.removals("g1", "a", 3)...)
	if n := trips(); n != 1 {
		t.Fatalf("%v trips", n)
	}
	b.load(strings.Replace(rules, "id: r", "id: other", 1))
	b.read()
	if n, shown := trips(), testutil.CollectAndCount(b.metrics.trips); n != 1 || shown != 2 {
		t.Errorf("once the rule left: %v trips, %d rules", n, shown)
	}
	b.load(rules)
	b.read()
	b.admit(b.removals("g2", "b", 3)...)
	if n := trips(); n != 2 {
		t.Errorf("once it was back: %v trips", n)
	}
}

func TestCountersOfBrakesAreBounded(t *testing.T) {
	b := build(t, braked("{removals: 2, within: 5m}"))
	for i := range 1000 {
		b.load(strings.Replace(braked("{removals: 2, within: 5m}"), "id: r", fmt.Sprintf("id: r%d", i), 1))
		b.read()
	}
	if n, m := testutil.CollectAndCount(b.metrics.trips), testutil.CollectAndCount(b.metrics.paused); n != 1+mostGone || m != 1 {
		t.Errorf("%d counters and %d gauges", n, m)
	}
}
