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

func newBacklog() *backlog { return &backlog{groups: map[chat.Group]*group{}} }

// of returns the group's queue, made when it is new.
func (b *backlog) of(key chat.Group) *group {
	g := b.groups[key]
	if g == nil {
		g = &group{key: key, busy: map[subject]bool{}}
		b.groups[key] = g
	}
	return g
}

// settleLane puts the group where its next call goes by, and forgets it when nothing is left.
func (b *backlog) settleLane(g *group, now time.Time, laneOf func(*held) *lane) {
	var to *lane
	h, at := g.lead(now)
	if h != nil {
		to, g.ready, g.since = laneOf(h), at, h.Received
	}
	if g.lane != nil && g.lane != to {
		g.lane.turns.remove(g)
	}
	g.lane = to
	if to != nil {
		to.turns.put(g, now)
		to.poke()
	}
	if g.size() == 0 && g.flights == 0 {
		delete(b.groups, g.key)
	}
}

// wait returns how long it takes until a group of the lane may make a call: 0 when one may.
func (b *backlog) wait(l *lane, now time.Time) time.Duration {
	const idle = time.Hour
	if d := l.paused.Sub(now); d > 0 {
		return d
	}
	return l.turns.wait(now, idle)
}

// choose returns the group whose turn it is in a lane, or nil when none is ready. Every second turn
// goes to the group that was served least recently, so that a raid in one group does not hold up a
// single removal in another. The other turns go by halves to the longest queue, which makes the
// fullest batches, and to the group whose next action waits longest: however many groups come and go,
// each gets its turn.
func (b *backlog) choose(l *lane, now time.Time) *group {
	if b.wait(l, now) > 0 {
		return nil
	}
	return l.turns.first([...]int{byServed, byLength, byServed, byAge}[b.turns%4])
}

// take removes the group's next call from its queue and marks what it acts on as busy.
func (b *backlog) take(g *group, now time.Time) []*held {
	batch := g.next(now)
	for _, h := range batch {
		g.busy[h.about()] = true
	}
	g.flights++
	b.turns++
	g.served = b.turns
	return batch
}

// landed ends a call: what it acted on is free again, and the actions that have to be tried again
// stand in front of the queue in their old order, after a pause. Those that yield stand at its end.
func (b *backlog) landed(g *group, batch, again []*held, until time.Time) {
	for _, h := range batch {
		delete(g.busy, h.about())
	}
	g.flights--
	g.back(again)
	if until.After(g.paused) {
		g.paused = until
	}
}
