package actions

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// call makes one provider call and stores what came of it before anything else may happen to the
// same members. It returns what is to be stored of those for whom no call is made.
func (d *Dispatcher) call(l *lane, g *group, batch []*held, p permit) (stopped []Settlement) {
	batch, stopped = d.stayed(l, g, batch, p)
	if len(batch) == 0 {
		return stopped
	}
	todo := make([]chat.Action, len(batch))
	for i, h := range batch {
		todo[i] = h.Action
	}
	out := d.send(l, batch[0].route, todo)
	now := time.Now()
	answered := d.landed(l, p, out, now)
	d.slow(l, out)
	settled, again, longest := judge(l.api, batch, out, p.probe, answered, now)
	var groupUntil time.Time
	// The call failed as a whole, or for members who all fail alone.
	if len(again) == len(batch) && !batch[0].route.Yields && !batch[0].about().settings {
		groupUntil = now.Add(min(longest, groupPause))
	}
	d.observe(l, g, settled, now)
	d.settle(settled, func() {
		for _, h := range batch {
			delete(d.flying, entry(h.Token))
		}
		again, ended := d.reroute(again)
		settled = ended
		d.backlog.landed(g, batch, again, groupUntil)
		d.backlog.settleLane(g, now, d.laneOf)
	})
	d.settle(settled, nil)
	return stopped
}

// landed tells the breaker what came of a call, and lets the lane pause, before anything is stored.
// It returns when the API last answered.
func (d *Dispatcher) landed(l *lane, p permit, out []Outcome, now time.Time) (answered time.Time) {
	var pause time.Duration
	for i := range out {
		pause = max(pause, lanePause(&out[i]))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err := failureOf(out)
	p.end(err)
	if err == nil {
		l.answered = now
	}
	l.paused = maxTime(l.paused, now.Add(pause))
	if p.probe {
		d.wakeLanes(l.provider)
	}
	return l.answered
}

// slow halves the pace of an API that refused the call for its rate.
func (d *Dispatcher) slow(l *lane, out []Outcome) {
	var wait time.Duration
	for i := range out {
		if out[i].Class == Limited {
			wait = max(wait, lanePause(&out[i]))
		}
	}
	if wait == 0 {
		return
	}
	l.limited.Inc()
	if err := l.account.Gate.Slow(d.work, l.api, wait); err != nil {
		d.log.Warn("the rate limiter does not answer, other replicas are not slowed", "api", l.api, "err", err)
	}
}

// alike are actions of a call that failed in the same way. They wait equally long, so that they go by
// one call again and not one by one.
type alike struct {
	code     string
	wait     time.Duration
	attempts int
}

// judge sorts a call's outcomes: what is stored, what is tried again, and how long the longest of
// those waits. answered is when the API last answered.
func judge(api string, batch []*held, out []Outcome, probe bool, answered, now time.Time) (settled []Settlement, again []*held, longest time.Duration) {
	due := map[alike]time.Time{}
	for i, h := range batch {
		switch {
		case out[i].Class == Suspect && len(batch) > 1:
			h.limit = (len(batch) + 1) / 2
			again = append(again, h)
			continue
		case probe && out[i].failed(): // the account is still down: nothing was tried, others try next
			h.due = now.Add(2 * probeEvery)
			again = append(again, h)
			continue
		}
		state, pause := verdictOf(out[i], h, answered, now)
		s := Settlement{
			Item: h.Item, State: state, API: api, Code: out[i].Code, Text: clip(out[i].Text), RequestID: out[i].RequestID, At: now,
		}
		if state == Spared {
			s.API = "" // nothing was called for this one
		}
		settled = append(settled, s)
		if state == Retry {
			a := alike{out[i].Code, out[i].Wait, h.Attempts}
			if _, known := due[a]; !known {
				due[a] = now.Add(pause)
			}
			h.due, longest = due[a], max(longest, due[a].Sub(now))
			h.Attempts++
			again = append(again, h)
		}
	}
	return settled, again, longest
}

// send calls the provider; a panic in its client becomes an outcome that is tried again.
func (d *Dispatcher) send(l *lane, r Route, todo []chat.Action) (out []Outcome) {
	defer func() {
		p := recover()
		if p == nil && len(out) == len(todo) {
			return
		}
		text := fmt.Sprintf("%d outcomes for %d actions", len(out), len(todo))
		if p != nil {
			text = fmt.Sprint("panic: ", p)
			d.cfg.Panics.Inc()
			d.log.Error("provider client panicked", "api", l.api, "panic", p, "stack", string(debug.Stack()))
		}
		out = make([]Outcome, len(todo))
		for i := range out {
			out[i] = Outcome{Class: Again, Code: "internal", Text: text}
		}
	}()
	return l.account.Sender.Send(d.work, r, todo)
}

// reroute asks again how actions are carried out, since a call may have taught the client the
// group's type. The caller holds d.mu.
func (d *Dispatcher) reroute(again []*held) (still []*held, ended []Settlement) {
	for _, h := range again {
		if s, final := d.route(h); final {
			ended = append(ended, s)
			continue
		}
		still = append(still, h)
	}
	return still, ended
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
