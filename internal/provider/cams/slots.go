package cams

import (
	"context"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// slot says who takes the rate slot of a call's first attempt.
type slot int

const (
	slotTaken   slot = iota // the caller did
	slotNeeded              // the call does, at once
	slotPatient             // the call does, behind those of slotNeeded
)

// Looking for joins and confirming removals make the same calls. A confirmation holds up the next
// removal of its group, so it comes first: a look takes a slot only once that was free for a moment,
// in which every confirmation that waits has asked for it, on this replica or another. A removal
// never waits for a look, since it is another API with a rate of its own.
const (
	standBack = 8               // the moment, as a part of the time between two calls
	patience  = 5 * time.Second // then a look asks like everybody, or removals without end would blind the roster
)

// wait returns when a call may be made.
func (c *Client) wait(ctx context.Context, api string, s slot) error {
	queue := c.patient[api]
	if s != slotPatient || queue == nil {
		return c.gate.Wait(ctx, api, c.rate)
	}
	select { // one look at a time asks, so that those which lost patience are a small share of the calls
	case queue <- struct{}{}:
		defer func() { <-queue }()
	case <-ctx.Done():
		return ctx.Err()
	}
	r := actions.RateOf(c.rate)
	r.Slack = -r.Interval / standBack
	for start := time.Now(); ; {
		left := patience - time.Since(start)
		if left <= 0 {
			return c.gate.Wait(ctx, api, c.rate)
		}
		wait, err := c.gate.Take(ctx, api, r)
		if err != nil || wait == 0 {
			return err
		}
		if sleep(ctx, min(wait, left)); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// slow passes on that the provider refused a call for its rate. Of calls whose slot the caller took,
// the caller sees the refusal too and tells of it.
func (c *Client) slow(ctx context.Context, api string, s slot, fault *CallError) {
	if s != slotTaken && fault.Outcome.Class == actions.Limited {
		// When the store cannot take it either, the next call is refused once more and tells again.
		_ = c.gate.Slow(ctx, api, fault.Outcome.Wait)
	}
}
