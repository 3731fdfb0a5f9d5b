package actions

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// group is one group's claimed actions. Lockdowns and their ends stand in a queue of their own and
// go before all others: what they change does not depend on who is removed, and in a raid the door
// must not stay open until a hundred thousand removals are done. Among themselves they keep their
// order. To dissolve the group waits for everything before it, as it would take it away from them.
type group struct {
	key      chat.Group
	settings []*held          // lockdowns and their ends, in queue order
	waiting  []*held          // all others, in queue order
	busy     map[subject]bool // what calls in flight act on
	flights  int              // calls in flight
	paused   time.Time        // no call before then: the last one failed as a whole
	ready    time.Time        // no call before then: nothing is due
	since    time.Time        // when the webhook of the next action arrived
	served   uint64           // turn of the last call; 0: never
	lane     *lane            // where the next call goes by; nil when nothing can go now

	queued  bool // the lane's turns hold the group
	isReady bool // and among those that are ready
	places  [orders]int
}

func (g *group) size() int { return len(g.settings) + len(g.waiting) }

// wait returns how long the group's next call has to wait; 0 or less: it may go.
func (g *group) wait(now time.Time) time.Duration { return g.from().Sub(now) }

// from returns when the group's next call may go.
func (g *group) from() time.Time { return maxTime(g.paused, g.ready) }

func (g *group) add(h *held) {
	if h.about().settings {
		g.settings = append(g.settings, h)
		return
	}
	g.waiting = append(g.waiting, h)
}

// next removes and returns the actions of the group's next call; none when nothing can go now.
func (g *group) next(now time.Time) (batch []*held) {
	if h, at := g.leadSettings(); h != nil && !at.After(now) {
		g.settings = g.settings[1:]
		return []*held{h}
	}
	batch, g.waiting = nextCall(g.waiting, g.busy, now)
	return batch
}

// lead returns the action that the next call would be made for, and when, as leader does.
func (g *group) lead(now time.Time) (h *held, at time.Time) {
	h, at = g.leadSettings()
	if h != nil && !at.After(now) {
		return h, now
	}
	if other, when := leader(g.waiting, g.busy, now); other != nil && (h == nil || when.Before(at)) {
		return other, when
	}
	return h, at
}

func (g *group) leadSettings() (h *held, at time.Time) {
	if len(g.settings) == 0 || g.busy[subject{}] || g.busy[subject{settings: true}] {
		return nil, at
	}
	return g.settings[0], g.settings[0].due
}

// back takes actions that have to be tried again into the queue.
func (g *group) back(again []*held) {
	switch {
	case len(again) == 0:
	case again[0].about().settings:
		g.settings = append(again, g.settings...)
	case again[0].route.Yields:
		g.waiting = append(g.waiting, again...)
	default:
		g.waiting = append(append(make([]*held, 0, len(again)+len(g.waiting)), again...), g.waiting...)
	}
}

// each calls f for every waiting action.
func (g *group) each(f func(*held)) {
	for _, h := range g.settings {
		f(h)
	}
	for _, h := range g.waiting {
		f(h)
	}
}
