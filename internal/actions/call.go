package actions

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// call makes one provider call and stores what came of it before anything else may happen to the
// same members.
func (d *Dispatcher) call(l *lane, g *group, batch []*held) {
	todo := make([]chat.Action, len(batch))
	for i, h := range batch {
		todo[i] = h.Action
	}
	out := d.send(l, batch[0].route, todo)
	now := time.Now()
	var settled []Settlement
	var again []*held
	var longest, lanePause time.Duration
	for i, h := range batch {
		if out[i].Class == Suspect && len(batch) > 1 {
			h.limit = (len(batch) + 1) / 2
			again = append(again, h)
			continue
		}
		state, pause, lp := verdictOf(out[i], h, now)
		longest, lanePause = max(longest, pause), max(lanePause, lp)
		s := Settlement{
			Item: h.Item, State: state, API: l.api, Code: out[i].Code, Text: clip(out[i].Text), RequestID: out[i].RequestID, At: now,
		}
		if state == Spared {
			s.API = "" // nothing was called for this one
		}
		settled = append(settled, s)
		if state == Retry {
			h.Attempts++
			h.due = now.Add(pause)
			again = append(again, h)
		}
	}
	var groupUntil time.Time
	if len(again) == len(batch) && !batch[0].route.Yields { // the call failed as a whole, or for members who all fail alone
		groupUntil = now.Add(min(longest, groupPause))
	}
	d.observe(l, g, settled, now)
	d.settle(settled, func() {
		again, ended := d.reroute(again)
		settled = ended
		d.backlog.landed(g, batch, again, groupUntil)
		l.paused = maxTime(l.paused, now.Add(lanePause))
		d.backlog.settleLane(g, now, d.laneOf)
	})
	d.settle(settled, nil)
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

// settle stores outcomes, however long the store takes, and then runs after under the mutex. Only
// when the work context ends does it give up: the claims then run out, the actions are done again.
func (d *Dispatcher) settle(s []Settlement, after func()) {
	for n := 1; len(s) > 0; n++ {
		err := d.cfg.Queue.Settle(d.work, s)
		if err == nil {
			break
		}
		if n == 1 {
			d.remember(s)
		}
		d.log.Warn("storing outcomes", "actions", len(s), "err", err)
		if !sleep(d.work, pauseAfter(n), nil) {
			return
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range s {
		if s[i].State != Retry {
			d.drop(s[i].Item.Token)
			d.metrics.ended(&s[i])
		}
		if d.cfg.Settled != nil {
			d.cfg.Settled(s[i])
		}
	}
	if after != nil {
		after()
	}
}

// drop forgets a claim and lets its partition's loop claim more. The caller holds d.mu.
func (d *Dispatcher) drop(t Token) {
	if _, ok := d.held[t]; !ok {
		return
	}
	delete(d.held, t)
	d.count[t.Part]--
	select {
	case d.room[t.Part] <- struct{}{}:
	default:
	}
}

// observe logs and measures what came of a call: a line for what went well, and one for each action
// that did not.
func (d *Dispatcher) observe(l *lane, g *group, settled []Settlement, now time.Time) {
	count := map[State]int{}
	var done *Settlement
	for i := range settled {
		s := &settled[i]
		count[s.State]++
		switch s.State {
		case Done:
			done = s
			if s.Item.Intent.Kind == chat.Remove && !s.Item.Received.IsZero() {
				d.metrics.latency.WithLabelValues(string(l.provider)).Observe(now.Sub(s.Item.Received).Seconds())
			}
		case Spared:
			d.log.Info("spared", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member, "case", s.Item.Case.Code(), "why", s.Code)
		case Dead:
			d.log.Error("action given up", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member, "case", s.Item.Case.Code(),
				"action", s.Item.ID, "api", l.api, "code", s.Code, "text", s.Text)
		case Retry:
			d.log.Warn("action will be tried again", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member,
				"action", s.Item.ID, "api", l.api, "code", s.Code, "text", s.Text, "attempt", s.Item.Attempts+1)
		case DryRun, Free:
		}
	}
	if n := len(settled) - count[Spared]; n > 0 {
		d.metrics.members.WithLabelValues(string(l.provider), l.api).Observe(float64(n))
	}
	if done != nil {
		d.log.Info("done", "provider", l.provider, "group", g.key.ID, "intent", done.Item.Intent.Kind, "members", count[Done],
			"first", done.Item.Member, "case", done.Item.Case.Code(), "api", l.api, "code", done.Code, "request", done.RequestID)
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
