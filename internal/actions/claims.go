package actions

import (
	"context"
	"time"
)

// claimPause is the longest pause between two claims while the store does not answer.
const claimPause = 5 * time.Second

// claim takes a partition's actions as long as there is room for them.
func (d *Dispatcher) claim(ctx context.Context, part int) {
	failures := 0
	for ctx.Err() == nil {
		d.mu.Lock()
		room := maxHeld - d.count[part]
		d.mu.Unlock()
		if room <= 0 {
			select {
			case <-ctx.Done():
			case <-d.room[part]:
			}
			continue
		}
		before := time.Now()
		items, err := d.cfg.Queue.Claim(ctx, part, min(room, 1024))
		if err != nil && ctx.Err() == nil {
			if failures++; failures == 1 {
				d.log.Warn("actions cannot be claimed, trying again until they can", "partition", part, "err", err)
			}
			sleep(ctx, min(pauseAfter(failures), claimPause), nil)
			continue
		}
		if failures > 0 && err == nil {
			d.log.Info("actions can be claimed again", "partition", part, "failures", failures)
			failures = 0
		}
		d.add(items, before)
	}
}

// renew keeps the claims of everything held, until the context ends. A claim that was not renewed
// for a whole lease may be somebody else's by now: it is left alone, and ours drops its action.
func (d *Dispatcher) renew(ctx context.Context) {
	for sleep(ctx, d.cfg.Lease/3, nil) {
		now := time.Now()
		d.mu.Lock()
		d.forget(now)
		tokens := make([]Token, 0, len(d.held))
		for t, known := range d.held {
			if d.holds(known, now) {
				tokens = append(tokens, t)
			}
		}
		d.mu.Unlock()
		if len(tokens) == 0 {
			continue
		}
		if err := d.cfg.Queue.Renew(ctx, tokens); err != nil {
			if ctx.Err() == nil {
				d.log.Warn("renewing claims", "claims", len(tokens), "err", err)
			}
			continue
		}
		d.mu.Lock()
		for _, t := range tokens {
			if _, still := d.held[t]; still {
				d.held[t] = now
			}
		}
		d.mu.Unlock()
	}
}

// holds tells whether a claim that was known to hold at a time still does. The wall clock counts as
// well as the monotonic one, which stands still while a machine sleeps.
func (d *Dispatcher) holds(known, now time.Time) bool {
	return max(now.Sub(known), now.Round(0).Sub(known.Round(0))) < d.cfg.Lease
}

// ours drops from a batch the actions whose claim may be somebody else's: to act on them could
// remove a member whom others have dealt with and let back in. Whoever claims them next carries
// them out. The caller holds d.mu.
func (d *Dispatcher) ours(g *group, batch []*held, now time.Time) []*held {
	kept := batch[:0:0]
	for _, h := range batch {
		if d.holds(d.held[h.Token], now) {
			kept = append(kept, h)
			continue
		}
		d.log.Warn("claim ran out before the action was tried, somebody else carries it out", "action", h.ID)
		delete(g.busy, h.Member)
		d.drop(h.Token)
	}
	for _, h := range kept { // of one member a batch of messages may hold several
		g.busy[h.Member] = true
	}
	return kept
}

// finished is an outcome that could not be stored at once.
type finished struct {
	Settlement
	at time.Time
}

// keepFinished is how long such outcomes are remembered: until the store has long been back.
const keepFinished = 10 * time.Minute

// entry names a queue entry whoever has claimed it.
func entry(t Token) Token {
	t.Fence = 0
	return t
}

// remember keeps outcomes that the store does not take. When the claim runs out meanwhile and we
// claim the entry anew, the outcome is stored again under the new claim: to make the call again
// could remove a member who was let back in.
func (d *Dispatcher) remember(settled []Settlement) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range settled {
		if s.State != Retry && s.State != Free {
			d.over[entry(s.Item.Token)] = finished{s, time.Now()}
		}
	}
}

// forget drops remembered outcomes that have had their time. The caller holds d.mu.
func (d *Dispatcher) forget(now time.Time) {
	for t, f := range d.over {
		if _, waits := d.held[f.Item.Token]; !waits && now.Sub(f.at) > keepFinished {
			delete(d.over, t)
		}
	}
}
