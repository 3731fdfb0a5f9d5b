package actions

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	// claimPause is the longest pause between two claims while the store does not answer.
	claimPause = 5 * time.Second
	// minHeld claimed actions of each partition may always be in memory, and of all together maxHeld:
	// what stands behind a raid of a hundred thousand must be seen to get its turn, and each partition
	// must go on although another one has filled the room.
	minHeld  = 4096
	maxHeld  = 128 << 10
	maxClaim = 256  // in one claim: webhooks wait for the store meanwhile
	maxRenew = 1000 // claims renewed, or given back, by one request to the store
)

// claim takes a partition's actions as long as there is room for them.
func (d *Dispatcher) claim(ctx context.Context, part int) {
	failures := 0
	for ctx.Err() == nil {
		d.mu.Lock()
		room := max(minHeld-d.count[part], maxHeld-len(d.held))
		d.mu.Unlock()
		if room <= 0 {
			select {
			case <-ctx.Done():
			case <-d.room[part]:
			}
			continue
		}
		before := time.Now()
		items, err := d.cfg.Queue.Claim(ctx, part, min(room, maxClaim))
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
		d.admit(ctx, d.take(items, before))
	}
}

// take notes claims as held and returns the actions that are new here. before is a time at which the
// claims were not older.
func (d *Dispatcher) take(items []Item, before time.Time) (fresh []*held) {
	var ended []Settlement
	d.mu.Lock()
	for _, it := range items {
		if _, mine := d.held[it.Token]; mine {
			continue
		}
		if _, ok := d.cfg.Accounts[it.Group.Provider]; !ok && !d.cfg.DryRun {
			// The provider is not configured here. The claim is neither used nor renewed: another
			// process that has the provider takes the action when it runs out.
			d.metrics.strangers.Inc()
			continue
		}
		if _, ours := d.flying[entry(it.Token)]; ours {
			// The claim ran out during our own call. This one runs out too, and by the next the outcome
			// is known.
			d.flying[entry(it.Token)] = true
			continue
		}
		d.held[it.Token] = before
		d.count[it.Token.Part]++
		if s, known := d.over[entry(it.Token)]; known {
			s.Item.Token = it.Token // done already: only the store does not know
			ended = append(ended, s.Settlement)
			continue
		}
		fresh = append(fresh, &held{Item: it})
	}
	d.mu.Unlock()
	d.settle(ended, nil)
	return fresh
}

// renew keeps the claims of everything held, until the context ends. A claim that was not renewed
// for a whole lease may be somebody else's by now: it is left alone, and ours drops its action.
func (d *Dispatcher) renew(ctx context.Context) {
	for sleep(ctx, d.cfg.Lease/3, nil) {
		now := time.Now()
		for tokens := range slices.Chunk(d.aging(now), maxRenew) {
			if err := d.cfg.Queue.Renew(ctx, tokens); err != nil {
				if ctx.Err() == nil {
					d.log.Warn("renewing claims", "claims", len(tokens), "err", err)
				}
				break
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
}

// aging returns the claims that have to be renewed: those that hold, and that were not just made. It
// keeps the claims of a partition together.
func (d *Dispatcher) aging(now time.Time) []Token {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(now)
	var tokens []Token
	for t, known := range d.held {
		if d.holds(known, now) && now.Sub(known) >= d.cfg.Lease/6 {
			tokens = append(tokens, t)
		}
	}
	slices.SortFunc(tokens, func(a, b Token) int { return cmp.Compare(a.Part, b.Part) })
	return tokens
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
		delete(g.busy, h.about())
		d.drop(h.Token)
	}
	for _, h := range kept { // of one member a batch of messages may hold several
		g.busy[h.about()] = true
	}
	return kept
}

// stillOurs drops, from actions that are not in the backlog yet, those whose claim ran out.
func (d *Dispatcher) stillOurs(fresh []*held) []*held {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	return slices.DeleteFunc(fresh, func(h *held) bool {
		if d.holds(d.held[h.Token], now) {
			return false
		}
		d.drop(h.Token)
		return true
	})
}

// giveBack frees every claim that was not tried, so that another process has it at once.
func (d *Dispatcher) giveBack() {
	d.mu.Lock()
	var left []*held
	for _, g := range d.backlog.groups {
		g.each(func(h *held) { left = append(left, h) })
	}
	d.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.work), 2*time.Second)
	defer cancel()
	for hs := range slices.Chunk(left, maxRenew) {
		if err := d.cfg.Queue.Settle(ctx, freed(hs)); err != nil {
			d.log.Warn("giving back claims", "claims", len(hs), "err", err)
			return
		}
	}
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

// remember keeps outcomes that the store does not take, as it is away, or as the claim ran out during
// the call. When the claim runs out meanwhile and we
// claim the entry anew, the outcome is stored again under the new claim: to make the call again
// could remove a member who was let back in. The caller holds d.mu.
func (d *Dispatcher) remember(settled ...Settlement) {
	for _, s := range settled {
		switch s.State {
		case Retry, Free, Held, Void: // no call was made for these: the guard is asked anew
		default:
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
