package storetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// discard takes actions off a shelf for good and checks how many there were.
func discard(t *testing.T, s store.Store, what string, shelf actions.Shelf, want int, of ...chat.Action) {
	t.Helper()
	if n, err := s.Discard(t.Context(), shelf, of); err != nil || n != want {
		t.Errorf("%s: %d of %d were dropped from shelf %s, %v, want %d", what, n, len(of), shelf, err, want)
	}
}

func testNotThere(t *testing.T, s store.Store) {
	at := recent()
	g := group("not there")
	held := shelve(t, s, actions.HeldShelf, caseOf(g, "held", "m1", at))
	gone := shelve(t, s, actions.DeadShelf, caseOf(g, "dead", "m2", at))
	waiting := caseOf(g, "waiting", "m3", at)
	commit(t, s, waiting)
	unseen := caseOf(group("never seen"), "e", "m", at)
	never, pending := unseen.Actions()[0], waiting.Actions()[0]
	for _, shelf := range []actions.Shelf{actions.HeldShelf, actions.DeadShelf} {
		other := gone
		if shelf == actions.DeadShelf {
			other = held
		}
		requeue(t, s, "nothing", shelf, 0, at)
		requeue(t, s, "not there", shelf, 0, at, never, pending, other)
		discard(t, s, "nothing", shelf, 0)
		discard(t, s, "not there", shelf, 0, never, pending, other)
	}
	wantDepth(t, s, "after all that", 1, 1, 1)
	wantStates(t, s, "the held one", held.Case, "held")
	wantStates(t, s, "the dead one", gone.Case, "dead")
	wantStates(t, s, "the waiting one", pending.Case)
	wantQueued(t, s, "one equal to the held one", caseOf(g, "e1", "m1", at), 0)
	wantQueued(t, s, "one equal to the waiting one", caseOf(g, "e3", "m3", at), 0)
	requeue(t, s, "twice, among others", actions.HeldShelf, 1, at, never, held, pending, held, gone)
	discard(t, s, "twice, among others", actions.DeadShelf, 1, never, gone, held, gone)
	wantDepth(t, s, "at the end", 2, 0, 0)
}

// testRequeueMany has several operators take the same letters off the shelf at once.
func testRequeueMany(t *testing.T, s store.Store) {
	const n = 300
	at := recent()
	g := group("many")
	cases := make([]chat.Case, n)
	for i := range cases {
		cases[i] = caseN(g, i, at)
	}
	commit(t, s, cases...)
	items := claimAll(t, s, g, n)
	settle(t, s, actions.Held, items...)
	of := make([]chat.Action, n)
	for i, it := range items {
		of[i] = it.Action
	}
	var queued, dropped atomic.Int32
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			take, sum := s.Discard, &dropped
			if i%3 != 0 {
				take, sum = func(ctx context.Context, shelf actions.Shelf, of []chat.Action) (int, error) {
					return s.Requeue(ctx, shelf, of, at)
				}, &queued
			}
			got, err := take(t.Context(), actions.HeldShelf, of)
			if err != nil {
				t.Errorf("taking %d letters off: %v", n, err)
			}
			sum.Add(int32(got)) //nolint:gosec // at most 300
		})
	}
	wg.Wait()
	if sum := queued.Load() + dropped.Load(); sum != n {
		t.Errorf("%d queued and %d dropped of %d", queued.Load(), dropped.Load(), n)
	}
	wantDepth(t, s, "after all", int(queued.Load()), 0, 0)
	again, seen := claimAll(t, s, g, int(queued.Load())), map[chat.ActionID]bool{}
	for _, it := range again {
		if seen[it.ID] {
			t.Errorf("action %s is queued twice", it.ID)
		}
		seen[it.ID] = true
	}
	for _, a := range of {
		want := "dropped"
		if seen[a.ID] {
			want = "released"
		}
		wantStates(t, s, string(a.Member), a.Case, "held", want)
	}
}

func testDiscard(t *testing.T, s store.Store) {
	at := recent()
	for _, shelf := range []actions.Shelf{actions.HeldShelf, actions.DeadShelf} {
		g := group(chat.GroupID("discard " + shelf))
		a := shelve(t, s, shelf, caseOf(g, "e1", "m", at))
		b := shelve(t, s, shelf, caseOf(g, "e2", "m2", at))
		discard(t, s, "both", shelf, 2, a, b)
		discard(t, s, "both again", shelf, 0, a, b)
		wantDepth(t, s, "both dropped from "+string(shelf), 0, 0, 0)
		wantStates(t, s, "dropped from "+string(shelf), a.Case, string(shelf), "dropped")
		wantQueued(t, s, "an equal action", caseOf(g, "e3", "m", at), 1)
		settle(t, s, actions.Done, claimOne(t, s, g))
	}
	// The mark of an equal action stays.
	g := group("discard beside")
	a := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at))
	if err := s.Forget(t.Context(), []chat.Action{a}); err != nil {
		t.Fatal(err)
	}
	wantQueued(t, s, "an equal action", caseOf(g, "e2", "m", at), 1)
	discard(t, s, "beside an equal action", actions.HeldShelf, 1, a)
	wantQueued(t, s, "a third one", caseOf(g, "e3", "m", at), 0)
}

func testForget(t *testing.T, s store.Store) {
	at := recent()
	for _, state := range []actions.State{"", actions.Done, actions.Spared, actions.Held, actions.Dead} {
		g := group(chat.GroupID("forget " + state))
		c, other := caseOf(g, "e1", "m", at), caseOf(g, "e1 other", "other", at)
		commit(t, s, c)
		if state != "" {
			settle(t, s, state, claimOne(t, s, g))
		}
		commit(t, s, other)
		before := depth(t, s)
		equal := caseOf(g, "e2", "m", at.Add(time.Millisecond))
		if err := s.Forget(t.Context(), []chat.Action{equal.Actions()[0]}); err != nil {
			t.Fatalf("forgetting what was never decided: %v", err)
		}
		if state != actions.Dead {
			wantQueued(t, s, "an equal action's mark, after "+string(state), caseOf(g, "e3", "m", at), 0)
		}
		if err := s.Forget(t.Context(), c.Actions()); err != nil {
			t.Fatalf("forgetting: %v", err)
		}
		if after := depth(t, s); after != before {
			t.Errorf("forgetting changed the depth from %+v to %+v", before, after)
		}
		wantQueued(t, s, "forgotten after "+string(state), equal, 1)
		wantQueued(t, s, "the other member's", caseOf(g, "e4", "other", at), 0)
	}
	if err := s.Forget(t.Context(), nil); err != nil {
		t.Errorf("forgetting nothing: %v", err)
	}
}
