package guard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// tally counts rulings: "3 goes, 2 brake".
func tally(codes []string) map[string]int {
	out := map[string]int{}
	for _, c := range codes {
		out[c]++
	}
	return out
}

func TestTheFirstWithinTheLimitGoAndTheRestIsHeld(t *testing.T) {
	b := build(t, braked("{removals: 3, within: 5m}"))
	got := b.admit(b.removals("g1", "m", 6)...)
	if want := []string{"goes", "goes", "goes", "brake", "brake", "brake"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := b.admit(b.removals("g1", "n", 1)...); got[0] != "paused" {
		t.Errorf("afterwards: %q", got)
	}
	if got := b.admit(b.removals("g2", "n", 1)...); got[0] != "goes" {
		t.Errorf("in another group: %q", got)
	}
	b.clock.pass(24 * time.Hour)
	if got := b.admit(b.removals("g1", "n", 1)...); got[0] != "paused" {
		t.Errorf("a day later: %q", got)
	}
	if len(b.trips) != 1 || *b.trips[0].Group != groupOf("g1") || b.trips[0].Rule != "r" || b.trips[0].Count != 4 || b.trips[0].Limit != 3 {
		t.Errorf("told of %+v", b.trips)
	}
	if n := b.log.count("level=ERROR"); n != 1 {
		t.Errorf("%d errors in the log", n)
	}
	if n := testutil.ToFloat64(b.metrics.trips.WithLabelValues("r")); n != 1 {
		t.Errorf("%v trips counted", n)
	}
	if n := testutil.ToFloat64(b.metrics.paused.WithLabelValues("r")); n != 1 {
		t.Errorf("the gauge shows %v", n)
	}
}

func TestTheBrakeCountsPeople(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(b *bench) []string
		want string
	}{
		{"over several claims", func(b *bench) []string {
			return slices.Concat(b.admit(b.removals("g1", "a", 2)...), b.admit(b.removals("g1", "b", 2)...))
		}, "goes goes goes brake"},
		{"one again and again", func(b *bench) []string {
			return b.admit(slices.Concat(b.removals("g1", "a", 2), b.removals("g1", "a", 2), b.removals("g1", "a", 2))...)
		}, "goes goes goes goes goes goes"},
		{"the same action again, when a process died", func(b *bench) []string {
			as := b.removals("g1", "a", 3)
			first := b.admit(as...)
			b.clock.pass(7 * time.Minute)
			return append(first, b.admit(as...)...)
		}, "goes goes goes goes goes goes"},
		{"after the window", func(b *bench) []string {
			first := b.admit(b.removals("g1", "a", 3)...)
			b.clock.pass(5 * time.Minute)
			return append(first, b.admit(b.removals("g1", "b", 3)...)...)
		}, "goes goes goes goes goes goes"},
		{"just within the window", func(b *bench) []string {
			first := b.admit(b.removals("g1", "a", 3)...)
			b.clock.pass(5*time.Minute - time.Second)
			return append(first, b.admit(b.removals("g1", "b", 1)...)...)
		}, "goes goes goes brake"},
		{"what waited in the queue", func(b *bench) []string {
			old := b.removals("g1", "a", 4)
			for i := range old {
				old[i].Received = start.Add(-time.Duration(i) * time.Hour)
			}
			return b.admit(old...)
		}, "goes goes goes brake"},
		{"the same people in the next window, with others", func(b *bench) []string {
			b.admit(b.removals("g1", "a", 3)...)
			b.clock.pass(6 * time.Minute)
			return b.admit(append(b.removals("g1", "a", 3), b.removals("g1", "b", 1)...)...)
		}, "goes goes goes brake"},
		{"the same names in other groups", func(b *bench) []string {
			return slices.Concat(b.admit(b.removals("g1", "a", 3)...), b.admit(b.removals("g2", "a", 3)...))
		}, "goes goes goes goes goes goes"},
		{"what is no removal", func(b *bench) []string {
			as := b.removals("g1", "a", 5)
			for i := range as {
				as[i].Intent.Kind = []chat.IntentKind{chat.Mute, chat.Recall, chat.Warn, chat.Lockdown, chat.Unmute}[i]
			}
			return append(b.admit(as...), b.admit(b.removals("g1", "b", 3)...)...)
		}, "goes goes goes goes goes goes goes goes"},
		{"what an operator released", func(b *bench) []string {
			as := b.removals("g1", "a", 5)
			for i := range as {
				as[i].Released = start
			}
			return append(b.admit(as...), b.admit(b.removals("g1", "b", 3)...)...)
		}, "goes goes goes goes goes goes goes goes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := build(t, braked("{removals: 3, within: 5m}"))
			if got := strings.Join(test.do(b), " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTheLimitIsAShareOfTheGroup(t *testing.T) {
	for _, test := range []struct {
		name  string
		brake string
		size  int
		want  int
	}{
		{"of a small group", "{removals: 20, within: 5m, share_of_group: 5%}", 100, 5},
		{"of a large group", "{removals: 20, within: 5m, share_of_group: 5%}", 10_000, 20},
		{"of a tiny group", "{removals: 20, within: 5m, share_of_group: 5%}", 3, 1},
		{"that is no whole number", "{removals: 99, within: 5m, share_of_group: 29%}", 100, 29},
		{"of a group whose size is not known", "{removals: 20, within: 5m, share_of_group: 5%}", 0, 20},
	} {
		b := build(t, braked(test.brake))
		if test.size > 0 {
			b.sizes["g1"] = test.size
		}
		if got := tally(b.admit(b.removals("g1", "m", 120)...)); got["goes"] != test.want || got["brake"] != 120-test.want {
			t.Errorf("%s: got %v, want %d to go", test.name, got, test.want)
		}
	}
}

func TestTheBrakeOverAllGroups(t *testing.T) {
	b := build(t, braked("{removals: 3, within: 5m, everywhere: 5}"))
	var all []chat.Action
	for _, g := range []string{"g1", "g2", "g3"} {
		all = append(all, b.removals(g, "m", 2)...)
	}
	got := b.admit(append(all, b.removals("g4", "m", 2)...)...)
	if want := []string{"goes", "goes", "goes", "goes", "goes", "brake", "brake", "brake"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := b.admit(b.removals("g9", "m", 1)...); got[0] != "paused" {
		t.Errorf("in a further group: %q", got)
	}
	if len(b.trips) != 1 || b.trips[0].Group != nil || b.trips[0].Limit != 5 {
		t.Errorf("told of %+v", b.trips)
	}
}

// A raid in one group must not pause the rule in all others.
func TestAFloodInOneGroupStopsNoOther(t *testing.T) {
	b := build(t, braked("{removals: 20, within: 5m, everywhere: 200}"))
	if got := tally(b.admit(b.removals("g1", "m", 1000)...)); got["goes"] != 20 || got["brake"] != 980 {
		t.Errorf("got %v", got)
	}
	if b.store.looks > 30 {
		t.Errorf("%d looks for one full group", b.store.looks)
	}
	got := map[string]int{}
	for _, g := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		for code, n := range tally(b.admit(b.removals(g, "m", 20)...)) {
			got[code] += n
		}
	}
	if got["goes"] != 160 {
		t.Errorf("in 8 other groups: %v, want 160 to go", got)
	}
}

func TestALargeClaimIsAskedAboutInParts(t *testing.T) {
	b := build(t, braked("{removals: 1500, within: 5m}"))
	if got := tally(b.admit(b.removals("g1", "m", 1700)...)); got["goes"] != 1500 || got["brake"] != 200 {
		t.Errorf("got %v", got)
	}
}

func TestASecondDissolutionIsHeldWithoutABrake(t *testing.T) {
	b := build(t, several)
	first := b.want(chat.Dissolve, "g1", "")
	got := b.admit(first, b.want(chat.Dissolve, "g2", ""), b.want(chat.Remove, "g2", "ann"), b.want(chat.Dissolve, "g3", ""))
	if want := []string{"goes", "brake", "goes", "brake"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := b.admit(first, b.want(chat.Dissolve, "g1", "")); !slices.Equal(got, []string{"goes", "brake"}) {
		t.Errorf("when ruled on again: %q", got)
	}
	released := b.want(chat.Dissolve, "g2", "")
	released.Released = b.clock.now()
	if got := b.admit(released); got[0] != "goes" {
		t.Errorf("when released: %q", got)
	}
	b.clock.pass(dissolveOnce)
	if got := b.admit(b.want(chat.Dissolve, "g4", "")); got[0] != "goes" {
		t.Errorf("a day later: %q", got)
	}
}
