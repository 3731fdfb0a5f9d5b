package redis

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

func TestKilledServerLosesNoAcknowledgedCase(t *testing.T) {
	server := redistest.Durable(t)
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 4, Lease: 50 * time.Millisecond})
	var mu sync.Mutex
	acknowledged := map[chat.ActionID]chat.Case{}
	for round := range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for writer := range 8 {
			wait.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					c := removalOf(groupN(writer), round*1_000_000+n)
					got, err := s.Commit(ctx, []chat.Case{c})
					if err == nil && got[0].Queued == 1 {
						mu.Lock()
						acknowledged[c.Actions()[0].ID] = c
						mu.Unlock()
					}
				}
			})
		}
		eventually(t, "some cases are acknowledged", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(acknowledged) >= (round+1)*200
		})
		server.Kill() // in the middle of the writing
		cancel()
		wait.Wait()
		server.Restart(t)
		eventually(t, "the store is back", func() bool { return s.Ping(t.Context()) == nil })
	}
	got := drain(t, s)
	for id, c := range acknowledged {
		if got[id] != 1 {
			t.Errorf("action %s was acknowledged and came out %d times", id, got[id])
		}
		if _, ok, err := s.Record(t.Context(), c.ID); !ok || err != nil {
			t.Errorf("record of case %s: %v, %v", c.ID, ok, err)
		}
	}
}

func TestEmptiedRedisIsUsedAgain(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	raw := rawClient(t, server.Addr)
	g := groupN(1)
	claimed := make(chan actions.Item)
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	wait.Go(func() {
		for ctx.Err() == nil {
			items, err := s.Claim(ctx, 0, 10)
			if err != nil && ctx.Err() == nil {
				t.Errorf("claim: %v", err)
				return
			}
			for _, it := range items {
				select {
				case claimed <- it:
				case <-ctx.Done():
				}
			}
		}
	})
	for n, wreck := range []func() error{
		func() error { return nil },
		func() error { return raw.FlushAll(ctx).Err() },
		func() error { return raw.Del(ctx, partKey(0, kindQueue)).Err() },
		func() error { return raw.XGroupDestroy(ctx, partKey(0, kindQueue), consumers).Err() },
		func() error { return raw.ScriptFlush(ctx).Err() },
	} {
		if err := wreck(); err != nil {
			t.Fatalf("wreck %d: %v", n, err)
		}
		c := removalOf(g, n)
		if _, err := s.Commit(ctx, []chat.Case{c}); err != nil {
			t.Fatalf("commit after wreck %d: %v", n, err)
		}
		for found := false; !found; {
			select {
			case it := <-claimed:
				found = it.Case == c.ID
				settlement := []actions.Settlement{{Item: it, State: actions.Done, At: time.Now()}}
				if err := s.Settle(ctx, settlement); err != nil {
					t.Fatalf("settle after wreck %d: %v", n, err)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("wreck %d: the action never came out", n)
			}
		}
	}
	if n := raw.Get(ctx, metaKey).Val(); n != "1" {
		t.Errorf("the number of partitions is %q after all keys went, want it recorded again", n)
	}
}

func TestStartsWithoutRedisAndWorksOnceItIsThere(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	server.Kill()
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 2})
	if _, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("commit without Redis: %v, want ErrUnavailable", err)
	}
	server.Restart(t)
	eventually(t, "a commit succeeds", func() bool {
		_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
		return err == nil
	})
	// Another number of partitions shows at the first call that reaches Redis, too.
	late, err := Open(canceled(t), server.URL(), 0, store.Options{Partitions: 3}, discard())
	if err != nil {
		t.Fatalf("open without reaching Redis: %v", err)
	}
	defer func() { _ = late.Close() }() // it was never used
	if _, err := late.Commit(t.Context(), nil); !errors.Is(err, store.ErrPartitions) || errors.Is(err, ErrUnavailable) {
		t.Errorf("commit with another number of partitions: %v, want ErrPartitions", err)
	}
}

// canceled is a context with which nothing reaches Redis.
func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestABlackHoleHoldsNobodyLongerThanTheirContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the test is over
	open, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s, err := Open(open, "redis://"+l.Addr().String(), 0, store.Options{Partitions: 1}, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // nothing to close well
	s.checked.Store(true)            // so that the commit itself goes into the hole
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			_, err := s.Commit(ctx, []chat.Case{removalOf(groupN(1), i)})
			if took := time.Since(begin); !errors.Is(err, ErrUnavailable) || took > 800*time.Millisecond {
				t.Errorf("commit after %v: %v, want ErrUnavailable by the end of the context", took, err)
			}
		})
	}
	wait.Wait()
}

func TestFormerFenceDoesNothing(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1, Lease: 50 * time.Millisecond})
	if _, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)}); err != nil {
		t.Fatal(err)
	}
	var first, second []actions.Item
	eventually(t, "the first claim", func() bool { first, _ = s.Claim(t.Context(), 0, 1); return len(first) == 1 })
	eventually(t, "the second claim", func() bool { second, _ = s.Claim(t.Context(), 0, 1); return len(second) == 1 })
	// The same process, so that only the fence tells the claims apart.
	if err := s.Settle(t.Context(), []actions.Settlement{{Item: first[0], State: actions.Done, At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 1 {
		t.Errorf("depth %+v, %v: the former claim ended the entry", d, err)
	}
}

func TestConsumersThatLeftAreDeleted(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	keep := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	leaves := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	for n := range 2 {
		if _, err := keep.Commit(t.Context(), []chat.Case{removalOf(groupN(1), n)}); err != nil {
			t.Fatal(err)
		}
		s := []*Store{keep, leaves}[n]
		eventually(t, "a claim", func() bool {
			items, err := s.Claim(t.Context(), 0, 1)
			if err != nil || len(items) == 0 || s == keep {
				return len(items) == 1
			}
			return s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: actions.Done, At: time.Now()}}) == nil
		})
	}
	if err := leaves.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := rawClient(t, server.Addr).XInfoConsumers(t.Context(), partKey(0, kindQueue), consumers).Result()
	if err != nil || len(names) != 1 || names[0].Name != keep.consumer || names[0].Pending != 1 {
		t.Errorf("consumers %+v, %v, want only the one that holds an entry", names, err)
	}
	if err := keep.Close(); err != nil {
		t.Fatal(err)
	}
	names, err = rawClient(t, server.Addr).XInfoConsumers(t.Context(), partKey(0, kindQueue), consumers).Result()
	if err != nil || len(names) != 1 || names[0].Pending != 1 {
		t.Errorf("consumers %+v, %v: one that holds an entry must stay", names, err)
	}
}
