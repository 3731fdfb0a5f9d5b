package spool

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fate decides at random how calls end. It is safe for concurrent use.
type fate struct {
	mu   sync.Mutex // guards the fields below
	r    *rand.Rand
	calm bool            // all is well from now on
	off  bool            // the store is away
	hurt map[string]bool // events in whose judging something panicked: those behind them go on
}

func (f *fate) chance(percent int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.calm && f.r.IntN(100) < percent
}

// store is how the simulated store answers: it comes and goes, hangs, panics, and fails after the effect.
func (f *fate) store(n *next) func(context.Context, []chat.Event) error {
	return func(ctx context.Context, events []chat.Event) error {
		if f.chance(3) {
			f.mu.Lock()
			f.off = !f.off
			f.mu.Unlock()
		}
		f.mu.Lock()
		off := f.off && !f.calm
		f.mu.Unlock()
		switch {
		case off && f.chance(20):
			<-ctx.Done()
			return ctx.Err()
		case off:
			return errAway
		case f.chance(2):
			f.mu.Lock()
			for i := range events {
				f.hurt[string(events[i].ID)] = true
			}
			f.mu.Unlock()
			panic("by chance")
		case f.chance(2): // the answer is lost, not the effect
			n.mu.Lock()
			n.judged = append(n.judged, events...)
			n.mu.Unlock()
			return errAway
		}
		return nil
	}
}

// handle is what the webhook port does with a panic: it answers with 500.
func (r *rig) handle(ctx context.Context, e chat.Event) (accepted bool) {
	defer func() {
		if recover() != nil {
			accepted = false
		}
	}()
	_, err := r.Handle(ctx, []chat.Event{e})
	return err == nil
}

// TestWhateverWasAcceptedIsJudgedOrWaits lets senders of several groups and a store that comes and goes
// meet at random, with a disk that fails now and then and a process that ends in the middle. Each
// sender waits for its answer. Whatever was accepted is judged in the end, in its group's order.
func TestWhateverWasAcceptedIsJudgedOrWaits(t *testing.T) {
	fromSeeds(t, 30, simulate)
}

// fromSeeds plays a script so many times, each with another seed, which the subtest is named by.
func fromSeeds(t *testing.T, times uint64, script func(t *testing.T, seed uint64)) {
	t.Helper()
	first := rand.Uint64()
	for i := range times {
		seed := first + i
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { script(t, seed) })
		})
	}
}

func simulate(t *testing.T, seed uint64) {
	f := &fate{hurt: map[string]bool{}, r: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // a seeded script
	d, n := newDisk(), &next{}
	n.answer = f.store(n)
	d.fault = func(string) error {
		if f.chance(2) {
			return errDisk
		}
		return nil
	}
	accepted := map[string][]string{} // by group, in order
	count := 0
	for range 4 { // lives of the process
		r := build(d, n, func(c *Config) { c.KeepText = forever })
		r.start(t)
		var mu sync.Mutex // guards accepted
		var wg sync.WaitGroup
		life, die := context.WithCancel(t.Context())
		for g := range 5 {
			group, from := fmt.Sprint("g", g), count
			wg.Go(func() {
				for i := range 60 {
					id := fmt.Sprintf("%s %d", group, from+i)
					if life.Err() != nil {
						return
					}
					if r.handle(life, said(group, id)) {
						mu.Lock()
						accepted[group] = append(accepted[group], id)
						mu.Unlock()
					}
					<-time.After(time.Duration(i%7) * 50 * time.Millisecond)
				}
			})
		}
		count += 60
		<-time.After(time.Duration(2+seed%9) * time.Second)
		die() // nobody hears the answers that are under way
		r.end()
		wg.Wait()
	}
	f.mu.Lock()
	f.calm = true
	f.mu.Unlock()
	last := build(d, n, nil)
	last.start(t)
	<-time.After(time.Minute)
	last.end()
	if len(d.waits()) > 0 || len(d.givenUp) > 0 {
		t.Fatalf("%d still wait, given up: %v", len(d.waits()), d.givenUp)
	}
	for _, ids := range accepted {
		inOrder(t, f, d, ids, n.ids())
	}
}

// inOrder expects that events were judged, and each for the first time after the one before it: an event
// whose answer was lost may have been judged again. One that the disk did not take was judged before its
// turn.
func inOrder(t *testing.T, f *fate, d *disk, accepted, judged []string) {
	t.Helper()
	at := -1
	for _, id := range accepted {
		i := slices.Index(judged, id)
		switch {
		case i < 0:
			t.Fatalf("%s was accepted and is lost", id)
		case f.hurt[id], d.refused[id]:
			continue
		case i < at:
			t.Errorf("%s was judged before the one that was accepted before it", id)
		}
		at = i
	}
}
