package sqlite_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// BenchmarkCommit commits one case with one action per operation, each on disk before it returns.
func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := benchStore(b)
			var n atomic.Int64
			inParallel(b, callers, func() error {
				c := removalOf("g", fmt.Sprint("event ", n.Add(1)))
				_, err := s.Commit(b.Context(), []chat.Case{c})
				return err
			})
		})
	}
}

// BenchmarkObserve looks at one window per operation, of 1,000 members in turn.
func BenchmarkObserve(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := benchStore(b)
			g := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "g"}
			begin := time.Now()
			var n atomic.Int64
			inParallel(b, callers, func() error {
				i := n.Add(1)
				_, err := s.Observe(b.Context(), []chat.Look{{
					Event: chat.EventID(fmt.Sprint("event ", i)), Group: g, Member: "m", Kind: chat.Message,
					At:      begin.Add(time.Duration(i) * time.Millisecond),
					Windows: []chat.Window{{ID: "flood", Key: fmt.Sprint(i % 1000), Group: &g, Limit: 5, Within: 10 * time.Second}},
				}})
				return err
			})
		})
	}
}

// BenchmarkJoin is the look of somebody who joins, each one new, with the window that counts the joins
// of the group.
func BenchmarkJoin(b *testing.B) {
	s := benchStore(b)
	begin := time.Now()
	var n atomic.Int64
	inParallel(b, 64, func() error {
		i := n.Add(1)
		g := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(fmt.Sprint("g", i%64))}
		_, err := s.Observe(b.Context(), []chat.Look{{
			Event: chat.EventID(fmt.Sprint("join ", i)), Group: g, Member: chat.MemberID(fmt.Sprint(i)), Kind: chat.Join,
			At: begin.Add(time.Duration(i) * time.Millisecond), KeepJoin: time.Hour, Exact: true,
			Windows: []chat.Window{{ID: "raid", Group: &g, Limit: 20, Within: time.Minute}},
		}})
		return err
	})
}

// BenchmarkTrail looks at one trail per operation, of 100 groups in turn: each holds 20 members who
// speak one after another, by a rule that looks for 20.
func BenchmarkTrail(b *testing.B) {
	s := benchStore(b)
	begin := time.Now()
	var n atomic.Int64
	inParallel(b, 64, func() error {
		i := n.Add(1)
		_, err := s.Observe(b.Context(), []chat.Look{{
			Event: chat.EventID(fmt.Sprint("event ", i)), Member: "m", Kind: chat.Message,
			At: begin.Add(time.Duration(i) * time.Millisecond),
			Windows: []chat.Window{{
				ID: "members", Key: fmt.Sprint(i % 100), Limit: 20, Within: 10 * time.Second, Note: fmt.Sprint("member ", i/100%20),
			}},
		}})
		return err
	})
}

func benchStore(b *testing.B) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func inParallel(b *testing.B, callers int, op func() error) {
	b.Helper()
	b.ReportAllocs()
	procs := runtime.GOMAXPROCS(0)
	if callers < procs {
		for b.Loop() {
			if err := op(); err != nil {
				b.Fatal(err)
			}
		}
	} else {
		b.SetParallelism(callers / procs)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := op(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
}
