package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/store"
)

// recorder is a flush that doubles numbers and remembers the groups. Each flush takes some time.
type recorder struct {
	mu     sync.Mutex // guards groups; flushes never overlap, tests read while they run
	groups [][]int
	takes  time.Duration
	err    error
}

func (r *recorder) flush(_ context.Context, reqs []int) ([]int, error) {
	r.mu.Lock()
	r.groups = append(r.groups, slices.Clone(reqs))
	r.mu.Unlock()
	<-time.After(r.takes) // virtual time
	if r.err != nil {
		return nil, r.err
	}
	out := make([]int, len(reqs))
	for i, n := range reqs {
		out[i] = 2 * n
	}
	return out, nil
}

func (r *recorder) sizes() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]int, len(r.groups))
	for i, g := range r.groups {
		out[i] = len(g)
	}
	return out
}

func TestBatcherGroupsWhatWaits(t *testing.T) {
	for _, test := range []struct {
		name  string
		cfg   store.BatchConfig[int]
		reqs  int
		sizes []int
	}{
		{"a lone request goes at once", store.BatchConfig[int]{}, 1, []int{1}},
		{"a backlog goes together", store.BatchConfig[int]{}, 41, []int{1, 40}},
		{"at most 64 requests", store.BatchConfig[int]{}, 1 + 64 + 64 + 3, []int{1, 64, 64, 3}},
		{"at most so many operations", store.BatchConfig[int]{MaxOps: 10, Size: func(int) int { return 3 }}, 8, []int{1, 3, 3, 1}},
		{"a request over the bound goes alone", store.BatchConfig[int]{MaxOps: 2, Size: func(int) int { return 3 }}, 3, []int{1, 1, 1}},
		{"more callers than places to wait", store.BatchConfig[int]{Waiting: 2}, 1 + 9, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{takes: time.Second}
				b := store.NewBatcher(test.cfg, r.flush)
				var wg sync.WaitGroup
				begin := time.Now()
				for i := range test.reqs {
					wg.Go(func() {
						got, err := b.Do(t.Context(), i)
						if err != nil || got != 2*i {
							t.Errorf("request %d: %d, %v, want %d", i, got, err, 2*i)
						}
					})
					if i == 0 {
						synctest.Wait() // its flush runs; the others wait for that
						if took := time.Since(begin); took != 0 || len(r.sizes()) != 1 {
							t.Errorf("the first request waited %v for company, %d flushes", took, len(r.sizes()))
						}
					}
				}
				wg.Wait()
				b.Close()
				if test.sizes != nil && !slices.Equal(r.sizes(), test.sizes) {
					t.Errorf("flushed groups of %v, want %v", r.sizes(), test.sizes)
				}
				all := slices.Concat(r.groups...)
				slices.Sort(all)
				if len(slices.Compact(all)) != test.reqs {
					t.Errorf("flushed %v, want each of %d requests once", r.groups, test.reqs)
				}
			})
		})
	}
}

func TestBatcherErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		b := store.NewBatcher(store.BatchConfig[int]{}, (&recorder{err: broken}).flush)
		if _, err := b.Do(t.Context(), 1); !errors.Is(err, broken) {
			t.Errorf("the flush's error arrives as %v", err)
		}
		b.Close()
		short := store.NewBatcher(store.BatchConfig[int]{}, func(context.Context, []int) ([]int, error) { return nil, nil })
		if _, err := short.Do(t.Context(), 1); err == nil {
			t.Error("a flush without results was taken for success")
		}
		short.Close()
	})
}

func TestBatcherCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Minute}
		b := store.NewBatcher(store.BatchConfig[int]{Waiting: 1}, r.flush)
		defer b.Close()
		leave := func(n int) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := b.Do(ctx, n)
			return err
		}
		var wg sync.WaitGroup
		for _, n := range []int{1, 2, 3} { // in a flush, waiting, and without a place to wait
			wg.Go(func() {
				if err := leave(n); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("request %d: %v, want the deadline", n, err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if got, err := b.Do(t.Context(), 4); err != nil || got != 8 {
			t.Errorf("the next request: %d, %v, want 8", got, err)
		}
		if want := [][]int{{1}, {4}}; !slices.EqualFunc(r.groups, want, slices.Equal) {
			t.Errorf("flushed %v, want %v: those who left while waiting are dropped", r.groups, want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Do(ctx, 5); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who has left before: %v", err)
		}
	})
}

func TestBatcherClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		b := store.NewBatcher(store.BatchConfig[int]{Waiting: 4, MaxRequests: 2}, r.flush)
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				if got, err := b.Do(t.Context(), i); err != nil || got != 2*i {
					t.Errorf("request %d, waiting at the close: %d, %v, want %d", i, got, err, 2*i)
				}
			})
		}
		synctest.Wait()
		b.Close()
		wg.Wait()
		b.Close()
		if _, err := b.Do(t.Context(), 9); !errors.Is(err, store.ErrClosed) {
			t.Errorf("after the close: %v, want ErrClosed", err)
		}
		if all := slices.Concat(r.groups...); len(all) != 5 {
			t.Errorf("flushed %v, want five requests", r.groups)
		}
	})
}

// Callers that race with Close get a result or ErrClosed, and a result only for what was flushed.
func TestBatcherCloseRace(t *testing.T) {
	for range 50 {
		var mu sync.Mutex
		flushed, answered := 0, 0
		b := store.NewBatcher(store.BatchConfig[int]{Waiting: 2}, func(_ context.Context, reqs []int) ([]int, error) {
			mu.Lock()
			flushed += len(reqs)
			mu.Unlock()
			return reqs, nil
		})
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				_, err := b.Do(context.Background(), i)
				if err == nil {
					mu.Lock()
					answered++
					mu.Unlock()
				} else if !errors.Is(err, store.ErrClosed) {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
		b.Close()
		wg.Wait()
		if flushed != answered {
			t.Fatalf("%d requests were flushed and %d answered", flushed, answered)
		}
	}
}
