package actions

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// storm is a world in which everything fails at random: the store, the guard, the provider and the
// process. It notes what must never happen.
type storm struct {
	q *leasedQueue

	mu    sync.Mutex // guards the fields below
	r     *rand.Rand
	calm  bool // nothing fails any more
	wrong []string
	said  map[chat.ActionID]map[State]bool // what the guard and the provider have said of each action
}

// weather says how often things fail, of a hundred.
type weather struct {
	Seed                                                    uint64
	Actions, Members, Groups, Restarts, Store, Guard, Calls int
}

func newStorm(w weather) *storm {
	s := &storm{
		q:    newLeasedQueue(3, 15*time.Second),
		r:    rand.New(rand.NewPCG(w.Seed, 0)), //nolint:gosec // a seeded fault script
		said: map[chat.ActionID]map[State]bool{},
	}
	s.q.fault = func() error {
		if s.chance(w.Store) {
			return errAway
		}
		return nil
	}
	for i := range w.Actions {
		kind := []chat.IntentKind{chat.Recall, chat.Warn, chat.Mute, chat.Remove, chat.Remove, chat.Remove, chat.Readmit, chat.Lockdown, chat.Unlock, chat.Dissolve}[s.r.IntN(10)]
		a := on(kind, fmt.Sprint("m", s.r.IntN(w.Members)), i)
		if kind == chat.Lockdown || kind == chat.Unlock || kind == chat.Dissolve {
			a.Member = ""
		}
		a.ID, a.Group.ID = chat.ActionID(fmt.Sprint(i)), chat.GroupID(fmt.Sprint("g", s.r.IntN(w.Groups)))
		s.said[a.ID] = map[State]bool{}
		s.q.add(a)
	}
	return s
}

// chance is true so many times of a hundred, as long as the storm lasts.
func (s *storm) chance(of100 int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm && s.r.IntN(100) < of100
}

func (s *storm) pick(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.IntN(n)
}

func (s *storm) blame(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

func (s *storm) say(a *chat.Action, state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said[a.ID][state] = true
}

// Of the members some are immune, as the guard knows when it is asked first, as it learns only
// later, or as the provider knows.
func immuneToAdmit(m chat.MemberID) bool  { return m == "m0" }
func immuneToStill(m chat.MemberID) bool  { return m == "m1" }
func immuneToSender(m chat.MemberID) bool { return m == "m2" }

// live runs a process in the storm and returns how it stops: killed, so that its claims run out, or
// in good order.
func (s *storm) live(t *testing.T, w weather) (stop func(killed bool)) {
	l := &life{storm: s, w: w, flying: map[chat.ActionID]bool{}, done: map[chat.ActionID]bool{}}
	end := startOn(t, l, l, func(c *Config) { c.Guard, c.Drain = l, 2*time.Second })
	return func(killed bool) {
		l.dead.Store(killed)
		end()
	}
}

// check looks whether any action is lost.
func (s *storm) check(w weather) {
	s.q.mu.Lock()
	defer s.q.mu.Unlock()
	for i := range w.Actions {
		id := chat.ActionID(fmt.Sprint(i))
		_, ended := s.q.ended[id]
		_, pending := s.q.named[string(id)]
		if ended == pending {
			s.blame("action %s has ended: %t, and is pending: %t", id, ended, pending)
		}
	}
}

// outlive runs processes through the storm and then one in calm weather, which must end everything.
func outlive(t *testing.T, w weather) (err error) {
	synctest.Test(t, func(t *testing.T) {
		s := newStorm(w)
		for range w.Restarts {
			stop := s.live(t, w)
			elapse(time.Duration(1+s.pick(300)) * time.Second)
			s.check(w)
			stop(s.chance(50))
		}
		s.mu.Lock()
		s.calm = true
		s.mu.Unlock()
		stop := s.live(t, w)
		elapse(10 * time.Minute)
		stop(false)
		s.check(w)
		for _, id := range s.q.left() {
			s.blame("action %s is never ended", id)
		}
		for _, what := range s.wrong {
			err = errors.Join(err, errors.New(what))
		}
	})
	return err
}

func TestNothingIsLostAndNobodyImmuneActedOnInAStorm(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		w := weather{
			Seed:    rapid.Uint64().Draw(t, "seed"),
			Actions: rapid.IntRange(1, 150).Draw(t, "actions"), Members: rapid.IntRange(1, 30).Draw(t, "members"),
			Groups: rapid.IntRange(1, 8).Draw(t, "groups"), Restarts: rapid.IntRange(0, 4).Draw(t, "restarts"),
			Store: rapid.IntRange(0, 60).Draw(t, "store"), Guard: rapid.IntRange(0, 60).Draw(t, "guard"),
			Calls: rapid.IntRange(0, 60).Draw(t, "calls"),
		}
		if err := outlive(outer, w); err != nil {
			t.Fatal(err)
		}
	})
}
