package cams

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// schedule is a Roster whose polls take a fixed time each, one after the other, and find nothing.
type schedule struct {
	*rosterRig
	now   time.Time
	takes time.Duration
	polls map[chat.GroupID]int
	last  map[chat.GroupID]time.Time
	most  time.Duration // the longest that a group was not polled
}

func newSchedule(groups int, takes time.Duration) *schedule {
	s := &schedule{rosterRig: newRosterRig(newFakeStore()), takes: takes, polls: map[chat.GroupID]int{}, last: map[chat.GroupID]time.Time{}}
	for i := range groups {
		s.add(chat.GroupID(fmt.Sprintf("G%05d", i)), true)
	}
	s.now = time.Now()
	for id := range s.groups {
		s.last[id] = s.now
	}
	return s
}

// pass lets d pass and returns the groups polled in it, in order.
func (s *schedule) pass(ctx context.Context, d time.Duration) (order []chat.GroupID) {
	for end := s.now.Add(d); s.now.Before(end); {
		id, wait := s.next(s.now)
		if id == "" {
			s.now = s.now.Add(wait)
			continue
		}
		order = append(order, id)
		s.polls[id]++
		s.most = max(s.most, s.now.Sub(s.last[id]))
		s.last[id] = s.now
		s.now = s.now.Add(s.takes)
		s.settle(ctx, id, nil)
	}
	return order
}

// busy says that so many events came from a group just now.
func (s *schedule) busy(id chat.GroupID, events int) {
	s.groups[id].activity = activity{min(float64(events), mostActive), s.now}
}

func TestTheMostActiveGroupsAreReadFirst(t *testing.T) {
	s := newSchedule(5, time.Second)
	s.busy("G00003", 20)
	s.busy("G00001", 3)
	got := fmt.Sprint(s.pass(t.Context(), 29*time.Second))
	if want := "[G00003 G00001 G00000 G00002 G00004]"; got != want {
		t.Errorf("groups are read in the order %s, want %s", got, want)
	}
}

func TestActiveGroupsAreReadMoreOftenWhenThereIsNoTimeForAll(t *testing.T) {
	s := newSchedule(200, 1250*time.Millisecond) // a round takes 250 seconds
	for range 40 {
		for i := range 10 {
			s.busy(chat.GroupID(fmt.Sprintf("G%05d", 20*i)), 60)
		}
		s.pass(t.Context(), 30*time.Second)
	}
	busy, silent := s.polls["G00100"], s.polls["G00101"]
	if busy < 3*silent || silent < 4 {
		t.Errorf("in 20 minutes a busy group is read %d times, a silent one %d times", busy, silent)
	}
}

func TestNoGroupIsReadMoreOftenThanTheIntervalSays(t *testing.T) {
	s := newSchedule(10, 10*time.Millisecond)
	for range 20 {
		s.busy("G00004", 60)
		s.pass(t.Context(), 30*time.Second)
	}
	for id, n := range s.polls {
		if n < 19 || n > 21 {
			t.Errorf("group %s is read %d times in 20 intervals", id, n)
		}
	}
}

func TestActivityWearsOff(t *testing.T) {
	now := time.Now()
	a := activity{mostActive, now}
	for after, want := range map[time.Duration]float64{0: 64, halfLife: 32, 4 * halfLife: 4, 30 * halfLife: 0} {
		if got := a.now(now.Add(after)); got < want-0.01 || got > want+0.01 {
			t.Errorf("after %s %.2f events are left, want %.2f", after, got, want)
		}
	}
	r := newRosterRig(newFakeStore(), "G1")
	for range 1000 {
		r.Learn(r.group("G1"))
	}
	if got := r.groups["G1"].activity.events; got < mostActive-1 || got > mostActive {
		t.Errorf("a storm counts as %.1f events", got)
	}
}

func TestChangesThatALookFindsMakeAGroupActive(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1", ann)
	r.look(t, "G1")
	r.members.set("G1", ann, bob, cat)
	r.look(t, "G1")
	if got := r.groups["G1"].activity.events; got != 2 {
		t.Errorf("the group is active by %.1f events", got)
	}
}

func TestASilentGroupNeverStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 60).Draw(t, "groups")
		takes := time.Duration(rapid.IntRange(1, 3000).Draw(t, "milliseconds a poll")) * time.Millisecond
		s := newSchedule(groups, takes)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			for range rapid.IntRange(0, groups).Draw(t, "busy groups") {
				id := chat.GroupID(fmt.Sprintf("G%05d", rapid.IntRange(0, groups-1).Draw(t, "group")))
				s.busy(id, rapid.IntRange(0, 1000).Draw(t, "events"))
			}
			s.pass(t.Context(), time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds"))*time.Second)
		}
		bound := max(mostOften*time.Duration(groups)*takes, s.cfg.Interval*mostOften/(mostOften-1)) + s.cfg.Interval/time.Duration(groups) + takes
		for id, last := range s.last {
			s.most = max(s.most, s.now.Sub(last))
			if s.most > bound {
				t.Fatalf("group %s was not read for %s, over %s", id, s.most, bound)
			}
		}
	})
}
