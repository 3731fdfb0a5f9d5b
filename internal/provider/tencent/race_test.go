package tencent

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

// turn is a step that a replica wants to make.
type turn struct {
	who  int
	may  chan string // how the step goes: empty, or one of the faults below
	over bool        // the replica has nothing more to do
}

// What can go wrong with a step. The replica hears of nothing but a failure in either case.
const (
	lostBefore = "without effect"
	lostAfter  = "with effect"
)

// race lets replicas with one store and one provider make their steps one at a time, in an order that
// the test chooses.
type race struct {
	*rig
	locks    *memoryLocks
	replicas []*Sender
	turns    chan turn
}

// ask waits for a replica's turn.
func (r *race) ask(who int) string {
	t := turn{who: who, may: make(chan string)}
	r.turns <- t
	return <-t.may
}

// racingLocks are the locks as one replica sees them.
type racingLocks struct {
	*race
	who int
}

func (l racingLocks) Lock(ctx context.Context, g chat.Group) (chat.Lock, int64, error) {
	if l.ask(l.who) != "" {
		return chat.Lock{}, 0, errLocksAway
	}
	return l.locks.Lock(ctx, g)
}

func (l racingLocks) SaveLock(ctx context.Context, c chat.Lock, version int64) error {
	how := l.ask(l.who)
	if how == lostBefore {
		return errLocksAway
	}
	if err := l.locks.SaveLock(ctx, c, version); err != nil || how == "" {
		return err
	}
	return errLocksAway
}

func (l racingLocks) DropLock(ctx context.Context, g chat.Group, version int64) error {
	how := l.ask(l.who)
	if how == lostBefore {
		return errLocksAway
	}
	if err := l.locks.DropLock(ctx, g, version); err != nil || how == "" {
		return err
	}
	return errLocksAway
}

// newRace returns n replicas. The rig's own sender takes no part in the race.
func newRace(t *testing.T, n int) *race {
	t.Helper()
	r := &race{turns: make(chan turn)}
	r.rig, r.locks = lockRig(t, chat.Public)
	for who := range n {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			switch r.ask(who) {
			case lostBefore:
				panic(http.ErrAbortHandler)
			case lostAfter:
				r.ServeHTTP(httptest.NewRecorder(), req)
				panic(http.ErrAbortHandler)
			}
			r.ServeHTTP(w, req)
		}))
		t.Cleanup(srv.Close)
		caller := provider.NewCaller(prometheus.NewRegistry(), "tencent")
		t.Cleanup(caller.Close)
		s, err := NewSender(SenderConfig{
			SDKAppID: testAppID, Identifier: testAdmin, Key: vectorKey, Endpoint: srv.URL, Locks: racingLocks{r, who},
		}, caller, actions.Gate{Limiter: r.taken, Account: "a"}, func() time.Time { return r.now })
		if err != nil {
			t.Fatal(err)
		}
		r.replicas = append(r.replicas, s)
	}
	return r
}

// run has each replica try its action until it is done. next chooses whose turn it is among the
// replicas that wait, and how the step goes.
func (r *race) run(t *testing.T, todo []chat.Action, next func(waiting int) (int, string)) (codes []string) {
	codes = make([]string, len(todo))
	for who, a := range todo {
		go func() {
			route := actions.Route{API: apiModify, Max: 1}
			for range 50 {
				if o := r.replicas[who].Send(t.Context(), route, []chat.Action{a})[0]; o.Class == actions.OK {
					codes[who] = o.Code
					break
				}
			}
			r.turns <- turn{who: who, over: true}
		}()
	}
	var waiting []turn
	for live := len(todo); live > 0; {
		for len(waiting) < live {
			got := <-r.turns
			at := len(waiting)
			for at > 0 && waiting[at-1].who > got.who {
				at--
			}
			if got.over {
				live--
				continue
			}
			waiting = append(waiting[:at], append([]turn{got}, waiting[at:]...)...)
		}
		if live == 0 {
			break
		}
		i, how := next(len(waiting))
		waiting[i].may <- how
		waiting = append(waiting[:i], waiting[i+1:]...)
	}
	return codes
}

// standing starts a race from a lockdown that ends in a minute. It returns how the group was before.
func (r *race) standing(t *testing.T) (was map[string]string, end time.Time) {
	t.Helper()
	was, end = maps.Clone(r.settings), r.now.Add(time.Minute)
	lock := toLock(chat.Public, "close")
	lock.Intent.Until = end
	if o, _ := r.one(t, lock); o.Class != actions.OK {
		t.Fatal(o)
	}
	return was, end
}

// endAndExtension returns the end of a lockdown, and another lockdown that comes at the same time.
func endAndExtension(end time.Time) (unlock, more chat.Action) {
	unlock, more = toUnlock(chat.Public), toLock(chat.Public, "close")
	unlock.Intent.Until, more.Intent.Until = end, end.Add(time.Hour)
	more.Case = "c2"
	return unlock, more
}

