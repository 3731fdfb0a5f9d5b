package cams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestManyCallersMakeOneFetch(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		s.takes = 3 * time.Second
		var all sync.WaitGroup
		var good atomic.Int32
		for range 50 {
			all.Go(func() {
				if k, err := c.Get(context.Background()); err == nil && k.ID == "a" {
					good.Add(1)
				}
			})
		}
		all.Wait()
		if _, fetches := s.count(); fetches != 1 || good.Load() != 50 {
			t.Fatalf("%d fetches for %d of 50 callers, want 1 for all", fetches, good.Load())
		}
	})
}

func TestACallerWaitsNoLongerThanItsContext(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		s.takes = 10 * time.Second
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.Get(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Fatalf("Get gives %v after %s", err, time.Since(start))
		}
		wantKey(t, c, "a") // the fetch went on, and is not made twice
		if _, fetches := s.count(); fetches != 1 {
			t.Fatalf("%d fetches, want 1", fetches)
		}
	})
}

func TestAGoodCopyIsUsedWhileItIsRefreshed(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		wantKey(t, c, "a")
		s.set(key("b"))
		after(refreshAfter - time.Second)
		wantKey(t, c, "a")
		s.mu.Lock()
		s.takes = 5 * time.Second
		s.mu.Unlock()
		after(2 * time.Second)
		start := time.Now()
		wantKey(t, c, "a")
		if took := time.Since(start); took != 0 {
			t.Fatalf("a caller waited %s although the copy was good", took)
		}
		after(6 * time.Second)
		wantKey(t, c, "b")
		if objects, fetches := s.count(); objects != 1 || fetches != 2 {
			t.Fatalf("%d objects and %d fetches, want 1 and 2", objects, fetches)
		}
	})
}

func TestACredentialIsUsedToItsEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		ends time.Duration // zero: the source does not say
		last time.Duration // still used
		gone time.Duration // no longer
	}{
		"known end":   {170 * time.Second, 164 * time.Second, 166 * time.Second},
		"assumed end": {0, assumedLife - time.Second, assumedLife + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			underTest(t, nil, func(t *testing.T, s *source, c *Credentials) {
				start := time.Now()
				s.set(func(int) (AccessKey, error) {
					k := AccessKey{ID: "a", Secret: "s", Token: "t"}
					if tc.ends > 0 {
						k.Expires = start.Add(tc.ends)
					}
					return k, nil
				})
				wantKey(t, c, "a")
				s.set(away)
				for time.Since(start) < tc.last {
					wantKey(t, c, "a")
					after(time.Second)
				}
				wantKey(t, c, "a")
				after(tc.gone - time.Since(start))
				wantNone(t, c)
				s.set(key("b"))
				after(retryAfter)
				wantKey(t, c, "b")
			})
		})
	}
}

func TestAPermanentKeyHasNoEnd(t *testing.T) {
	underTest(t, nil, func(t *testing.T, s *source, c *Credentials) {
		s.set(func(int) (AccessKey, error) { return AccessKey{ID: "a", Secret: "s"}, nil })
		wantKey(t, c, "a")
		s.set(away)
		after(30 * 24 * time.Hour)
		wantKey(t, c, "a")
		synctest.Wait()
	})
}

func TestTheObjectIsMadeAgainAfterAFailure(t *testing.T) {
	// The library's chain remembers the last source that it tried: an object that failed once
	// fails for ever.
	underTest(t, nil, func(t *testing.T, s *source, c *Credentials) {
		works := false
		s.set(func(object int) (AccessKey, error) {
			if object == 1 || !works {
				return away(object)
			}
			return key("a")(object)
		})
		wantNone(t, c)
		wantNone(t, c) // at once: the source is not asked again
		if _, fetches := s.count(); fetches != 1 {
			t.Fatalf("%d fetches within a second, want 1", fetches)
		}
		s.mu.Lock()
		works = true
		s.mu.Unlock()
		after(retryAfter)
		wantKey(t, c, "a")
	})
}

