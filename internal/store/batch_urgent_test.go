package store_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/store"
)

// Numbers over a hundred are urgent.
func TestBatcherTakesUrgentRequestsFirstAndStarvesNobody(t *testing.T) {
	for _, test := range []struct {
		name   string
		cfg    store.BatchConfig[int]
		reqs   []int // handed in while the first one, 0, is being flushed
		groups [][]int
	}{
		{"urgent ones first", store.BatchConfig[int]{}, []int{1, 2, 101, 3, 102}, [][]int{{0}, {101, 102, 1, 2, 3}}},
		{"one of the others in each group", store.BatchConfig[int]{MaxRequests: 4}, []int{1, 2, 101, 102, 103, 104, 105},
			[][]int{{0}, {101, 102, 103, 1}, {104, 105, 2}}},
		{"the whole group when there are no others", store.BatchConfig[int]{MaxRequests: 4}, []int{101, 102, 103, 104, 105},
			[][]int{{0}, {101, 102, 103, 104}, {105}}},
		{"by operations", store.BatchConfig[int]{MaxOps: 8, Size: func(int) int { return 2 }}, []int{1, 2, 101, 102, 103, 104},
			[][]int{{0}, {101, 102, 103, 1}, {104, 2}}},
		{"one that is too large goes with one of the others", store.BatchConfig[int]{MaxOps: 8, Size: func(int) int { return 9 }}, []int{1, 2, 101, 102},
			[][]int{{0}, {101, 1}, {102, 2}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := recorder{takes: time.Second}
				test.cfg.Urgent = func(n int) bool { return n > 100 }
				b := store.NewBatcher(test.cfg, r.flush)
				var callers sync.WaitGroup
				for _, n := range append([]int{0}, test.reqs...) {
					callers.Go(func() {
						if got, err := b.Do(t.Context(), n); err != nil || got != 2*n {
							t.Errorf("%d: %d, %v", n, got, err)
						}
					})
					synctest.Wait() // in this order
				}
				callers.Wait()
				b.Close()
				if !slices.EqualFunc(r.groups, test.groups, slices.Equal) {
					t.Errorf("flushed %v, want %v", r.groups, test.groups)
				}
			})
		})
	}
}