// The other replica reads the settings while they are still locked, and they are opened then.
func TestALockdownThatComesDuringAnEndIsNotOpened(t *testing.T) {
	r := newRace(t, 2)
	_, end := r.standing(t)
	unlock, more := endAndExtension(end)
	// The end reads the lock, the settings and the lock, and marks it; the lockdown reads both and stores
	// that it holds; then the end opens the group.
	order := []int{0, 0, 0, 0, 1, 1, 1}
	codes := r.run(t, []chat.Action{unlock, more}, func(waiting int) (int, string) {
		if len(order) == 0 || waiting < 2 {
			return 0, ""
		}
		i := order[0]
		order = order[1:]
		return i, ""
	})
	l := r.locks.lock
	if codes[0] != outExtended || r.settings[setApply] != noApply || r.settings[setInvite] != noInvite || !l.Applied || !l.Until.Equal(more.Intent.Until) {
		t.Errorf("ended as %q, settings %v, lock %+v", codes, r.settings, l)
	}
}

// However the steps of replicas mix and fail, the group is locked as long as somebody wants it to be, and
// afterwards is what it was.
func TestReplicasAgreeOnWhetherAGroupIsLocked(t *testing.T) {
	r := newRace(t, 3) // one for all: each has servers and connections
	open := maps.Clone(r.settings)
	rapid.Check(t, func(rt *rapid.T) {
		r.settings, r.locks.lock, r.locks.version = maps.Clone(open), chat.Lock{}, 0
		was, end := r.standing(t)
		unlock, more := endAndExtension(end)
		todo := []chat.Action{unlock, more}
		if rapid.Bool().Draw(rt, "third") {
			todo = append(todo, more)
		}
		// All is drawn beforehand: a race must come to its end.
		order := rapid.SliceOfN(rapid.IntRange(0, 2), 0, 60).Draw(rt, "order")
		faults := rapid.MapOfN(rapid.IntRange(0, 40), rapid.SampledFrom([]string{lostBefore, lostAfter}), 0, 4).Draw(rt, "faults")
		step := -1
		codes := r.run(t, todo, func(waiting int) (int, string) {
			if step++; step < len(order) {
				return order[step] % waiting, faults[step]
			}
			return 0, faults[step]
		})
		l, locked := r.locks.lock, r.locks.version > 0
		shut := r.settings[setApply] == noApply && r.settings[setInvite] == noInvite
		switch {
		case !locked:
			rt.Fatalf("the lockdown is lost: %q, settings %v", codes, r.settings)
		case !shut, !l.Applied, !l.Until.Equal(more.Intent.Until):
			rt.Fatalf("locked, and not shut: %q, settings %v, lock %+v", codes, r.settings, l)
		}
		unlock.Intent.Until = more.Intent.Until
		if r.one(t, unlock); !maps.Equal(r.settings, was) || r.locks.version != 0 {
			rt.Fatalf("after the end: settings %v, want %v, lock %+v", r.settings, was, r.locks.lock)
		}
	})
}

// An extension outlives an earlier end, and so does what an admin chose meanwhile, for later.
func TestALockdownThatGoesOnIsShutAgain(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	lock := toLock(chat.Public, "close")
	lock.Intent.Until = r.now.Add(time.Hour)
	r.one(t, lock)
	r.settings[setApply], r.settings[setInvite] = "NeedPermission", "NeedPermission"
	unlock := toUnlock(chat.Public)
	unlock.Intent.Until = r.now.Add(time.Minute)
	if o, apis := r.one(t, unlock); o.Class != actions.OK || o.Code != outExtended || apis != wholeLockdown {
		t.Errorf("%+v after %q", o, apis)
	}
	if l := locks.lock; r.settings[setApply] != noApply || r.settings[setInvite] != noInvite || !l.Applied || !l.Until.Equal(lock.Intent.Until) {
		t.Errorf("settings %v, lock %+v", r.settings, l)
	}
	unlock.Intent.Until = lock.Intent.Until
	if r.one(t, unlock); r.settings[setApply] != "NeedPermission" || r.settings[setInvite] != "NeedPermission" {
		t.Errorf("after the end: %v", r.settings)
	}
	// Past its own end nothing is shut any more.
	lock.Intent.Until = r.now.Add(time.Hour)
	r.one(t, lock)
	r.settings[setApply], r.now = "FreeAccess", r.now.Add(2*time.Hour)
	unlock.Intent.Until = r.now.Add(-90 * time.Minute)
	if o, apis := r.one(t, unlock); o.Code != outExtended || apis != "" {
		t.Errorf("%+v after %q", o, apis)
	}
}