func TestTheObjectIsMadeAgainWhenItFailsLater(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		wantKey(t, c, "a")
		s.set(func(object int) (AccessKey, error) {
			if object == 1 {
				return away(object)
			}
			return key("b")(object)
		})
		after(refreshAfter)
		wantKey(t, c, "a") // the first object fails beside this call
		after(retryAfter)
		wantKey(t, c, "a")
		after(0)
		wantKey(t, c, "b")
	})
}

func TestAPanicOfTheSourceIsAFailure(t *testing.T) {
	underTest(t, func(int) (AccessKey, error) { panic("nil pointer, secret-a") }, func(t *testing.T, s *source, c *Credentials) {
		_, err := c.Get(context.Background())
		if !errors.Is(err, ErrNoKey) || strings.Contains(err.Error(), "secret") {
			t.Fatalf("Get gives %v", err)
		}
		s.set(key("a"))
		after(retryAfter)
		wantKey(t, c, "a")
	})
}

func TestUselessKeysAreFailures(t *testing.T) {
	for name, k := range map[string]AccessKey{
		"no secret": {ID: "a"}, "no ID": {Secret: "s"}, "ended": {ID: "a", Secret: "s", Expires: time.Unix(1, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			underTest(t, func(int) (AccessKey, error) { return k, nil }, func(t *testing.T, _ *source, c *Credentials) { wantNone(t, c) })
		})
	}
}

func TestARefusedKeyIsFetchedAnew(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		wantKey(t, c, "a")
		old, _ := c.Get(context.Background())
		s.set(key("b"))
		c.Invalidate(old)
		wantKey(t, c, "b")
		c.Invalidate(old) // a slow caller comes late with the old one
		wantKey(t, c, "b")
		if objects, fetches := s.count(); objects != 2 || fetches != 2 {
			t.Fatalf("%d objects and %d fetches, want 2 and 2", objects, fetches)
		}
	})
}

func TestARefusedKeyThatTheSourceKeepsIsNotFetchedByEveryCall(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		for range 10 {
			k, err := c.Get(context.Background())
			if err == nil {
				c.Invalidate(k)
			}
		}
		if _, fetches := s.count(); fetches > 2 {
			t.Fatalf("%d fetches at one moment", fetches)
		}
	})
}

func TestARefusedKeyIsNotUsedWhenThereIsNoOther(t *testing.T) {
	underTest(t, key("a"), func(t *testing.T, s *source, c *Credentials) {
		wantKey(t, c, "a")
		k, _ := c.Get(context.Background())
		c.Invalidate(k)
		s.set(away)
		wantNone(t, c)
	})
}

func TestASourceThatHangsIsGivenUp(t *testing.T) {
	underTest(t, nil, func(t *testing.T, s *source, c *Credentials) {
		stop := make(chan struct{})
		var hung atomic.Int32
		c.source = func() (func() (AccessKey, error), error) {
			return func() (AccessKey, error) {
				hung.Add(1)
				<-stop
				return AccessKey{ID: "late", Secret: "s"}, nil
			}, nil
		}
		for range 20 {
			wantNone(t, c)
			after(stuckAfter)
		}
		if n := hung.Load(); n > maxStuck+1 {
			t.Fatalf("%d goroutines hang, want at most %d", n, maxStuck+1)
		}
		close(stop)
		synctest.Wait()
		c.mu.Lock()
		stuck := c.stuck
		c.mu.Unlock()
		if stuck != 0 {
			t.Fatalf("%d questions still count as stuck", stuck)
		}
	})
}

func TestKeysNeverPrint(t *testing.T) {
	k := AccessKey{ID: "the-id", Secret: "the-secret", Token: "the-token"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k, "pointer", &k, "inside", []AccessKey{k})
	js, err := json.Marshal(struct{ K AccessKey }{k})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		log.WriteString(fmt.Sprintf(verb, k) + fmt.Sprintf(verb, &k) + fmt.Sprintf(verb, struct{ K AccessKey }{k}))
	}
	if all := log.String() + string(js); strings.Contains(all, "the-") || strings.Contains(all, "7468652d") {
		t.Fatalf("a key prints: %s", all)
	}
}
