package cams

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// replicas are clients that share one rate of five calls a second.
func replicas(t *testing.T, n int) []*Client {
	t.Helper()
	gate := actions.Gate{Limiter: &actions.LocalLimiter{}, Account: "cams"}
	var out []*Client
	for range n {
		c, err := NewClient(ClientConfig{CustSpaceID: testSpace, BusinessNumber: testBusiness, Endpoint: "https://cams.example.com", CallsPerSecond: 5}, nil, gate, nil, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// taking counts the slots of member lists that a number of goroutines take one after the other, and
// the longest wait for one.
type taking struct {
	mu    sync.Mutex
	slots int
	most  time.Duration
}

func (k *taking) run(ctx context.Context, all *sync.WaitGroup, c *Client, s slot, goroutines int, rest time.Duration) {
	for range goroutines {
		all.Go(func() {
			for {
				start := time.Now()
				if c.wait(ctx, apiMembers, s) != nil {
					return
				}
				k.mu.Lock()
				k.slots++
				k.most = max(k.most, time.Since(start))
				k.mu.Unlock()
				sleep(ctx, rest)
			}
		})
	}
}

// forMinutes runs looks on every replica, and confirmations on the first one, each of which rests for a
// while after a slot.
func forMinutes(t *testing.T, minutes, clients, confirmations int, rest time.Duration) (looks, confirmed *taking) {
	t.Helper()
	looks, confirmed = &taking{}, &taking{}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(minutes)*time.Minute)
		defer stop()
		var all sync.WaitGroup
		for i, c := range replicas(t, clients) {
			looks.run(ctx, &all, c, slotPatient, pollers, 0)
			if i == 0 {
				confirmed.run(ctx, &all, c, slotNeeded, confirmations, rest)
			}
		}
		all.Wait()
	})
	return looks, confirmed
}

func TestLooksAloneUseMostOfTheRate(t *testing.T) {
	looks, _ := forMinutes(t, 10, 1, 0, 0)
	if pace := 600 * 0.96 * 5; float64(looks.slots) < 0.88*pace || float64(looks.slots) > pace+1 {
		t.Errorf("looks take %d slots of %.0f", looks.slots, pace)
	}
}

func TestAConfirmationWaitsForNoLook(t *testing.T) {
	for clients, calls := range map[int]int{
		1: 1,
		3: 4, // one of each replica may have lost patience with the others' looks
	} {
		_, confirmed := forMinutes(t, 10, clients, 1, 1700*time.Millisecond)
		if bound := time.Duration(calls) * actions.RateOf(5).Interval; confirmed.slots < 300 || confirmed.most > bound {
			t.Errorf("beside the looks of %d replicas %d confirmations wait for %s at most, over %s", clients, confirmed.slots, confirmed.most, bound)
		}
	}
}

func TestConfirmationsWithoutEndLeaveALittleForLooks(t *testing.T) {
	looks, confirmed := forMinutes(t, 10, 1, 8, 0)
	pace := 600 * 0.96 * 5
	if share := float64(confirmed.slots) / pace; share < 0.95 {
		t.Errorf("confirmations take %.3f of the pace", share)
	}
	if looks.slots < 60 { // one in ten seconds
		t.Errorf("looks take %d slots in ten minutes", looks.slots)
	}
}

func TestALookGivesUpItsPlaceWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := replicas(t, 1)[0]
		ctx, stop := context.WithCancel(t.Context())
		for range 2 { // the first takes the slot, the second waits for the next one
			if err := c.wait(t.Context(), apiMembers, slotPatient); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for range 3 { // one asks, two wait for their turn to ask
			all.Go(func() {
				if c.wait(ctx, apiMembers, slotPatient) == nil {
					t.Error("a look took a slot after the end")
				}
			})
		}
		synctest.Wait()
		stop()
		all.Wait()
		if err := c.wait(t.Context(), apiMembers, slotPatient); err != nil {
			t.Errorf("the next look: %v", err)
		}
	})
}
