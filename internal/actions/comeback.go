package actions

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	// returnRoom is how old what an action is for must be before its member can have come back since:
	// the room that a store leaves between what a member did and a join that settles it.
	returnRoom = 5 * time.Second
	// askFor is how long a call waits to hear who came back: its slot is taken.
	askFor = 2 * time.Second
)

// stayed asks right before a call whose members have come back since what their actions are for, and
// takes those out of it: they are to be settled. Those of whom nobody can tell wait in their old place
// and count no attempt. When nobody is left no call is made, and the permit is given back.
func (d *Dispatcher) stayed(l *lane, g *group, batch []*held, p permit) (kept []*held, stopped []Settlement) {
	back, err := d.cameBack(batch)
	if back == nil {
		return batch, nil
	}
	var out, unsure []*held
	for i, h := range batch {
		if !back[i] {
			kept = append(kept, h)
			continue
		}
		out = append(out, h)
		if err != nil {
			unsure = append(unsure, h)
			continue
		}
		stopped = append(stopped, stop(h, Ruling{State: Void, Code: "came_back", Text: "the member has joined again since"}))
	}
	if len(out) == 0 {
		return kept, nil
	}
	d.takeOut(l, g, out, kept, unsure, p)
	return kept, stopped
}

// takeOut ends the part that some actions have in a call, and puts those that are unsure back into the
// queue of their group, which pauses. What was kept goes on.
func (d *Dispatcher) takeOut(l *lane, g *group, out, kept, unsure []*held, p permit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, h := range out {
		delete(d.flying, entry(h.Token))
		delete(g.busy, h.about())
	}
	for _, h := range kept { // of one member a batch of messages may hold several
		g.busy[h.about()] = true
	}
	g.back(unsure)
	if len(unsure) > 0 {
		g.paused = maxTime(g.paused, now.Add(groupPause))
	}
	if len(kept) == 0 {
		d.backlog.landed(g, nil, nil, time.Time{})
		p.end(errNoCall)
		if p.probe { // another call may try
			d.wakeLanes(l.provider)
		}
	}
	d.backlog.settleLane(g, now, d.laneOf)
}

// cameBack tells whose member has come back since, and with an error who may have. It is nil when
// nobody can have.
func (d *Dispatcher) cameBack(batch []*held) (back []bool, err error) {
	if d.cfg.CameBack == nil {
		return nil, nil
	}
	var ask []chat.Action
	var at []int
	now := time.Now()
	for i, h := range batch {
		if h.canReturn(now) {
			ask, at = append(ask, h.Action), append(at, i)
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(d.work, askFor)
	defer cancel()
	found, err := d.cfg.CameBack(ctx, ask)
	if err == nil && len(found) != len(ask) {
		err = fmt.Errorf("asking who came back: %d answers on %d actions", len(found), len(ask))
	}
	d.heard(err)
	back = make([]bool, len(batch))
	for n, i := range at {
		back[i] = err != nil || found[n]
	}
	return back, err
}

// heard logs when nobody can tell who came back, and when somebody can again.
func (d *Dispatcher) heard(err error) {
	switch unheard := err != nil; {
	case d.unheard.Swap(unheard) == unheard:
	case unheard:
		d.log.Warn("nobody can tell who came back: removals and mutes that have waited go on waiting", "err", err)
	default:
		d.log.Info("it is known again who came back")
	}
}

// canReturn tells whether an action harms a member who can have come back since what it is for.
func (h *held) canReturn(now time.Time) bool {
	if h.Group.Provider == chat.Heartbeat || h.Member == "" {
		return false
	}
	harms := h.Intent.Kind == chat.Remove || h.Intent.Kind == chat.Mute
	return harms && now.Sub(h.EventAt) > returnRoom
}
