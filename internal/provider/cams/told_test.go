package cams

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const ann, bob, cat, dan = "15550100001", "15550100002", "15550100003", "15550100004"

// find looks at group G1 and returns what was handed on.
func (r *rosterRig) find(t *testing.T) []string {
	t.Helper()
	if err := r.poll(t.Context(), r.group("G1")); err != nil {
		t.Fatal(err)
	}
	return r.heard.found()
}

// pushed is an event of G1 that came by push.
func (r *rosterRig) pushed(kind chat.Kind, m chat.MemberID) chat.Event {
	return chat.Event{Group: r.group("G1"), Kind: kind, Member: m, At: time.Now(), Received: time.Now()}
}

// inG1 runs a test on a clock of its own, with a roster that has seen ann in G1.
func inG1(t *testing.T, test func(t *testing.T, r *rosterRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRosterRig(newFakeStore(), "G1")
		r.members.set("G1", ann)
		wantEvents(t, r.find(t))
		test(t, r)
	})
}

func TestRosterMarksJoinsThatItFindsAfterAGap(t *testing.T) {
	for _, tc := range []struct {
		interval, gap time.Duration
		late          bool
	}{
		{30 * time.Second, 30 * time.Second, false}, {30 * time.Second, 2 * time.Minute, false}, {30 * time.Second, 2*time.Minute + 1, true},
		{time.Second, 2 * time.Minute, false}, {time.Second, 2*time.Minute + 1, true},
		{time.Hour, 3 * time.Hour, false}, {time.Hour, 3*time.Hour + 1, true},
	} {
		t.Run(fmt.Sprint(tc.interval, " ", tc.gap), func(t *testing.T) {
			inG1(t, func(t *testing.T, r *rosterRig) {
				r.cfg.Interval = tc.interval
				<-time.After(tc.gap)
				r.members.set("G1", bob)
				want := []string{"join " + bob, "leave " + ann}
				if tc.late {
					want[0] += " late"
				}
				wantEvents(t, r.find(t), want...)
				<-time.After(time.Second)
				r.members.set("G1", bob, cat)
				wantEvents(t, r.find(t), "join "+cat) // the gap is closed
			})
		})
	}
}

func TestRosterMarksJoinsOfTheTimeWhenNoProcessRan(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		again := newRosterRig(r.store, "G1")
		again.members.set("G1", ann, bob)
		again.heard.fail = errors.New("store is away")
		if err := again.poll(t.Context(), again.group("G1")); err == nil {
			t.Fatal("an event that was not handled counts as handled")
		}
		again.heard.fail = nil
		wantEvents(t, again.find(t), "join "+bob+" late") // a look that came to nothing closes no gap
		again.members.set("G1", ann, bob, cat)
		wantEvents(t, again.find(t), "join "+cat)
	})
}

func TestRosterMarksJoinsAfterFailures(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.members.breakWith("G1", errors.New("131000"))
		for range 5 {
			<-time.After(30 * time.Second)
			if err := r.poll(t.Context(), r.group("G1")); err == nil {
				t.Fatal("a failure counts as a look")
			}
		}
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob+" late")
	})
}

func TestRosterLooksWithoutChangesCloseTheGap(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		for range 10 {
			<-time.After(time.Minute)
			wantEvents(t, r.find(t))
		}
		<-time.After(time.Minute)
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob)
	})
}

func TestRosterLeavesOutWhatAPushToldOf(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		foreign, other := r.pushed(chat.Join, dan), r.pushed(chat.Join, dan)
		foreign.Account, other.Group.ID = "cams-other", "G2"
		r.Heard([]chat.Event{r.pushed(chat.Join, bob), r.pushed(chat.Message, cat), foreign, other, r.pushed(chat.Leave, dan)})
		<-time.After(2 * time.Minute)
		r.members.set("G1", ann, bob, cat, dan)
		wantEvents(t, r.find(t), "join "+cat, "join "+dan)
		<-time.After(time.Second) // by now the push of dan's leave is too old
		r.members.set("G1", ann, cat)
		wantEvents(t, r.find(t), "leave "+bob, "leave "+dan)
	})
}

func TestRosterForgetsAPushThatTheListHasShown(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.Heard([]chat.Event{r.pushed(chat.Join, bob)})
		r.members.set("G1", ann, bob)
		r.store.fail = errors.New("away")
		if err := r.poll(t.Context(), r.group("G1")); err == nil {
			t.Fatal("a list that was not saved counts as saved")
		}
		wantEvents(t, r.find(t)) // still known, since the list was not saved
		if v := r.store.rosters["G1"].Version; v != 2 {
			t.Errorf("a list whose changes were all told of has version %d", v)
		}
		r.members.set("G1", ann)
		wantEvents(t, r.find(t), "leave "+bob)
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob) // another join, which no push told of
		r.Heard([]chat.Event{r.pushed(chat.Leave, bob)})
		r.members.set("G1", ann)
		wantEvents(t, r.find(t))
	})
}

func TestRosterForgetsAPushInTime(t *testing.T) {
	for gap, want := range map[time.Duration][]string{2 * time.Minute: nil, 2*time.Minute + 1: {"join " + bob}} {
		inG1(t, func(t *testing.T, r *rosterRig) {
			r.Heard([]chat.Event{r.pushed(chat.Join, bob)}) // remembered for two intervals and a minute
			<-time.After(time.Minute)
			wantEvents(t, r.find(t))
			<-time.After(gap - time.Minute)
			r.members.set("G1", ann, bob)
			wantEvents(t, r.find(t), want...)
		})
	}
}

func TestRosterRemembersABoundedNumberOfPushes(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		for i := range 10 * maxTold {
			r.Heard([]chat.Event{r.pushed(chat.Join, chat.MemberID(fmt.Sprintf("1555%07d", i)))})
			<-time.After(time.Millisecond)
		}
		r.Heard([]chat.Event{r.pushed(chat.Join, bob)})
		kept := r.groups["G1"].told
		if _, ok := kept[told{chat.Join, bob}]; !ok || len(kept) != maxTold {
			t.Errorf("%d pushes are kept, the last one: %t", len(kept), ok)
		}
		r.cfg.Interval = 0 // nobody will look
		r.Heard([]chat.Event{r.pushed(chat.Join, cat)})
		if _, ok := kept[told{chat.Join, cat}]; ok {
			t.Error("a roster that is off remembers pushes")
		}
	})
}

func TestRosterHearsWhileItPolls(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			r.Heard([]chat.Event{r.pushed(chat.Join, chat.MemberID(fmt.Sprint(i)))})
		}
	}()
	for i := range 200 {
		r.members.set("G1", chat.MemberID(fmt.Sprint(i)))
		r.find(t)
	}
	<-done
	if got := r.store.rosters["G1"].Members; !slices.Equal(got, []chat.MemberID{"199"}) {
		t.Errorf("the list is %v", got)
	}
}
