package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// BenchmarkCommit compares group commit with one script call per case, 64 callers each, on a server
// that syncs every write. The two take turns, so that a busy machine slows both.
func BenchmarkCommit(b *testing.B) {
	for _, groups := range []int{1, 64} { // a raid on one group, and traffic everywhere
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			s := openAt(b, redistest.Durable(b).URL(), 0, store.Options{})
			var next atomic.Int64
			batched := func(ctx context.Context, c chat.Case) error {
				_, err := s.Commit(ctx, []chat.Case{c})
				return err
			}
			single := func(ctx context.Context, c chat.Case) error {
				part := store.PartitionOf(c.Event.Group, s.o.Partitions)
				e, err := encode(part, &c, time.Now())
				if err != nil {
					return err
				}
				_, err = s.flushCommit(part)(ctx, [][]entry{{e}})
				return err
			}
			const round = 4096
			var took [2]time.Duration
			for b.Loop() {
				took[0] += hammer(b, &next, groups, round, batched)
				took[1] += hammer(b, &next, groups, round, single)
			}
			total := float64(b.N * round)
			b.ReportMetric(total/took[0].Seconds(), "batched/s")
			b.ReportMetric(total/took[1].Seconds(), "single/s")
			b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "ratio")
		})
	}
}

// hammer commits cases from 64 goroutines and returns how long all took.
func hammer(b *testing.B, next *atomic.Int64, groups, cases int, commit func(context.Context, chat.Case) error) time.Duration {
	b.Helper()
	begin, last := time.Now(), next.Load()+int64(cases)
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for {
				n := next.Add(1)
				if n > last {
					return
				}
				if err := commit(b.Context(), removalOf(groupN(int(n)%groups), int(n))); err != nil {
					b.Errorf("commit: %v", err)
					return
				}
			}
		})
	}
	wait.Wait()
	next.Store(last)
	return time.Since(begin)
}

// BenchmarkObserve is one event's trip with two windows, from 64 goroutines.
func BenchmarkObserve(b *testing.B) {
	observeInParallel(b, func(g chat.Group, member string, _ int64) []chat.Window {
		return []chat.Window{
			{ID: "flood", Key: member, Group: &g, Limit: 5, Within: 10 * time.Second},
			{ID: "same", Key: member, Limit: 3, Within: time.Minute},
		}
	})
}

// BenchmarkObserveTrail is the same with a trail beside a window: each group's is full and holds
// notes that all differ.
func BenchmarkObserveTrail(b *testing.B) {
	observeInParallel(b, func(g chat.Group, member string, n int64) []chat.Window {
		return []chat.Window{
			{ID: "flood", Key: member, Group: &g, Limit: 5, Within: 10 * time.Second},
			{ID: "near", Group: &g, Limit: 5, Within: time.Minute, Note: fmt.Sprintf("%064d", n)},
		}
	})
}

// BenchmarkObserveJoin is the trip of somebody who joins, each one new, with the window that counts the
// joins of the group.
func BenchmarkObserveJoin(b *testing.B) {
	s := openAt(b, redistest.Durable(b).URL(), 0, store.Options{})
	var next atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			g, member := groupN(int(n)%64), fmt.Sprintf("m%d", n)
			look := chat.Look{
				Event: chat.EventID(fmt.Sprint(n)), Group: g, Member: chat.MemberID(member), Kind: chat.Join, At: time.Now(),
				KeepJoin: time.Hour, Exact: true, Windows: []chat.Window{{ID: "raid", Group: &g, Limit: 20, Within: time.Minute}},
			}
			if _, err := s.Observe(b.Context(), []chat.Look{look}); err != nil {
				b.Errorf("observe: %v", err)
				return
			}
		}
	})
}

func observeInParallel(b *testing.B, windows func(g chat.Group, member string, n int64) []chat.Window) {
	b.Helper()
	s := openAt(b, redistest.Durable(b).URL(), 0, store.Options{})
	var next atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			g := groupN(int(n) % 64)
			member := fmt.Sprintf("m%d", n%1000)
			look := chat.Look{
				Event: chat.EventID(fmt.Sprint(n)), Group: g, Member: chat.MemberID(member), Kind: chat.Message, At: time.Now(), Joined: true,
				Windows: windows(g, member, n),
			}
			if _, err := s.Observe(b.Context(), []chat.Look{look}); err != nil {
				b.Errorf("observe: %v", err)
				return
			}
		}
	})
}
