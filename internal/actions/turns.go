package actions

import (
	"container/heap"
	"time"
)

// The orders in which the groups of a lane stand.
const (
	byServed = iota // served least recently first, the longer queue where that is equal
	byLength        // the longest queue first
	byAge           // whose next action waits longest first
	byTime          // not ready yet: who will be soonest first
	orders
)

// turns holds the groups of a lane in order, so that a turn is found among very many of them at
// once: those that are ready in three orders, the others by the time at which they will be.
type turns [orders]order

func newTurns() *turns {
	t := &turns{}
	for i, before := range [orders]func(g, than *group) bool{
		byServed: func(g, than *group) bool {
			return g.served < than.served || g.served == than.served && g.size() > than.size()
		},
		byLength: func(g, than *group) bool { return g.size() > than.size() },
		byAge:    func(g, than *group) bool { return g.since.Before(than.since) },
		byTime:   func(g, than *group) bool { return g.from().Before(than.from()) },
	} {
		t[i] = order{which: i, before: before}
	}
	return t
}

// put takes a group in, or to its new place: whatever changes a group has to end with this.
func (t *turns) put(g *group, now time.Time) {
	ready := g.wait(now) <= 0
	if g.queued && ready == g.isReady {
		for i := range t.of(g) {
			heap.Fix(&t.of(g)[i], g.places[t.of(g)[i].which])
		}
		return
	}
	t.remove(g)
	g.queued, g.isReady = true, ready
	for i := range t.of(g) {
		heap.Push(&t.of(g)[i], g)
	}
}

// remove takes a group out, if it is there.
func (t *turns) remove(g *group) {
	if !g.queued {
		return
	}
	for i := range t.of(g) {
		heap.Remove(&t.of(g)[i], g.places[t.of(g)[i].which])
	}
	g.queued = false
}

// of returns the orders in which a group stands.
func (t *turns) of(g *group) []order {
	if g.isReady {
		return t[:byTime]
	}
	return t[byTime:]
}

// wait returns how long it takes until a group is ready: 0 when one is, and idle when there is none.
func (t *turns) wait(now time.Time, idle time.Duration) time.Duration {
	for later := &t[byTime]; later.Len() > 0; {
		g := later.groups[0]
		d := g.wait(now)
		if d > 0 {
			idle = min(idle, d)
			break
		}
		t.put(g, now)
	}
	if t[byServed].Len() > 0 {
		return 0
	}
	return idle
}

// first returns the ready group that is first in an order.
func (t *turns) first(order int) *group { return t[order].groups[0] }

// order is a heap of groups.
type order struct {
	which  int
	before func(g, than *group) bool
	groups []*group
}

func (o *order) Len() int           { return len(o.groups) }
func (o *order) Less(i, j int) bool { return o.before(o.groups[i], o.groups[j]) }

func (o *order) Swap(i, j int) {
	o.groups[i], o.groups[j] = o.groups[j], o.groups[i]
	o.groups[i].places[o.which], o.groups[j].places[o.which] = i, j
}

// Push implements heap.Interface.
func (o *order) Push(x any) {
	g := x.(*group) //nolint:forcetypeassert // only groups are pushed
	g.places[o.which] = len(o.groups)
	o.groups = append(o.groups, g)
}

// Pop implements heap.Interface.
func (o *order) Pop() any {
	last := len(o.groups) - 1
	g := o.groups[last]
	o.groups[last] = nil
	o.groups = o.groups[:last]
	return g
}
