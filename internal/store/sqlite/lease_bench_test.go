package sqlite_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

const (
	raid    = 100_000 // claims of one partition
	request = 1000    // actions of one request, as the dispatcher makes it
)

// BenchmarkRenew renews the claims of a raid once per operation.
func BenchmarkRenew(b *testing.B) {
	s, tokens := raided(b, raid)
	for b.Loop() {
		for some := range slices.Chunk(tokens, request) {
			if err := s.Renew(b.Context(), some); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCommitWhileRenewing commits one case per operation while the claims of a raid are renewed
// all the time.
func BenchmarkCommitWhileRenewing(b *testing.B) {
	s, tokens := raided(b, raid)
	ctx, stop := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i = (i + request) % raid {
			if err := s.Renew(ctx, tokens[i:i+request]); err != nil && ctx.Err() == nil {
				b.Error(err)
				return
			}
		}
	})
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Commit(b.Context(), []chat.Case{removalOf("g", fmt.Sprint("late ", n))}); err != nil {
			b.Fatal(err)
		}
	}
	stop()
	wg.Wait()
}

// BenchmarkLateEntry commits, claims and settles an action per operation, in the partition where so
// many are claimed already.
func BenchmarkLateEntry(b *testing.B) {
	for _, claimed := range []int{0, raid} {
		b.Run(fmt.Sprintf("claimed=%d", claimed), func(b *testing.B) {
			s, _ := raided(b, claimed)
			part := store.PartitionOf(removalOf("g", "").Event.Group, s.Parts())
			n := 0
			for b.Loop() {
				n++
				if _, err := s.Commit(b.Context(), []chat.Case{removalOf("g", fmt.Sprint("late ", n))}); err != nil {
					b.Fatal(err)
				}
				items, err := s.Claim(b.Context(), part, request)
				if err != nil || len(items) != 1 {
					b.Fatalf("claimed %d, %v, want the late one", len(items), err)
				}
				if err := s.Settle(b.Context(), []actions.Settlement{{Item: items[0], State: actions.Done, At: time.Now()}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDepth counts the queue in which a raid is claimed.
func BenchmarkDepth(b *testing.B) {
	s, _ := raided(b, raid)
	for b.Loop() {
		if d, err := s.Depth(b.Context()); err != nil || d.Entries != raid {
			b.Fatalf("%+v, %v", d, err)
		}
	}
}

// raided returns a store with n claims in one partition.
func raided(b *testing.B, n int) (*sqlite.Store, []actions.Token) {
	b.Helper()
	s, err := sqlite.Open(b.TempDir(), store.Options{Lease: time.Hour, MaxRecords: 10 * raid})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	var tokens []actions.Token
	for len(tokens) < n {
		cases := make([]chat.Case, request)
		for i := range cases {
			cases[i] = removalOf("g", fmt.Sprint("event ", len(tokens)+i))
		}
		if _, err := s.Commit(b.Context(), cases); err != nil {
			b.Fatal(err)
		}
		items, err := s.Claim(b.Context(), store.PartitionOf(cases[0].Event.Group, s.Parts()), request)
		if err != nil || len(items) != request {
			b.Fatalf("claimed %d, %v", len(items), err)
		}
		for _, it := range items {
			tokens = append(tokens, it.Token)
		}
	}
	return s, tokens
}
