package cams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// running runs a Roster on a clock of its own until the test function returns.
func running(t *testing.T, groups []chat.GroupID, prepare, test func(t *testing.T, r *rosterRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRosterRig(newFakeStore(), groups...)
		prepare(t, r)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		test(t, r)
		cancel()
		<-done
	})
}

// after lets time pass on the test's clock.
func after(d time.Duration) { <-time.After(d); synctest.Wait() }

func TestRosterSpreadsItsPollsOverTheInterval(t *testing.T) {
	running(t, []chat.GroupID{"G1", "G2", "G3"}, func(_ *testing.T, r *rosterRig) {
		for _, g := range []chat.GroupID{"G1", "G2", "G3"} {
			r.members.set(g, "15550100001")
		}
	}, func(t *testing.T, r *rosterRig) {
		after(55 * time.Second)
		want := []string{"G1 0s", "G2 10s", "G3 20s", "G1 30s", "G2 40s", "G3 50s"}
		if !slices.Equal(r.members.asked, want) {
			t.Errorf("polls are %v, want %v", r.members.asked, want)
		}
	})
}

func TestRosterLearnsGroups(t *testing.T) {
	running(t, []chat.GroupID{"SET"}, func(_ *testing.T, r *rosterRig) {
		r.store.groups["STORED"] = true
		r.members.groups = []GroupInfo{{ID: "LISTED", Status: "ACTIVE"}, {ID: "OLD", Status: "SUSPENDED"}}
		for _, g := range []chat.GroupID{"SET", "STORED", "LISTED", "TOLD", "LATE"} {
			r.members.set(g, "15550100001")
		}
	}, func(t *testing.T, r *rosterRig) {
		after(time.Second)
		for range 100 {
			r.Learn(r.group("TOLD"))
		}
		r.Learn(chat.Group{Provider: chat.Tencent, Account: testSpace, ID: "OTHER"})
		r.Learn(chat.Group{Provider: chat.CAMS, Account: "cams-other", ID: "FOREIGN"})
		r.members.mu.Lock()
		r.members.groups = append(r.members.groups, GroupInfo{ID: "LATE", Status: "ACTIVE"})
		r.members.mu.Unlock()
		after(6 * time.Minute)
		for g, want := range map[chat.GroupID]bool{"SET": true, "STORED": true, "LISTED": true, "TOLD": true, "LATE": true, "OLD": false, "OTHER": false, "FOREIGN": false} {
			if got := r.members.times(g) > 0; got != want {
				t.Errorf("group %s is polled: %v, want %v", g, got, want)
			}
			if want && !r.store.groups[g] {
				t.Errorf("group %s is not stored", g)
			}
		}
		if r.store.learned != 4 {
			t.Errorf("the store was told %d times, want once for each of 4 new groups", r.store.learned)
		}
	})
}

func TestRosterLearnsABoundedNumberOfGroups(t *testing.T) {
	r := newRosterRig(newFakeStore())
	for i := range maxGroups + 100 {
		r.Learn(r.group(chat.GroupID(fmt.Sprintf("G%d", i))))
	}
	r.Learn(r.group(""))
	if len(r.groups) != maxGroups {
		t.Errorf("%d groups are kept, want %d", len(r.groups), maxGroups)
	}
}

func TestRosterOneFailingGroupDoesNotStopTheOthers(t *testing.T) {
	running(t, []chat.GroupID{"BAD", "GOOD"}, func(_ *testing.T, r *rosterRig) {
		r.members.breakWith("BAD", errors.New("131041"))
		r.members.set("GOOD", "15550100001")
	}, func(t *testing.T, r *rosterRig) {
		after(2 * time.Hour)
		if good := r.members.times("GOOD"); good < 239 {
			t.Errorf("the good group was read %d times in 240 rounds", good)
		}
		if bad := r.members.times("BAD"); bad < 5 || bad > 20 {
			t.Errorf("the failing group was read %d times in 240 rounds", bad)
		}
		r.members.set("BAD", "15550100001")
		before := r.members.times("BAD")
		after(2 * time.Hour)
		if again := r.members.times("BAD") - before; again < 150 {
			t.Errorf("the group that works again was read %d times in 240 rounds", again)
		}
	})
}

func TestRosterASlowGroupDoesNotHoldTheOthers(t *testing.T) {
	running(t, []chat.GroupID{"A", "B"}, func(_ *testing.T, r *rosterRig) {
		r.members.lists["A"] = func() ([]chat.MemberID, error) { <-time.After(25 * time.Second); return nil, nil }
		r.members.set("B", "15550100001")
	}, func(t *testing.T, r *rosterRig) {
		after(20 * time.Second)
		if r.members.times("B") != 1 {
			t.Errorf("group B was read %d times while A was slow", r.members.times("B"))
		}
	})
}

func TestRosterOfIntervalZeroIsOff(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.cfg.Interval = 0
	r.Run(t.Context()) // returns
	if len(r.members.asked) != 0 {
		t.Errorf("polls are %v", r.members.asked)
	}
}
