package actions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestLoneActionGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		defer start(t, q, s, nil)()
		synctest.Wait()
		began := time.Now()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || !got.At.Equal(began) {
			t.Errorf("ended as %q after %v, want done at once", got.State, got.At.Sub(began))
		}
	})
}

func TestRaidGoesInFullBatchesUnderTheCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{took: 50 * time.Millisecond}
		const members = 10_000
		for i := range members {
			q.add(removal("raid", fmt.Sprint("m", i)))
		}
		began := time.Now()
		defer start(t, q, s, nil)()
		elapse(2 * time.Second)
		synctest.Wait()
		calls := s.seen()
		if len(q.ended) != members || len(calls) != members/100 {
			t.Fatalf("%d ended by %d calls, want %d by %d", len(q.ended), len(calls), members, members/100)
		}
		var at []time.Duration
		for _, c := range calls {
			at = append(at, c.at.Sub(began))
		}
		if most := mostInAnySecond(at); most > 200 {
			t.Errorf("%d calls in a second", most)
		}
		if last := at[len(at)-1]; last > 600*time.Millisecond {
			t.Errorf("the last call went after %v, the pace allows 0.5 s", last)
		}
	})
}

func TestRaidDoesNotHoldUpAnotherGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{took: 30 * time.Millisecond}
		for i := range 3_000 {
			a := removal("raid", fmt.Sprint("m", i))
			a.Intent.Reason = fmt.Sprint(i) // each needs a call of its own: 15 s of work
			q.add(a)
		}
		defer start(t, q, s, nil)()
		elapse(time.Second)
		began := time.Now()
		q.add(removal("calm", "a"))
		elapse(200 * time.Millisecond)
		synctest.Wait()
		got := q.end("calm/a")
		if got.State != Done || got.At.Sub(began) > 100*time.Millisecond {
			t.Errorf("ended as %q after %v", got.State, got.At.Sub(began))
		}
	})
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		first   Outcome // of the first two tries; then OK
		state   State
		retries int
		within  time.Duration
	}{
		{"done", Outcome{}, Done, 0, 0},
		{"immune is spared", Outcome{Class: Immune, Code: "owner"}, Spared, 0, 0},
		{"refused for good is a dead letter", Outcome{Class: Permanent, Code: "10007"}, Dead, 0, 0},
		{"a lone suspect is refused for good", Outcome{Class: Suspect, Code: "10019"}, Dead, 0, 0},
		{"failed for now is tried again", Outcome{Class: Again}, Done, 2, 3 * time.Second},
		{"the provider's wait is kept", Outcome{Class: Limited, Wait: 7 * time.Second}, Done, 2, 14*time.Second + 20*time.Millisecond},
		{"credentials are tried slowly", Outcome{Class: Auth}, Done, 2, 31 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, tries := newMemoryQueue(), 0
				s := &fakeSender{answer: func([]chat.Action, int) Outcome {
					if tries++; tries <= 2 {
						return tt.first
					}
					return Outcome{}
				}}
				defer start(t, q, s, nil)()
				began := time.Now()
				q.add(removal("g", "a"))
				elapse(time.Minute)
				synctest.Wait()
				got := q.end("g/a")
				if got.State != tt.state || q.retries != tt.retries {
					t.Fatalf("ended as %q after %d retries, want %q after %d", got.State, q.retries, tt.state, tt.retries)
				}
				if took := got.At.Sub(began); took > tt.within {
					t.Errorf("took %v, want at most %v", took, tt.within)
				}
				if tt.first.Code != "" && got.Code != tt.first.Code {
					t.Errorf("code %q is stored, want %q", got.Code, tt.first.Code)
				}
			})
		})
	}
}

func TestOneBadMemberDoesNotSinkTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{answer: func(batch []chat.Action, _ int) Outcome {
			for _, a := range batch {
				if a.Member == "m37" {
					return Outcome{Class: Suspect, Code: "10019"}
				}
			}
			return Outcome{}
		}}
		for i := range 100 {
			q.add(removal("g", fmt.Sprint("m", i)))
		}
		defer start(t, q, s, nil)()
		elapse(time.Minute)
		synctest.Wait()
		for i := range 100 {
			want, id := Done, fmt.Sprint("g/m", i)
			if i == 37 {
				want = Dead
			}
			if got := q.end(chat.ActionID(id)); got.State != want {
				t.Errorf("%s ended as %q, want %q", id, got.State, want)
			}
		}
	})
}

func TestImpossibleIntentIsADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{route: func(chat.Action) (Route, error) { return Route{}, errors.New("cannot mute here") }}
		defer start(t, q, s, nil)()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != Dead || got.Text != "cannot mute here" || len(s.seen()) != 0 {
			t.Errorf("got %+v after %d calls", got, len(s.seen()))
		}
	})
}

func TestDryRunNeverCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), &fakeSender{}
		defer start(t, q, s, func(c *Config) { c.DryRun = true })()
		q.add(removal("g", "a"))
		synctest.Wait()
		if got := q.end("g/a"); got.State != DryRun || len(s.seen()) != 0 {
			t.Errorf("ended as %q after %d calls", got.State, len(s.seen()))
		}
	})
}

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

