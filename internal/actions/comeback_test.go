package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fakeReturns knows who came back, or does not answer.
type fakeReturns struct {
	took time.Duration // how long an answer takes

	mu    sync.Mutex // guards the fields below
	back  map[chat.MemberID]bool
	err   error
	short bool // answers for one too few
	asked []chat.ActionID
}

func (r *fakeReturns) cameBack(_ context.Context, of []chat.Action) ([]bool, error) {
	elapse(r.took)
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]bool, len(of))
	for i, a := range of {
		r.asked = append(r.asked, a.ID)
		out[i] = r.back[a.Member]
	}
	if r.short {
		out = out[1:]
	}
	return out, r.err
}

func (r *fakeReturns) set(change func(*fakeReturns)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *fakeReturns) config(c *Config) { c.CameBack = r.cameBack }

// back is a set of members.
func back(members ...chat.MemberID) map[chat.MemberID]bool {
	out := map[chat.MemberID]bool{}
	for _, m := range members {
		out[m] = true
	}
	return out
}

func TestNobodyIsCalledForWhoCameBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, r := newMemoryQueue(), &fakeSender{}, &fakeReturns{back: back("b", "d")}
		for _, m := range []string{"a", "b", "c", "d"} {
			q.add(removal("g", m))
		}
		q.add(removal("h", "b"))
		defer start(t, q, s, r.config)()
		elapse(time.Second)
		synctest.Wait()
		for _, id := range []chat.ActionID{"g/b", "g/d", "h/b"} {
			if got := q.end(id); got.State != Void || got.Code != "came_back" || got.Text == "" || got.API != "" || got.At.IsZero() {
				t.Errorf("%s ended as %+v, want that it was undone", id, got)
			}
		}
		calls := s.seen()
		if len(calls) != 1 || fmt.Sprint(calls[0].members) != "[a c]" {
			t.Errorf("calls %v, want one of the others", calls)
		}
		if ended, tries := q.counts(); ended != 5 || tries != 0 {
			t.Errorf("%d of 5 ended, %d tries were counted", ended, tries)
		}
	})
}

func TestOnlyWhatHarmsSomebodyAndHasWaitedIsAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := newMemoryQueue(), &fakeReturns{}
		s := newTrace(nil)
		for _, kind := range []chat.IntentKind{
			chat.Remove, chat.Mute, chat.Readmit, chat.Unmute, chat.Recall, chat.Warn, chat.Lockdown, chat.Unlock,
		} {
			a := on(kind, "old", 0)
			a.EventAt = time.Now().Add(-returnRoom - time.Millisecond)
			fresh := on(kind, "fresh", 0)
			fresh.EventAt = time.Now()
			q.add(a, fresh)
		}
		all := on(chat.Mute, "", 0)
		all.EventAt = time.Now().Add(-time.Hour)
		q.add(all)
		defer start(t, q, &s.fakeSender, func(c *Config) { s.config(c); r.config(c) })()
		elapse(returnRoom)
		synctest.Wait()
		slices.Sort(r.asked)
		if fmt.Sprint(r.asked) != "[mute/old/0 remove/old/0]" {
			t.Errorf("asked about %v", r.asked)
		}
	})
}

func TestWhileNobodyKnowsWhoCameBackNothingGoesAndNoAttemptCounts(t *testing.T) {
	for name, r := range map[string]*fakeReturns{
		"an error":        {err: errors.New("store is away")},
		"too few answers": {short: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s := newMemoryQueue(), &fakeSender{}
				fresh := removal("g", "fresh")
				fresh.EventAt = time.Now()
				old := []chat.Action{removal("g", "a"), removal("g", "b"), removal("h", "a")}
				for i := range old {
					old[i].Received = time.Now().Add(-25 * time.Hour) // longer than an action lives that has failed often
				}
				q.add(old[0], fresh, old[1], old[2])
				d, stop := startSeen(t, q, s, func(c *Config) { r.config(c); c.Lease = 10 * time.Minute })
				defer stop()
				elapse(manyTries * 10 * time.Second)
				synctest.Wait()
				if calls := s.seen(); len(calls) != 1 || fmt.Sprint(calls[0].members) != "[fresh]" {
					t.Fatalf("calls %v, want that of the fresh one", calls)
				}
				if ended, tries := q.counts(); ended != 1 || tries != 0 || len(d.Broken()) != 0 {
					t.Errorf("%d ended, %d tries counted, broken: %v", ended, tries, d.Broken())
				}
				r.set(func(r *fakeReturns) { r.err, r.short, r.back = nil, false, back("b") })
				elapse(2 * groupPause)
				synctest.Wait()
				for id, want := range map[chat.ActionID]State{"g/a": Done, "h/a": Done, "g/b": Void} {
					if got := q.end(id); got.State != want || got.Item.Attempts != 0 || got.Item.Deliveries != 0 {
						t.Errorf("%s ended as %q after %d attempts, want %q", id, got.State, got.Item.Attempts, want)
					}
				}
			})
		})
	}
}

// TestACallThatAsksInVainTriesNoProvider opens the breaker. The first that may try when the provider is
// back has nothing to call for; the others must not wait for it.
func TestACallThatAsksInVainTriesNoProvider(t *testing.T) {
	for name, change := range map[string]func(*fakeReturns){
		"all came back": func(r *fakeReturns) { r.back = back("a") },
		"nobody knows":  func(r *fakeReturns) { r.err = errors.New("store is away") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, r := newMemoryQueue(), newOutage(Outcome{Class: Again, Down: true, Code: "no_answer"}), &fakeReturns{took: time.Second}
				inManyGroups(q, 40)
				for n := range 5 { // goes by a lane of its own and is never asked about
					q.add(on(chat.Recall, "c", n))
				}
				d, stop := startSeen(t, q, s, func(c *Config) { r.config(c); c.Lease = 10 * time.Minute })
				defer stop()
				elapse(20 * time.Second)
				if len(d.Broken()) != 1 {
					t.Fatal("the breaker is not open")
				}
				_, before := q.counts()
				r.set(change)
				s.away.Store(false)
				elapse(time.Minute)
				synctest.Wait()
				if len(d.Broken()) != 0 || q.end("recall/c/0").State != Done {
					t.Errorf("broken: %v, the recall is %q: the others still wait", d.Broken(), q.end("recall/c/0").State)
				}
				r.set(func(r *fakeReturns) { r.err = nil })
				elapse(time.Minute)
				synctest.Wait()
				ended, tries := q.counts()
				if ended != 85 || tries != before {
					t.Errorf("%d of 85 ended, %d attempts counted since", ended, tries-before)
				}
				for id, got := range q.ended {
					want := Done
					if name == "all came back" && strings.HasSuffix(string(id), "/a") {
						want = Void
					}
					if got.State != want {
						t.Errorf("%s ended as %q, want %q", id, got.State, want)
					}
				}
			})
		})
	}
}

// TestASettledReturnWaitsForTheStore has the store refuse the settlement: nobody is called meanwhile.
func TestASettledReturnWaitsForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, r := newMemoryQueue(), &fakeSender{}, &fakeReturns{back: back("a")}
		q.fail = 5
		q.add(removal("g", "a"), removal("g", "b"))
		defer start(t, q, s, r.config)()
		elapse(time.Minute)
		synctest.Wait()
		if calls := s.seen(); len(calls) != 1 || q.end("g/a").State != Void || q.end("g/b").State != Done {
			t.Errorf("calls %v, ended %q and %q", calls, q.end("g/a").State, q.end("g/b").State)
		}
	})
}
