package actions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// outage is a provider that answers every call with one outcome while it is away.
type outage struct {
	fakeSender
	away    atomic.Bool
	flights atomic.Int32
	most    atomic.Int32
}

func newOutage(o Outcome) *outage {
	s := &outage{}
	s.away.Store(true)
	s.took = 100 * time.Millisecond
	s.answer = func([]chat.Action, int) Outcome {
		if s.away.Load() {
			return o
		}
		return Outcome{}
	}
	s.route = func(a chat.Action) (Route, error) {
		return Route{API: string(a.Intent.Kind), Max: 10, Rate: 200}, nil
	}
	return s
}

// callsSince returns how many calls were made since a time.
func (s *outage) callsSince(from time.Time) (n int) {
	for _, c := range s.seen() {
		if !c.at.Before(from) {
			n++
		}
	}
	return n
}

// inManyGroups queues a removal and a mute in each of some groups.
func inManyGroups(q *memoryQueue, groups int) {
	for i := range groups {
		kick, mute := removal(fmt.Sprint("g", i), "a"), removal(fmt.Sprint("g", i), "b")
		mute.Intent.Kind = chat.Mute
		q.add(kick, mute)
	}
}

func TestNothingIsCalledWhileAProviderIsAway(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome Outcome
		most    int // calls before the breaker opens, those in flight included
		hours   int
	}{
		"no answer":           {Outcome{Class: Again, Down: true, Code: "no_answer"}, downInARow + 2*maxFlights, 25}, // longer than an action lives
		"credentials refused": {Outcome{Class: Auth, Code: "70009"}, authInARow + 2*maxFlights, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, reg := newMemoryQueue(), newOutage(tt.outcome), prometheus.NewRegistry()
				inManyGroups(q, 40)
				d, stop := startSeen(t, q, s, func(c *Config) { c.Metrics, c.Lease = reg, 10*time.Minute })
				defer stop()
				elapse(2 * time.Second)
				if n := len(s.seen()); n > tt.most || !slices.Equal(d.Broken(), []chat.Provider{chat.Tencent}) {
					t.Errorf("%d calls, broken: %v", n, d.Broken())
				}
				compareGauge(t, reg, 1)
				began := time.Now()
				_, before := q.counts()
				elapse(time.Duration(tt.hours) * time.Hour)
				if n := s.callsSince(began); n > tt.hours*3600/5 || n < tt.hours*60 {
					t.Errorf("%d calls in %d hours, want one now and then", n, tt.hours)
				}
				if ended, tries := q.counts(); tries != before || ended != 0 {
					t.Errorf("%d attempts counted and %d actions ended by the outage", tries-before, ended)
				}
				s.away.Store(false)
				elapse(2 * time.Minute)
				synctest.Wait()
				if len(q.ended) != 80 || len(d.Broken()) != 0 {
					t.Errorf("%d of 80 ended, broken: %v", len(q.ended), d.Broken())
				}
				for id, s := range q.ended {
					if s.State != Done {
						t.Fatalf("%s ended as %q", id, s.State)
					}
				}
				compareGauge(t, reg, 0)
			})
		})
	}
}

func compareGauge(t *testing.T, reg *prometheus.Registry, want int) {
	t.Helper()
	text := fmt.Sprintf(`# HELP groupguard_breaker_open 1 while a provider does not answer or refuses the credentials: its actions wait, and a call tries now and then.
# TYPE groupguard_breaker_open gauge
groupguard_breaker_open{provider="tencent"} %d
`, want)
	if err := testutil.GatherAndCompare(reg, strings.NewReader(text), "groupguard_breaker_open"); err != nil {
		t.Error(err)
	}
}

// Send implements Sender and counts the calls in flight once the breaker had time to open.
func (s *outage) Send(ctx context.Context, r Route, batch []chat.Action) []Outcome {
	n := s.flights.Add(1)
	defer s.flights.Add(-1)
	for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
	}
	return s.fakeSender.Send(ctx, r, batch)
}

func TestOneCallAtATimeTriesAProviderThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), newOutage(Outcome{Class: Again, Down: true})
		inManyGroups(q, 100)
		defer startOn(t, q, s, nil)()
		elapse(2 * time.Second)
		s.most.Store(0)
		elapse(time.Hour)
		if n := s.most.Load(); n != 1 {
			t.Errorf("%d calls at once", n)
		}
	})
}

func TestBusyGroupsAreNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), newOutage(Outcome{Class: Again, Code: "10023"})
		inManyGroups(q, 100)
		d, stop := startSeen(t, q, s, nil)
		defer stop()
		elapse(time.Minute)
		if _, tries := q.counts(); len(d.Broken()) != 0 || tries < 1000 {
			t.Errorf("broken: %v after %d tries", d.Broken(), tries)
		}
	})
}

func TestAnOutageIsItsAccountsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, well := newMemoryQueue(), newOutage(Outcome{Class: Again, Down: true}), &fakeSender{}
		inManyGroups(q, 100)
		d, stop := startSeen(t, q, s, func(c *Config) {
			c.Accounts[chat.CAMS] = Account{Sender: well, Gate: Gate{Limiter: &LocalLimiter{}, Account: "b"}}
		})
		defer stop()
		elapse(time.Minute)
		a := removal("other", "a")
		a.Group.Provider = chat.CAMS
		q.add(a)
		synctest.Wait()
		if got := q.end("other/a"); got.State != Done || !slices.Equal(d.Broken(), []chat.Provider{chat.Tencent}) {
			t.Errorf("ended as %q, broken: %v", got.State, d.Broken())
		}
	})
}

func TestAnActionIsGivenUpOnlyWhereOthersAreAnswered(t *testing.T) {
	now := time.Now()
	old := &held{Item: Item{Action: chat.Action{Received: now.Add(-2 * giveUp)}, Attempts: manyTries}}
	for _, tt := range []struct {
		name     string
		outcome  Outcome
		answered time.Time
		want     State
	}{
		{"no answer, and nobody gets one", Outcome{Class: Again, Down: true}, time.Time{}, Retry},
		{"no answer for a long time", Outcome{Class: Again, Down: true}, now.Add(-2 * answering), Retry},
		{"no answer, but others get one", Outcome{Class: Again, Down: true}, now.Add(-time.Minute), Dead},
		{"the group is busy for a day", Outcome{Class: Again}, time.Time{}, Dead},
		{"credentials refused", Outcome{Class: Auth}, now, Retry},
		{"over the rate", Outcome{Class: Limited}, now, Retry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := verdictOf(tt.outcome, old, tt.answered, now); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// An event may have waited for longer than a day before it was judged, and its action for an operator.
func TestTheDayOfAnActionBeginsInTheQueue(t *testing.T) {
	now := time.Now()
	long, short := now.Add(-2*giveUp), now.Add(-time.Hour)
	for name, row := range map[string]struct {
		action chat.Action
		want   State
	}{
		"arrived and decided long ago": {chat.Action{Received: long, Decided: long}, Dead},
		"of an earlier version":        {chat.Action{Received: long}, Dead},
		"decided a moment ago":         {chat.Action{Received: long, Decided: short}, Retry},
		"let go a moment ago":          {chat.Action{Received: long, Decided: long, Released: short}, Retry},
	} {
		h := &held{Item: Item{Action: row.action, Attempts: manyTries}}
		if got, _ := verdictOf(Outcome{Class: Again}, h, time.Time{}, now); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}
