package guard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestCountingStartsAnewWhenAPauseIsLifted(t *testing.T) {
	g1 := groupOf("g1")
	for _, test := range []struct {
		name  string
		brake string
		group *chat.Group // where the brake paused the rule
		as    func(b *bench, who string) []chat.Action
	}{
		{"in a group", "{removals: 2, within: 5m}", &g1, func(b *bench, who string) []chat.Action { return b.removals("g1", who, 4) }},
		{"everywhere", "{removals: 2, within: 5m, everywhere: 2}", nil, func(b *bench, who string) []chat.Action {
			return append(b.removals("g1", who, 2), b.removals("g2", who, 2)...)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := build(t, braked(test.brake))
			want := []string{"goes", "goes", "brake", "brake"}
			if got := b.admit(test.as(b, "a")...); !slices.Equal(got, want) {
				t.Fatalf("at first: %q", got)
			}
			b.clock.pass(time.Second)
			b.resume("r", test.group)
			b.read()
			if got := b.admit(test.as(b, "b")...); !slices.Equal(got, want) {
				t.Errorf("once it was resumed: %q", got)
			}
			if len(b.trips) != 2 {
				t.Errorf("told of %+v, want two brakes", b.trips)
			}
		})
	}
}

// What is counted after a resumption must be known when the pause that ended is looked at no more.
func TestCountsSurviveTheEndOfAResumption(t *testing.T) {
	for name, memory := range map[string]time.Duration{"when the window has passed": 5 * time.Minute, "when the end matters no more": lookBack, "when it is forgotten": 24 * time.Hour} {
		b := build(t, braked("{removals: 2, within: 5m}"))
		g1 := groupOf("g1")
		b.admit(b.removals("g1", "a", 3)...)
		b.resume("r", &g1)
		b.clock.pass(memory - time.Second)
		first := b.admit(b.removals("g1", "b", 2)...)
		b.clock.pass(2 * time.Second)
		if got := append(first, b.admit(b.removals("g1", "c", 1)...)...); !slices.Equal(got, []string{"goes", "goes", "brake"}) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAReplicaThatMissedAPauseAndItsEndCountsAnew(t *testing.T) {
	rules := braked("{removals: 2, within: 5m}")
	b := build(t, rules)
	other := replica(t, rules, b.clock, b.store)
	g1 := groupOf("g1")
	if got := other.admit(other.removals("g1", "x", 1)...); got[0] != "goes" {
		t.Fatal(got)
	}
	b.admit(b.removals("g1", "a", 3)...)
	b.clock.pass(time.Second)
	b.resume("r", &g1)
	if got := other.admit(other.removals("g1", "b", 3)...); !slices.Equal(got, []string{"goes", "goes", "brake"}) {
		t.Errorf("got %q", got)
	}
	if len(other.trips) != 1 {
		t.Errorf("told of %+v, want the brake that was applied after the pause", other.trips)
	}
}

func TestReplicasShareTheBrake(t *testing.T) {
	rules := braked("{removals: 4, within: 5m}")
	b := build(t, rules)
	other := replica(t, rules, b.clock, b.store)
	other.read()
	got := slices.Concat(b.admit(b.removals("g1", "a", 3)...), other.admit(other.removals("g1", "b", 3)...), b.admit(b.removals("g1", "c", 1)...))
	if s := strings.Join(got, " "); s != "goes goes goes goes brake brake brake" {
		t.Errorf("got %s", s)
	}
	if n := len(b.trips) + len(other.trips); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestPastBothBrakesTheRuleIsPausedOnce(t *testing.T) {
	b := build(t, braked("{removals: 2, within: 5m, everywhere: 2}"))
	if got := b.admit(b.removals("g1", "a", 4)...); !slices.Equal(got, []string{"goes", "goes", "brake", "brake"}) {
		t.Errorf("got %q", got)
	}
	if n := len(b.last.Load().pauses); n != 1 || !b.Paused("r", groupOf("g9")) || len(b.trips) != 1 {
		t.Errorf("%d pauses, told of %+v: want the pause everywhere alone", n, b.trips)
	}
}

func TestWithTooManyPausesTheRuleIsPausedEverywhere(t *testing.T) {
	b := build(t, braked("{removals: 1, within: 5m}"))
	for i := range mostPauses {
		g := groupOf(strings.Repeat("x", i%100) + string(rune('a'+i/100)))
		p := chat.Pause{Rule: "else", Group: &g, By: chat.PausedByBrake, At: start}
		b.put(chat.MemoPause, p.Key(), p, keepPause)
	}
	b.read()
	if got := tally(b.admit(append(b.removals("g1", "m", 2), b.removals("g2", "m", 2)...)...)); got["goes"] != 2 || got["brake"] != 2 {
		t.Errorf("got %v", got)
	}
	if got := b.admit(b.removals("g3", "m", 1)...); got[0] != "paused" {
		t.Errorf("in a further group: %q", got)
	}
}
