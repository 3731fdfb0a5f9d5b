package actions

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// backlog holds the claimed actions, a queue per group, and chooses whose turn it is. It is not
// safe for concurrent use: the dispatcher's mutex guards it.
type backlog struct {
	groups map[chat.Group]*group
	turns  uint64 // calls chosen so far
}

// group is one group's claimed actions.
type group struct {
	key     chat.Group
	waiting []*held                // in queue order
	busy    map[chat.MemberID]bool // members that calls in flight act on
	flights int                    // calls in flight
	paused  time.Time              // no call before then: the last one failed as a whole
	ready   time.Time              // no call before then: nothing is due
	served  uint64                 // turn of the last call; 0: never
	lane    *lane                  // where the next call goes by; nil when nothing can go now
}

func newBacklog() *backlog { return &backlog{groups: map[chat.Group]*group{}} }

// of returns the group's queue, made when it is new.
func (b *backlog) of(key chat.Group) *group {
	g := b.groups[key]
	if g == nil {
		g = &group{key: key, busy: map[chat.MemberID]bool{}}
		b.groups[key] = g
	}
	return g
}

// settleLane puts the group where its next call goes by, and forgets it when nothing is left.
func (b *backlog) settleLane(g *group, now time.Time, laneOf func(*held) *lane) {
	var to *lane
	h, at := leader(g.waiting, g.busy, now)
	if h != nil {
		to, g.ready = laneOf(h), at
	}
	if g.lane != to {
		if g.lane != nil {
			delete(g.lane.groups, g)
		}
		if to != nil {
			to.groups[g] = struct{}{}
		}
		g.lane = to
	}
	if to != nil {
		to.poke()
	}
	if len(g.waiting) == 0 && g.flights == 0 {
		delete(b.groups, g.key)
	}
}

// choose returns the group whose turn it is in a lane, or nil with the time until one may be
// ready. Every second turn goes to the group that was served least recently, so that a raid in one
// group does not hold up a single removal in another; the other turns go to the longest queue,
// which makes the fullest batches.
func (b *backlog) choose(l *lane, now time.Time) (*group, time.Duration) {
	const idle = time.Hour
	if d := l.paused.Sub(now); d > 0 {
		return nil, d
	}
	var oldest, longest *group
	wait := idle
	for g := range l.groups {
		if d := max(g.paused.Sub(now), g.ready.Sub(now)); d > 0 {
			wait = min(wait, d)
			continue
		}
		if oldest == nil || g.served < oldest.served || g.served == oldest.served && len(g.waiting) > len(oldest.waiting) {
			oldest = g
		}
		if longest == nil || len(g.waiting) > len(longest.waiting) {
			longest = g
		}
	}
	if oldest == nil {
		return nil, wait
	}
	if b.turns%2 == 0 {
		return oldest, 0
	}
	return longest, 0
}

// take removes the group's next call from its queue and marks its members busy.
func (b *backlog) take(g *group, now time.Time) []*held {
	batch, rest := nextCall(g.waiting, g.busy, now)
	g.waiting = rest
	for _, h := range batch {
		g.busy[h.Member] = true
	}
	g.flights++
	b.turns++
	g.served = b.turns
	return batch
}

// landed ends a call: its members are free again, and the actions that have to be tried again
// stand in front of the queue in their old order, after a pause. Those that yield stand at its end.
func (b *backlog) landed(g *group, batch, again []*held, until time.Time) {
	for _, h := range batch {
		delete(g.busy, h.Member)
	}
	g.flights--
	switch {
	case len(again) == 0:
	case again[0].route.Yields:
		g.waiting = append(g.waiting, again...)
	default:
		g.waiting = append(append(make([]*held, 0, len(again)+len(g.waiting)), again...), g.waiting...)
	}
	if until.After(g.paused) {
		g.paused = until
	}
}
