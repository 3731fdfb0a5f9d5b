package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard"
	"github.com/groupguard/groupguard/internal/sim"
)

// TestSampleTrafficUnderTheSampleRules plays the demo's traffic on both stores: the same events, the
// same removals, nobody else.
func TestSampleTrafficUnderTheSampleRules(t *testing.T) {
	var outcomes [][]string
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, string(groupguard.SampleRules), redisURL, nil)
		plan, err := r.sim.Play(t.Context(), sim.Scene{Patience: patience})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		r.sim.Await(ctx, plan)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		missing, surplus := r.sim.Compare(plan)
		if len(missing)+len(surplus) > 0 {
			t.Errorf("not removed: %v; removed without a plan: %v", missing, surplus)
		}
		for _, o := range plan.Spared {
			if !r.sim.World().Has(o.Group, o.Member) {
				t.Errorf("%s was removed from %s although %s", o.Member, o.Group, o.Why)
			}
		}
		if v := r.sim.Violations(); v != (sim.Violations{}) {
			t.Errorf("violations: %+v", v)
		}
		var got []string
		for _, g := range r.sim.World().Groups() {
			for _, m := range r.sim.Removed(g.ID) {
				got = append(got, g.ID+" "+m)
			}
		}
		slices.Sort(got)
		outcomes = append(outcomes, got)
	})
	if len(outcomes) == 2 && !slices.Equal(outcomes[0], outcomes[1]) {
		t.Errorf("the stores differ:\n%s\n\n%s", strings.Join(outcomes[0], "\n"), strings.Join(outcomes[1], "\n"))
	}
}
