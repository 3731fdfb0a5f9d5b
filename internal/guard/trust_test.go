package guard

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestARuleThatIsNewHasATighterBrake(t *testing.T) {
	rules := braked("{removals: 10, within: 1m, everywhere: 12}")
	other := strings.Replace(rules, "any: true", "count_over: 3", 1)
	for _, test := range []struct {
		name string
		do   func(b *bench) *bench
		want int
	}{
		{"at first sight", func(b *bench) *bench { return b }, 5},
		{"just before ten minutes", func(b *bench) *bench {
			b.admit(b.removals("g0", "x", 1)...)
			b.clock.pass(newFor - time.Second)
			return b
		}, 5},
		{"after ten minutes", func(b *bench) *bench {
			b.admit(b.removals("g0", "x", 1)...)
			b.clock.pass(newFor)
			return b
		}, 10},
		{"when only the start of the process knows it", func(b *bench) *bench {
			b.learnAll()
			b.clock.pass(newFor)
			return b
		}, 10},
		{"after a restart", func(b *bench) *bench {
			b.learnAll()
			b.clock.pass(newFor)
			return replica(b.t.(*testing.T), rules, b.clock, b.store)
		}, 10},
		{"when it has changed", func(b *bench) *bench {
			b.learnAll()
			b.clock.pass(newFor)
			b.load(other)
			return b
		}, 5},
		{"when only its brake and title have changed", func(b *bench) *bench {
			b.learnAll()
			b.clock.pass(newFor)
			b.load(strings.Replace(strings.Replace(rules, "id: r,", "id: r, title: New,", 1), "removals: 10", "removals: 8", 1))
			return b
		}, 8},
		{"when it is again as it was", func(b *bench) *bench {
			b.learnAll()
			b.clock.pass(newFor)
			b.load(other)
			b.learnAll()
			b.load(rules)
			return b
		}, 10},
		{"a month later", func(b *bench) *bench {
			for range 60 {
				b.learnAll()
				b.clock.pass(24 * time.Hour)
			}
			return replica(b.t.(*testing.T), rules, b.clock, b.store)
		}, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := test.do(fresh(t, rules))
			if got := tally(b.admit(b.removals("g1", "m", 11)...)); got["goes"] != test.want {
				t.Errorf("%v, want %d to go", got, test.want)
			}
		})
	}
}

// learnAll learns the rules in force.
func (b *bench) learnAll() {
	b.t.Helper()
	if err := b.Learn(b.t.(*testing.T).Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestReplicasLearnTogether(t *testing.T) {
	rules := braked("{removals: 10, within: 1m}")
	one := fresh(t, rules)
	other := replica(t, strings.Replace(rules, "any: true", "count_over: 3", 1), one.clock, one.store)
	if err := other.readHistories(t.Context()); err != nil {
		t.Fatal(err)
	}
	one.learnAll()
	one.clock.pass(time.Minute)
	other.learnAll() // what it knows is out of date
	var h history
	if err := json.Unmarshal(one.store.memo(ruleMemo, ruleKey("r")).Body, &h); err != nil {
		t.Fatal(err)
	}
	if len(h.Forms) != 2 || !h.Forms[0].Seen.Equal(start) || !h.Forms[1].Seen.Equal(start.Add(time.Minute)) {
		t.Errorf("what is remembered is %+v", h)
	}
}

func TestWhatIsKnownIsStoredOnce(t *testing.T) {
	b := fresh(t, braked("{removals: 10, within: 1m}"))
	for range 5 {
		b.learnAll()
		b.clock.pass(time.Hour)
	}
	if n := b.store.memo(ruleMemo, ruleKey("r")).Version; n != 1 {
		t.Errorf("stored %d times within some hours", n)
	}
}

func TestWhatIsRememberedOfARuleIsBounded(t *testing.T) {
	b := fresh(t, braked("{removals: 10, within: 1m}"))
	for i := range 5 * mostForms {
		b.load(strings.Replace(braked("{removals: 10, within: 1m}"), "link: {any: true}", fmt.Sprintf("text: {has_any: [w%d]}", i), 1))
		b.learnAll()
	}
	m := b.store.memo(ruleMemo, ruleKey("r"))
	var h history
	if err := json.Unmarshal(m.Body, &h); err != nil || len(h.Forms) != mostForms {
		t.Errorf("%d forms, error %v", len(h.Forms), err)
	}
	e, _ := b.rules.Load().Enforcement("r")
	if _, ok := h.seen(e.Digest); !ok {
		t.Error("the form in force is not among them")
	}
}
