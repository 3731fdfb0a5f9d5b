package actions

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestProviderSwitchedOffKeepsItsActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		stop := start(t, q, s, nil)
		a := removal("g", "a")
		a.Group.Provider = chat.CAMS
		q.add(a)
		elapse(time.Hour)
		synctest.Wait()
		stop()
		if len(q.ended) != 0 || q.renewed != 0 || len(s.seen()) != 0 {
			t.Errorf("%d ended, %d renewed, %d calls: the claim must run out, for others to take it", len(q.ended), q.renewed, len(s.seen()))
		}
	})
}

func TestClaimThatRanOutIsNotActedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{answer: func([]chat.Action, int) Outcome { return Outcome{Class: Limited, Wait: time.Minute} }}
		defer start(t, q, s, nil)()
		q.add(removal("g", "a"))
		synctest.Wait() // the first try was refused for a minute, and the action waits
		q.mu.Lock()
		q.away = true // the store cannot be asked: no claim is renewed
		q.mu.Unlock()
		elapse(30 * time.Second)
		q.mu.Lock()
		q.away = false // by now somebody else has the action
		q.mu.Unlock()
		elapse(10 * time.Minute)
		synctest.Wait()
		if n := len(s.seen()); n != 1 {
			t.Errorf("%d calls, want none after the claim ran out", n)
		}
	})
}

func TestOutcomeIsStoredUnderTheNextClaimToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		q.fail = 8 // the store is away for longer than a claim holds
		defer start(t, q, s, nil)()
		q.add(removal("g", "a"))
		synctest.Wait()
		q.mu.Lock() // the claim ran out, and the next one is ours again
		again := q.entries[0]
		again.Token.Fence++
		q.entries = append(q.entries, again)
		q.claimed = map[string]bool{}
		q.entries = q.entries[1:]
		q.mu.Unlock()
		elapse(20 * time.Minute)
		synctest.Wait()
		if n := len(s.seen()); n != 1 {
			t.Errorf("%d calls, want the one whose outcome is known", n)
		}
	})
}

func TestOutcomesAreStoredHoweverLongTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		q.fail = 12
		defer start(t, q, s, nil)()
		q.add(removal("g", "a"))
		elapse(20 * time.Minute)
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || len(s.seen()) != 1 {
			t.Errorf("ended as %q after %d calls", got.State, len(s.seen()))
		}
		if q.renewed == 0 {
			t.Error("the claim was never renewed meanwhile")
		}
	})
}

func TestStopLetsCallsEndAndGivesBackTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{took: 3 * time.Second}
		for i := range 1_000 {
			a := removal("g", fmt.Sprint("m", i))
			a.Intent.Reason = fmt.Sprint(i)
			q.add(a)
		}
		stop := start(t, q, s, nil)
		elapse(time.Second)
		stop()
		calls := len(s.seen())
		if calls == 0 || len(q.ended) != calls || q.freed != 1_000-calls {
			t.Errorf("%d calls, %d ended, %d given back", calls, len(q.ended), q.freed)
		}
	})
}

func TestAClaimThatRanOutDuringTheCallIsNotCalledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newLeasedQueue(1, 15*time.Second), &fakeSender{took: 40 * time.Second}
		began := time.Now()
		q.fault = func() error {
			if d := time.Since(began); d > time.Second && d < 20*time.Second {
				return errAway
			}
			return nil
		}
		q.add(removal("g", "a"))
		defer startOn(t, q, s, nil)()
		elapse(10 * time.Minute)
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || got.Item.Token.Fence < 2 || len(s.seen()) != 1 {
			t.Errorf("ended as %q by claim %d after %d calls", got.State, got.Item.Token.Fence, len(s.seen()))
		}
	})
}
