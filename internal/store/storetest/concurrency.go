package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testConcurrency(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("one case", func(t *testing.T) { testSameCase(t, s) })
	t.Run("one window", func(t *testing.T) { testSameWindow(t, s) })
	t.Run("many claimants", func(t *testing.T) { testClaimants(t, s) })
}

func testSameCase(t *testing.T, s store.Store) {
	g, at := group("same"), recent()
	for round := range 5 {
		c := caseN(g, round, at)
		var fresh, queued atomic.Int32
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				got, err := s.Commit(t.Context(), []chat.Case{c})
				if err != nil {
					t.Errorf("committing: %v", err)
					return
				}
				if !got[0].Known {
					fresh.Add(1)
				}
				queued.Add(int32(got[0].Queued)) //nolint:gosec // 0 or 1
			})
		}
		wg.Wait()
		if fresh.Load() != 1 || queued.Load() != 1 {
			t.Errorf("32 commits of one case: %d not known, %d queued, want 1 and 1", fresh.Load(), queued.Load())
		}
	}
	if items := claimAll(t, s, g, 5); len(items) != 5 {
		t.Errorf("claimed %d entries, want 5", len(items))
	}
}

func testSameWindow(t *testing.T, s store.Store) {
	g, at := group("window"), recent()
	w := chat.Window{ID: "flood", Key: "all", Group: &g, Limit: 100, Within: time.Minute}
	var wg sync.WaitGroup
	var reached atomic.Int32
	for i := range 64 {
		wg.Go(func() {
			l := look(g, seen{id: chat.EventID(fmt.Sprint(i)), at: time.Duration(i) * time.Millisecond}, at, w)
			facts, err := s.Observe(t.Context(), []chat.Look{l, l})
			if err != nil || facts[0].Counts[0] > facts[1].Counts[0] {
				t.Errorf("observing %d: %v, %v", i, facts, err)
				return
			}
			if facts[0].Counts[0] == 64 {
				reached.Add(1)
			}
		})
	}
	wg.Wait()
	if reached.Load() != 1 {
		t.Errorf("%d of 64 events saw all 64, want only the last to arrive", reached.Load())
	}
}

func testClaimants(t *testing.T, s store.Store) {
	const cases, claimants = 200, 8
	g, at := group("claimants"), recent()
	var mu sync.Mutex
	got := map[chat.ActionID]int{}
	var left atomic.Int32
	left.Store(cases)
	var wg sync.WaitGroup
	for range claimants {
		wg.Go(func() {
			for left.Load() > 0 {
				items, err := s.Claim(t.Context(), partOf(s, g), 7)
				if err != nil {
					t.Errorf("claiming: %v", err)
					return
				}
				var out []actions.Settlement
				mu.Lock()
				for _, it := range items {
					got[it.ID]++
					out = append(out, actions.Settlement{Item: it, State: actions.Done, At: at})
				}
				mu.Unlock()
				if err := s.Settle(t.Context(), out); err != nil {
					t.Errorf("settling: %v", err)
					return
				}
				left.Add(-int32(len(items))) //nolint:gosec // at most 7
			}
		})
	}
	for i := range cases {
		wg.Go(func() {
			if _, err := s.Commit(t.Context(), []chat.Case{caseN(g, i, at)}); err != nil {
				t.Errorf("committing: %v", err)
				left.Add(-1) // or the claimants would wait for it
			}
		})
	}
	wg.Wait()
	for id, n := range got {
		if n != 1 {
			t.Errorf("action %s was claimed %d times, want once", id, n)
		}
	}
	if len(got) != cases {
		t.Errorf("%d actions were claimed, want %d", len(got), cases)
	}
}
