package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testClaim(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("order", func(t *testing.T) { testClaimOrder(t, open(t, fresh, store.Options{})) })
	t.Run("leases", func(t *testing.T) { testLeases(t, open(t, fresh, store.Options{Lease: shortLease})) })
	t.Run("renewal", func(t *testing.T) { testRenew(t, open(t, fresh, store.Options{Lease: 8 * shortLease})) })
	t.Run("a wait is short beside a lease", func(t *testing.T) { testShortWait(t, open(t, fresh, store.Options{Lease: time.Second})) })
	t.Run("waiting", func(t *testing.T) { testWaiting(t, open(t, fresh, store.Options{})) })
}

func testClaimOrder(t *testing.T, s store.Store) {
	g, at := group("order"), recent()
	var cases []chat.Case
	for i := range 6 {
		cases = append(cases, caseN(g, i, at.Add(-time.Duration(i)*time.Second))) // event times run backwards
	}
	before := time.Now()
	commit(t, s, cases[:4]...)
	commit(t, s, cases[4:]...)
	if d := depth(t, s); d.Entries != 6 || d.Oldest.Before(before.Add(-time.Minute)) || d.Oldest.After(time.Now().Add(time.Minute)) {
		t.Errorf("depth %+v, want 6 entries of just now", d)
	}
	first := claim(t, s, partOf(s, g), 2)
	rest := claim(t, s, partOf(s, g), 100)
	if got, want := members(slices.Concat(first, rest)), []chat.MemberID{"m0", "m1", "m2", "m3", "m4", "m5"}; !slices.Equal(got, want) || len(first) != 2 {
		t.Fatalf("claimed %v, then %v, want %v in order", members(first), members(rest), want)
	}
	settle(t, s, actions.Free, first...)
	settle(t, s, actions.Free, rest...)
	again := claimAll(t, s, g, 6)
	if got, want := members(again), members(slices.Concat(first, rest)); !slices.Equal(got, want) {
		t.Errorf("after all were freed: %v, want %v", got, want)
	}
	for i, it := range again {
		if it.Deliveries != 2 || it.Attempts != 0 || it.Token.Entry != slices.Concat(first, rest)[i].Token.Entry || it.Token.Fence <= first[0].Token.Fence {
			t.Errorf("freed and claimed again: %+v, want a second delivery of the same entry and a higher fence", it)
		}
	}
	settle(t, s, actions.Done, again...)
	// Partitions are apart, and every group's is where PartitionOf says.
	for i := range 40 {
		g := group(chat.GroupID([]byte{'p', byte(i)}))
		commit(t, s, caseOf(g, "e", "m", at))
		if it := claimOne(t, s, g); it.Group != g || it.Token.Part != partOf(s, g) {
			t.Errorf("claimed %+v from the partition of group %q", it, g.ID)
		}
	}
}

func testLeases(t *testing.T, s store.Store) {
	g, at := group("leases"), recent()
	for i := range 3 {
		commit(t, s, caseN(g, i, at))
	}
	first := claimAll(t, s, g, 3)
	second := claimAll(t, s, g, 3) // blocks until the leases have run out
	if got, want := members(second), members(first); !slices.Equal(got, want) {
		t.Fatalf("claimed again %v, want %v", got, want)
	}
	for i, it := range second {
		if it.Deliveries < 2 || it.Attempts != 0 || it.Token.Fence <= first[i].Token.Fence {
			t.Errorf("%+v after %+v: want one more delivery, no attempt, a higher fence", it, first[i])
		}
	}
	// A new claim may have run out meanwhile, so the third is taken with a settlement in between.
	settle(t, s, actions.Done, second...)
	waitFor(t, "the entries to end", func() bool {
		if depth(t, s).Entries == 0 {
			return true
		}
		settle(t, s, actions.Done, claim(t, s, partOf(s, g), 3)...)
		return false
	})
}

func testRenew(t *testing.T, s store.Store) {
	g, at := group("renew"), recent()
	commit(t, s, caseOf(g, "e", "m", at))
	held := claimOne(t, s, g)
	ctx, cancel := context.WithTimeout(t.Context(), 20*shortLease)
	defer cancel()
	tick := time.NewTicker(shortLease)
	defer tick.Stop()
	for renewing := true; renewing; {
		select {
		case <-tick.C:
			if err := s.Renew(t.Context(), []actions.Token{held.Token}); err != nil {
				t.Fatalf("renewing: %v", err)
			}
			quick, stop := context.WithTimeout(t.Context(), shortLease/10)
			items, _ := s.Claim(quick, held.Token.Part, 1)
			stop()
			if len(items) != 0 {
				t.Fatalf("a renewed claim was taken over: %+v", items)
			}
		case <-ctx.Done():
			renewing = false
		}
	}
	taken := claimOne(t, s, g) // no longer renewed
	if err := s.Renew(t.Context(), []actions.Token{held.Token}); err != nil {
		t.Fatalf("renewing a claim that was taken over: %v", err)
	}
	again := claimOne(t, s, g)
	if again.Token.Fence <= taken.Token.Fence || taken.Token.Fence <= held.Token.Fence {
		t.Errorf("fences %d, %d, %d do not grow", held.Token.Fence, taken.Token.Fence, again.Token.Fence)
	}
	settle(t, s, actions.Done, again)
	if err := s.Renew(t.Context(), []actions.Token{held.Token, taken.Token}); err != nil {
		t.Errorf("renewing entries that ended: %v", err)
	}
	if err := s.Renew(t.Context(), nil); err != nil {
		t.Errorf("renewing nothing: %v", err)
	}
	if d := depth(t, s); d.Entries != 0 {
		t.Errorf("renewing brought an entry back: %+v", d)
	}
}

// testShortWait takes the best of some tries: a busy machine can hold up any one of them.
func testShortWait(t *testing.T, s store.Store) {
	g := group("short wait")
	claim(t, s, partOf(s, g), 1) // what a first claim sets up takes time, too
	best := time.Hour
	for range 5 {
		begin := time.Now()
		if items := claim(t, s, partOf(s, g), 1); len(items) != 0 {
			t.Fatalf("claimed %v from an empty partition", members(items))
		}
		best = min(best, time.Since(begin))
	}
	if best > 400*time.Millisecond {
		t.Errorf("an empty claim waits %v beside a lease of a second, want a quarter of that", best)
	}
}

func testWaiting(t *testing.T, s store.Store) {
	g := group("waiting")
	begin := time.Now()
	if items := claim(t, s, partOf(s, g), 5); len(items) != 0 {
		t.Fatalf("claimed %v from an empty partition", members(items))
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("an empty claim took %v, want about a second", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		_, err := s.Claim(ctx, partOf(s, g), 5)
		over <- err
	}()
	cancel()
	select {
	case err := <-over:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled claim: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("a cancelled claim goes on")
	}
	// Claims that wait find what is committed meanwhile, each at most one second at a time.
	got := make(chan []actions.Item, 1)
	go func() {
		for {
			items, err := s.Claim(t.Context(), partOf(s, g), 5)
			if err != nil || len(items) > 0 {
				got <- items
				return
			}
		}
	}()
	commit(t, s, caseOf(g, "e", "m", recent()))
	select {
	case items := <-got:
		if len(items) != 1 {
			t.Errorf("a waiting claim got %v, want one entry", members(items))
		}
	case <-time.After(patience):
		t.Fatal("a waiting claim missed a new entry")
	}
}
