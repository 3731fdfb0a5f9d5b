package actions

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// admit asks the guard about actions that were just claimed, and takes those that may go into the
// backlog. While the guard does not answer none of them goes, for as long as their claims hold; they
// are renewed like all others. What the context's end leaves unasked is given back.
func (d *Dispatcher) admit(ctx context.Context, fresh []*held) {
	if d.cfg.Guard == nil || d.cfg.DryRun {
		d.enqueue(fresh)
		return
	}
	for failures := 0; len(fresh) > 0; {
		rulings, err := d.ask(ctx, fresh)
		if err == nil {
			d.obey(fresh, rulings)
			return
		}
		if ctx.Err() != nil {
			d.settle(freed(fresh), nil)
			return
		}
		if failures++; failures == 1 {
			d.log.Warn("the guard does not answer, the actions wait", "actions", len(fresh), "err", err)
		}
		sleep(ctx, min(pauseAfter(failures), claimPause), nil)
		fresh = d.stillOurs(fresh)
	}
}

func (d *Dispatcher) ask(ctx context.Context, fresh []*held) ([]Ruling, error) {
	claimed := make([]chat.Action, len(fresh))
	for i, h := range fresh {
		claimed[i] = h.Action
	}
	rulings, err := d.cfg.Guard.Admit(ctx, claimed)
	if err == nil && len(rulings) != len(claimed) {
		err = fmt.Errorf("asking the guard: %d rulings on %d actions", len(rulings), len(claimed))
	}
	return rulings, err
}

// obey settles what the guard stops and takes the rest into the backlog. Nobody waits for what is
// stopped: of one member, what was to happen to him later may go. Whatever is held is wanted less
// than before, and what restores does no harm to somebody who was never acted on.
func (d *Dispatcher) obey(fresh []*held, rulings []Ruling) {
	var may []*held
	var stopped []Settlement
	for i, h := range fresh {
		if rulings[i].Stops() {
			stopped = append(stopped, stop(h, rulings[i]))
			continue
		}
		may = append(may, h)
	}
	d.enqueue(may)
	d.keep(stopped)
}

// stop returns the settlement of an action that is kept from acting.
func stop(h *held, r Ruling) Settlement {
	return Settlement{Item: h.Item, State: r.State, Code: r.Code, Text: clip(r.Text), At: time.Now()}
}

// keep stores what was stopped, and logs a line for each reason.
func (d *Dispatcher) keep(stopped []Settlement) {
	if len(stopped) == 0 {
		return
	}
	type why struct {
		state State
		code  string
	}
	count, first := map[why]int{}, map[why]*Settlement{}
	for i := range stopped {
		w := why{stopped[i].State, stopped[i].Code}
		if count[w]++; count[w] == 1 {
			first[w] = &stopped[i]
		}
	}
	for w, s := range first {
		d.log.Info("kept from acting", "as", w.state, "why", w.code, "actions", count[w], "rule", s.Item.Intent.Rule,
			"group", s.Item.Group.ID, "first", s.Item.Member, "case", s.Item.Case.Code())
	}
	d.settle(stopped, nil)
}

// enqueue takes actions into the backlog; those that can never be carried out are settled.
func (d *Dispatcher) enqueue(fresh []*held) {
	var ended []Settlement
	now := time.Now()
	grown := map[*group]struct{}{}
	d.mu.Lock()
	for _, h := range fresh {
		if s, final := d.route(h); final {
			ended = append(ended, s)
			continue
		}
		g := d.backlog.of(h.Group)
		h.Group = g.key // one copy of the group's name for all its actions
		g.add(h)
		grown[g] = struct{}{}
	}
	for g := range grown {
		d.backlog.settleLane(g, now, d.laneOf)
	}
	d.mu.Unlock()
	d.settle(ended, nil)
}

// stillMay asks the guard about a batch right before its call, and takes what may not go any more
// out of it. The caller holds d.mu.
func (d *Dispatcher) stillMay(g *group, batch []*held) (kept []*held, stopped []Settlement) {
	if d.cfg.Guard == nil {
		return batch, nil
	}
	kept = batch[:0:0]
	for _, h := range batch {
		if r := d.cfg.Guard.Still(&h.Action); r.Stops() {
			stopped = append(stopped, stop(h, r))
			delete(g.busy, h.about())
			continue
		}
		kept = append(kept, h)
	}
	for _, h := range kept { // of one member a batch of messages may hold several
		g.busy[h.about()] = true
	}
	return kept, stopped
}

func freed(hs []*held) []Settlement {
	out := make([]Settlement, len(hs))
	for i, h := range hs {
		out[i] = Settlement{Item: h.Item, State: Free}
	}
	return out
}
