package lockdown

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// run has keepers run in a bubble until the test ends.
func run(t *testing.T, keepers ...*bench) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	for _, b := range keepers {
		go func() { b.Run(ctx, time.Now); done <- struct{}{} }()
	}
	t.Cleanup(func() {
		stop()
		for range keepers {
			<-done
		}
	})
}

// wait moves the clock of the bubble and lets everybody who has something to do then do it.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestALockdownEndsWhenItsTimeHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		l := b.lockFor(t, here, 15*time.Minute)
		b.lockFor(t, there, 0)
		run(t, b)
		wait(15*time.Minute - time.Second)
		if n := len(b.store.ends()); n != 0 {
			t.Fatalf("%d lockdowns ended too soon", n)
		}
		wait(2 * time.Second)
		ends := b.store.ends()
		if len(ends) != 1 {
			t.Fatalf("%d cases, want that of the lockdown that has an end", len(ends))
		}
		c := ends[0]
		if c.Of != l.Case || c.Event.Group != here || c.Event.GroupType != chat.Public || c.Code != c.ID.Code() || c.Event.At.After(c.Event.Received) {
			t.Errorf("the case is %+v", c)
		}
		as := c.Actions()
		if len(as) != 1 || as[0].Intent.Kind != chat.Unlock || as[0].Intent.Rule != "raid" || !as[0].Intent.Until.Equal(l.Until) || as[0].Member != "" {
			t.Errorf("the actions are %+v", as)
		}
		if n := testutil.ToFloat64(b.lockdowns); n != 2 {
			t.Errorf("the metric shows %v lockdowns, want 2", n)
		}
		if err := b.DropLock(t.Context(), here, 1); err != nil {
			t.Fatal(err)
		}
		wait(time.Hour)
		if n, calls := len(b.store.ends()), b.store.asked(); n != 1 || calls != 1 {
			t.Errorf("%d cases and %d calls after the lock was gone", n, calls)
		}
		if n := testutil.ToFloat64(b.lockdowns); n != 1 {
			t.Errorf("the metric shows %v lockdowns, want 1", n)
		}
		if strings.Contains(b.log.String(), "level=ERROR") {
			t.Errorf("logged %s", b.log)
		}
	})
}

func TestAnExtendedLockdownEndsAtItsNewEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		b.lockFor(t, here, 10*time.Minute)
		run(t, b)
		wait(5 * time.Minute)
		later := b.lockFor(t, here, 10*time.Minute)
		wait(9 * time.Minute)
		if n := len(b.store.ends()); n != 0 {
			t.Fatalf("%d lockdowns ended at their old end", n)
		}
		wait(2 * time.Minute)
		if ends := b.store.ends(); len(ends) != 1 || !ends[0].Intents[0].Until.Equal(later.Until) {
			t.Errorf("ended %+v", ends)
		}
	})
}

func TestALockThatStaysIsEndedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		b.lockFor(t, here, time.Minute)
		run(t, b)
		wait(time.Minute + time.Second)
		for i, d := range []time.Duration{4 * time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute} {
			wait(d)
			if n, want := len(b.store.ends()), []int{1, 1, 2, 3}[i]; n != want {
				t.Errorf("step %d: %d cases, want %d", i, n, want)
			}
			if n, want := strings.Count(b.log.String(), "a lockdown is overdue"), []int{0, 1, 2, 3}[i]; n != want {
				t.Errorf("step %d: told %d times that it is overdue, want %d", i, n, want)
			}
		}
		ids := map[chat.CaseID]bool{}
		for _, c := range b.store.ends() {
			ids[c.ID] = true
		}
		if len(ids) != 3 {
			t.Errorf("%d different cases, want 3", len(ids))
		}
	})
}

func TestReplicasEndALockdownOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		run(t, b, build(time.Now, b.store), build(time.Now, b.store))
		for range 5 {
			b.lockFor(t, here, time.Minute)
			wait(2 * time.Minute)
		}
		if n := len(b.store.ends()); n != 5 {
			t.Errorf("%d cases for 5 lockdowns", n)
		}
	})
}

func TestLockdownsEndAfterARestartAndAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		b.lockFor(t, here, time.Minute)
		b.lockFor(t, there, 2*time.Minute)
		wait(3 * time.Hour) // nobody runs
		b.store.setAway(true)
		run(t, b)
		wait(time.Minute)
		if n := strings.Count(b.log.String(), "level=WARN"); n != 1 {
			t.Errorf("an outage was logged %d times: %s", n, b.log)
		}
		b.store.setAway(false)
		wait(2 * time.Second)
		if n := len(b.store.ends()); n != 2 {
			t.Errorf("%d lockdowns ended, want both", n)
		}
	})
}

func TestALockThatCannotBeReadKeepsNoOtherStanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := build(time.Now, nil)
		b.store.memos["broken"] = chat.Memo{Kind: memoKind, Key: keyOf(there), Version: 1, Body: []byte("{"), Expires: time.Now().Add(keepLock)}
		b.lockFor(t, here, time.Minute)
		run(t, b)
		wait(3 * time.Minute)
		if n := len(b.store.ends()); n != 1 {
			t.Errorf("%d lockdowns ended, want the one that can be read", n)
		}
		if n := strings.Count(b.log.String(), "cannot be read"); n != 1 {
			t.Errorf("told %d times: %s", n, b.log)
		}
	})
}

func TestALockIsNotForgottenWhileItStands(t *testing.T) {
	for name, d := range map[string]time.Duration{"without an end": 0, "long past its end": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := build(time.Now, nil)
				b.lockFor(t, here, d)
				for range 100 { // a look every ten days, for close to three years
					wait(10 * 24 * time.Hour)
					(&watch{k: b.Keeper}).look(t.Context(), time.Now())
				}
				if _, version, err := b.Lock(t.Context(), here); err != nil || version < 3 {
					t.Errorf("version %d, error %v", version, err)
				}
			})
		})
	}
}
