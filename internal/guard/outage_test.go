package guard

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestNothingGoesWhileNothingIsKnown(t *testing.T) {
	for _, test := range []struct {
		name string
		away string
		set  func(b *bench)
	}{
		{"pauses were never read", chat.MemoPause, nil},
		{"undoings were never read", chat.MemoUndoing, nil},
		{"pauses were read long ago", chat.MemoPause, func(b *bench) { b.read(); b.clock.pass(readBefore + time.Second) }},
		{"removals cannot be counted", "observe", nil},
		{"it is not known how old the rule is", ruleMemo, nil},
		{"the age of the rule cannot be kept", "save", nil},
		{"the rule cannot be paused", "save", func(b *bench) {
			if err := b.Learn(b.t.(*testing.T).Context()); err != nil {
				b.t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := fresh(t, braked("{removals: 2, within: 5m}"))
			if test.set != nil {
				test.set(b)
			}
			b.store.fail(test.away)
			as := b.removals("g1", "m", 3)
			if rulings, err := b.Admit(t.Context(), as); !errors.Is(err, errAway) || len(rulings) != 0 {
				t.Errorf("got %v, error %v", rulings, err)
			}
			b.store.fail()
			b.clock.pass(readBefore)
			if got := tally(b.admit(as...)); got["goes"] > 1 || got["goes"]+got["brake"] != 3 {
				t.Errorf("afterwards: %v, want one at most to go", got)
			}
		})
	}
}

func TestAShortOutageOfReadingStopsNothing(t *testing.T) {
	b := build(t, braked("{removals: 2, within: 5m}"))
	b.read()
	b.store.fail(chat.MemoPause, chat.MemoUndoing)
	b.clock.pass(readBefore)
	if got := b.admit(b.removals("g1", "m", 2)...); !slices.Equal(got, []string{"goes", "goes"}) {
		t.Errorf("got %q", got)
	}
}

func TestAPauseThatCannotBeReadStopsAll(t *testing.T) {
	b := build(t, several)
	p := chat.Pause{Rule: "r"}
	b.put(chat.MemoPause, p.Key(), "no pause", time.Hour)
	if _, err := b.Admit(t.Context(), b.removals("g1", "m", 1)); err == nil {
		t.Error("an action goes though a pause cannot be read")
	}
}

func TestAStandingPauseIsReadAgainAfterItWasStored(t *testing.T) {
	b := build(t, braked("{removals: 1, within: 5m}"))
	b.read()
	b.admit(b.removals("g1", "m", 2)...)
	if !b.Paused("r", groupOf("g1")) {
		t.Error("right after the brake the rule is not paused")
	}
}

// Somebody lifts and trips the pause each time when this guard wants to store it.
func TestPausesThatKeepChangingAreAnError(t *testing.T) {
	b := build(t, braked("{removals: 1, within: 5m}"))
	g1 := groupOf("g1")
	b.pause("r", &g1)
	b.resume("r", &g1)
	b.read()
	version := b.store.memo(chat.MemoPause, (&chat.Pause{Rule: "r", Group: &g1}).Key()).Version
	inside := false
	b.store.saved = func(m chat.Memo) {
		if m.Kind != chat.MemoPause || inside {
			return
		}
		inside = true
		defer func() { inside = false }()
		b.clock.pass(time.Millisecond)
		b.resume("r", &g1)
	}
	if rulings, err := b.Admit(t.Context(), b.removals("g1", "m", 2)); !errors.Is(err, errChanging) || rulings != nil {
		t.Errorf("got %v, error %v", rulings, err)
	}
	if now := b.store.memo(chat.MemoPause, (&chat.Pause{Rule: "r", Group: &g1}).Key()).Version; now != version+admitTrials {
		t.Errorf("version %d after %d: tried another number of times than %d", now, version, admitTrials)
	}
}

// There may be no room to remember one more rule. The others must not wait for it.
func TestARuleThatCannotBeRememberedIsNew(t *testing.T) {
	b := fresh(t, braked("{removals: 4, within: 5m}"))
	b.store.fail("save")
	if got := b.admit(b.removals("g1", "m", 2)...); !slices.Equal(got, []string{"goes", "goes"}) {
		t.Errorf("within half the brake: %q", got)
	}
	b.store.fail()
	if got := b.admit(b.removals("g1", "n", 1)...); !slices.Equal(got, []string{"brake"}) {
		t.Errorf("past half the brake: %q", got)
	}
}
