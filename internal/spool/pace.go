package spool

import (
	"context"
	"sync/atomic"
	"time"
)

// While the disk is emptied, senders who wait for their answers are held a little, so that less comes in
// than goes out and the bot gets out of its spool under load, too.
const (
	holdTime  = 250 * time.Millisecond // at most: with it an answer is far within the deadline
	holdMost  = 128                    // deliveries at once: the places of the webhook port are for others, too
	holdFrom  = 256                    // entries that wait; fewer are judged in no time
	creditCap = 128
)

// pace gives out a credit for three of four events that were judged from the disk. Each event that is
// appended meanwhile takes one, or waits for it. It is safe for concurrent use.
type pace struct {
	working atomic.Bool // the disk is being emptied
	credits chan struct{}
	places  chan struct{}
	judged  int // the drain's own
}

func newPace() *pace {
	return &pace{credits: make(chan struct{}, creditCap), places: make(chan struct{}, holdMost)}
}

// earn notes that so many events were judged.
func (p *pace) earn(n int) {
	p.working.Store(true)
	for range n {
		if p.judged++; p.judged%4 == 0 {
			continue
		}
		select {
		case p.credits <- struct{}{}:
		default:
		}
	}
}

// hold returns when so many events have their credits, or soon.
func (p *pace) hold(ctx context.Context, n int) {
	if !p.working.Load() {
		return
	}
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		return
	}
	t := time.NewTimer(holdTime)
	defer t.Stop()
	for range n {
		select {
		case <-p.credits:
		case <-t.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
