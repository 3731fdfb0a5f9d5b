package actions

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

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

// TestNothingIsLostUnderRandomFaults checks that every action ends exactly once whatever the
// provider and the store answer on the way. The seed is printed on failure.
func TestNothingIsLostUnderRandomFaults(t *testing.T) {
	for range 5 {
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
			elapse(time.Hour)
			synctest.Wait()
			if len(q.ended) != 500 {
				t.Errorf("seed %d: %d of 500 ended", seed, len(q.ended))
			}
		})
	}
}
