package actions

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// settle stores outcomes, however long the store takes, and then runs after under the mutex. Only
// when the work context ends does it give up: the claims then run out, the actions are done again.
func (d *Dispatcher) settle(s []Settlement, after func()) {
	for n := 1; len(s) > 0; n++ {
		err := d.cfg.Queue.Settle(d.work, s)
		if err == nil {
			break
		}
		if n == 1 {
			d.mu.Lock()
			d.remember(s...)
			d.mu.Unlock()
		}
		d.log.Warn("storing outcomes", "actions", len(s), "err", err)
		if !sleep(d.work, pauseAfter(n), nil) {
			return
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range s {
		if d.flying[entry(s[i].Item.Token)] {
			d.remember(s[i])
		}
		switch s[i].State {
		case Retry:
		case Free:
			d.drop(s[i].Item.Token)
		default:
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
			if s.Item.Intent.Kind == chat.Remove {
				d.metrics.removed(l, &s.Item.Action, now)
			}
		case Spared:
			d.log.Info("spared", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member, "case", s.Item.Case.Code(), "why", s.Code)
		case Dead:
			d.log.Error("action given up", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member, "case", s.Item.Case.Code(),
				"action", s.Item.ID, "api", l.api, "code", s.Code, "text", s.Text, "attempts", s.Item.Attempts+1)
		case Retry:
			d.log.Warn("action will be tried again", "provider", l.provider, "group", g.key.ID, "member", s.Item.Member,
				"action", s.Item.ID, "api", l.api, "code", s.Code, "text", s.Text, "attempt", s.Item.Attempts+1)
		case DryRun, Free, Held, Void:
		}
	}
	if done != nil && !l.account.Quiet {
		d.log.Info("done", "provider", l.provider, "group", g.key.ID, "intent", done.Item.Intent.Kind, "members", count[Done],
			"first", done.Item.Member, "case", done.Item.Case.Code(), "api", l.api, "code", done.Code, "request", done.RequestID)
	}
}