func TestLockdownDoesNotWaitForAFailingRemoval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{answer: func(batch []chat.Action, i int) Outcome {
			if batch[i].Member == "stuck" {
				return Outcome{Class: Again}
			}
			return Outcome{}
		}, route: func(a chat.Action) (Route, error) {
			return Route{API: string(a.Intent.Kind), Max: 100, Rate: 200}, nil
		}}
		defer start(t, q, s, nil)()
		q.add(removal("g", "stuck"))
		elapse(10 * time.Minute)
		whole := removal("g", "")
		whole.Intent.Kind = chat.Lockdown
		began := time.Now()
		q.add(whole, removal("g", "raider"))
		elapse(10 * time.Second)
		synctest.Wait()
		for _, id := range []chat.ActionID{"g/", "g/raider"} {
			if got := q.end(id); got.State != Done || got.At.Sub(began) > 5*time.Second {
				t.Errorf("%s ended as %q after %v", id, got.State, got.At.Sub(began))
			}
		}
	})
}

func TestActionsGoByTheirOwnCallsWhateverBecomesDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		var mu sync.Mutex
		tries := map[chat.ActionID]int{}
		s := &fakeSender{answer: func(batch []chat.Action, i int) Outcome {
			mu.Lock()
			defer mu.Unlock()
			if tries[batch[i].ID]++; tries[batch[i].ID] <= 3 {
				return Outcome{Class: Again}
			}
			return Outcome{}
		}, route: func(a chat.Action) (Route, error) {
			return Route{API: string(a.Intent.Kind), Max: 3, Rate: 2}, nil
		}}
		var wrong int
		defer start(t, q, s, func(c *Config) {
			c.Settled = func(s Settlement) {
				if s.API != string(s.Item.Intent.Kind) {
					wrong++
				}
			}
		})()
		for i := range 60 {
			a := removal("g", fmt.Sprint("m", i))
			if i%2 == 0 {
				a.Intent.Kind = chat.Mute
			}
			q.add(a)
		}
		elapse(time.Hour)
		synctest.Wait()
		if len(q.ended) != 60 || wrong > 0 {
			t.Errorf("%d of 60 ended, %d settlements by another call than their own", len(q.ended), wrong)
		}
	})
}

func TestOneFailingMemberDoesNotHoldUpTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := &fakeSender{took: time.Millisecond, answer: func(batch []chat.Action, i int) Outcome {
			if batch[i].Member == "stuck" {
				return Outcome{Class: Again}
			}
			return Outcome{}
		}}
		defer start(t, q, s, nil)()
		q.add(removal("g", "stuck"), removal("g", "first"))
		elapse(10 * time.Minute) // the pauses of the one are a minute by now
		for i := range 100 {
			began, member := time.Now(), fmt.Sprint("m", i)
			q.add(removal("g", member))
			elapse(3 * time.Second)
			synctest.Wait()
			if got := q.end(chat.ActionID("g/" + member)); got.State != Done || got.At.Sub(began) > groupPause+100*time.Millisecond {
				t.Errorf("%s ended as %q after %v", member, got.State, got.At.Sub(began))
			}
		}
	})
}

func TestPanicInAClientIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, tries := newMemoryQueue(), 0
		s := &fakeSender{answer: func([]chat.Action, int) Outcome {
			if tries++; tries == 1 {
				panic("bad answer")
			}
			return Outcome{}
		}}
		s2 := &unlockedSender{s}
		defer start(t, q, s, func(c *Config) {
			c.Accounts[chat.Tencent] = Account{Sender: s2, Gate: c.Accounts[chat.Tencent].Gate}
		})()
		q.add(removal("g", "a"))
		elapse(time.Minute)
		synctest.Wait()
		if got := q.end("g/a"); got.State != Done || q.retries != 1 {
			t.Errorf("ended as %q after %d retries", got.State, q.retries)
		}
	})
}

// unlockedSender answers without the fake's mutex, which a panic would leave locked.
type unlockedSender struct{ *fakeSender }

func (s *unlockedSender) Send(_ context.Context, _ Route, batch []chat.Action) []Outcome {
	return []Outcome{s.answer(batch, 0)}
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

// TestNothingIsLostUnderRandomFaults checks that every action ends exactly once whatever the
// provider and the store answer on the way. The seed is printed on failure.
func TestNothingIsLostUnderRandomFaults(t *testing.T) {
	for range 20 {
		seed := rand.Uint64()
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a seeded fault script
			q := newMemoryQueue()
			s := &fakeSender{took: 40 * time.Millisecond, answer: func([]chat.Action, int) Outcome {
				return Outcome{Class: []Class{OK, OK, OK, Again, Limited, Auth, Permanent, Suspect, Immune}[r.IntN(9)]}
			}}
			defer start(t, q, s, nil)()
			for i := range 500 {
				q.add(removal(fmt.Sprint("g", i%20), fmt.Sprint("m", i)))
			}
			elapse(3 * time.Hour)
			synctest.Wait()
			if len(q.ended) != 500 {
				t.Errorf("seed %d: %d of 500 ended", seed, len(q.ended))
			}
		})
	}
}
