package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/store"
)

// Open opens a store at a place that was empty when the Open was made. Called again, after the
// store before it was closed, it opens the same place.
type Open func(o store.Options) (store.Store, error)

// Run tests a store. fresh returns an Open for a new, empty place; what it needs is cleaned up with
// t. The suite closes what it opens.
func Run(t *testing.T, fresh func(t *testing.T) Open) {
	for _, group := range []struct {
		name string
		run  func(t *testing.T, fresh func(t *testing.T) Open)
	}{
		{"observer", testObserver},
		{"joins", testJoins},
		{"who came back", testCameBack},
		{"commit", testCommit},
		{"rungs", testRungs},
		{"comebacks", testComebacks},
		{"unseen returns", testReturns},
		{"claim", testClaim},
		{"settle", testSettle},
		{"shelves", testShelves},
		{"audit", testAudit},
		{"cases", testCases},
		{"unlisted cases", testUnlisted},
		{"memos", testMemos},
		{"rosters", testRosters},
		{"rate", testRate},
		{"opening", testOpening},
		{"concurrency", testConcurrency},
		{"model", testModel},
	} {
		t.Run(group.name, func(t *testing.T) { group.run(t, fresh) })
	}
}

// shortLease is long enough for a few calls on a busy machine and short enough to wait for.
const shortLease = 150 * time.Millisecond

// patience is how long a condition may take to come true before the test fails.
const patience = 15 * time.Second

// open opens a new place and closes it with the test.
func open(t *testing.T, fresh func(t *testing.T) Open, o store.Options) store.Store {
	t.Helper()
	s, err := fresh(t)(o)
	if err != nil {
		t.Fatalf("opening a new store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

// waitFor returns when cond holds.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}
