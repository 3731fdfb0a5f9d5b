package actions

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// fairground is one lane over a backlog, in virtual time.
type fairground struct {
	b    *backlog
	l    *lane
	now  time.Time
	land []landing
	sent map[*held]time.Time
	came map[*held]time.Time
}

// landing is a call in flight.
type landing struct {
	at    time.Time
	g     *group
	batch []*held
}

func newFairground() *fairground {
	return &fairground{
		b: newBacklog(), l: &lane{turns: newTurns(), wake: make(chan struct{}, 1)},
		now: time.Unix(1_800_000_000, 0), sent: map[*held]time.Time{}, came: map[*held]time.Time{},
	}
}

func (f *fairground) laneOf(*held) *lane { return f.l }

func (f *fairground) add(group, member string, n int) *held {
	h := action(member, "kick", "", n)
	h.Received = f.now
	g := f.b.of(chat.Group{ID: chat.GroupID(group)})
	g.add(h)
	f.came[h] = f.now
	f.b.settleLane(g, f.now, f.laneOf)
	return h
}

// slot makes the call of one rate slot, and lands those that have had their time.
func (f *fairground) slot(rtt time.Duration) {
	for len(f.land) > 0 && !f.land[0].at.After(f.now) {
		f.b.landed(f.land[0].g, f.land[0].batch, nil, time.Time{})
		f.b.settleLane(f.land[0].g, f.now, f.laneOf)
		f.land = f.land[1:]
	}
	g := f.b.choose(f.l, f.now)
	if g == nil {
		return
	}
	batch := f.b.take(g, f.now)
	f.b.settleLane(g, f.now, f.laneOf)
	for _, h := range batch {
		f.sent[h] = f.now
	}
	f.land = append(f.land, landing{f.now.Add(rtt), g, batch})
}

// TestARaidHoldsUpNobodyElse puts raids into some groups, and single removals into a thousand others
// at up to 80 a second: each single one must be called within a second.
func TestARaidHoldsUpNobodyElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFairground()
		interval := RateOf(200).Interval
		raids := rapid.IntRange(1, 5).Draw(t, "raids")
		members := rapid.IntRange(1, 4).Draw(t, "members of a call")
		perSecond := rapid.IntRange(1, 80).Draw(t, "single removals in a second")
		rtt := time.Duration(rapid.IntRange(1, 300).Draw(t, "round trip in ms")) * time.Millisecond
		for i := range raids * 1_500 {
			f.add(fmt.Sprint("raid", i%raids), fmt.Sprint("m", i), members)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)) //nolint:gosec // arrivals at random
		var single []*held
		for i := range 600 { // three seconds
			if r.IntN(200) < perSecond {
				single = append(single, f.add(fmt.Sprint("calm", r.IntN(1000)), fmt.Sprint("s", i), members))
			}
			f.slot(rtt)
			f.now = f.now.Add(interval)
		}
		for range 200 {
			f.slot(rtt)
			f.now = f.now.Add(interval)
		}
		for _, h := range single {
			sent, ok := f.sent[h]
			if !ok {
				sent = f.now
			}
			if waited := sent.Sub(f.came[h]); waited > time.Second {
				t.Fatalf("a single removal waited %v; it went: %t", waited, ok)
			}
		}
	})
}

// TestNobodyStarves keeps new groups coming, more than there are turns for: a group that has waited
// longer than they must be served nevertheless.
func TestNobodyStarves(t *testing.T) {
	f := newFairground()
	var last *held
	for i := range 20 {
		last = f.add("patient", fmt.Sprint("m", i), 1)
	}
	for i := range 5_000 {
		f.add("raid", fmt.Sprint("m", i), 1)
	}
	for i := range 1_000 {
		f.add(fmt.Sprint("new", i), "a", 1)
		f.slot(30 * time.Millisecond)
		f.now = f.now.Add(RateOf(200).Interval)
	}
	if _, ok := f.sent[last]; !ok {
		t.Error("a group with 20 removals was not served to its end by 1000 calls")
	}
}
