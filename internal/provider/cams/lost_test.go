package cams

import (
	"errors"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// unknownGroup is what CAMS says of a group that there is not.
func unknownGroup() error {
	return &CallError{API: apiMembers, Outcome: actions.Outcome{Class: actions.Permanent, Code: metaUnknownGroup}, Meta: metaUnknownGroup}
}

func noAnswer() error {
	return &CallError{API: apiMembers, Outcome: actions.Outcome{Class: actions.Again, Code: "error"}}
}

func TestRosterLeavesAGroupAloneThatIsGone(t *testing.T) {
	running(t, []chat.GroupID{"GONE", "GOOD"}, func(_ *testing.T, r *rosterRig) {
		r.members.breakWith("GONE", unknownGroup())
		r.members.set("GOOD", "15550100001")
	}, func(t *testing.T, r *rosterRig) {
		after(23 * time.Hour)
		if n := r.members.times("GONE"); n != goneAfter {
			t.Errorf("the group that is gone was asked for %d times within a day, want %d", n, goneAfter)
		}
		after(2 * time.Hour)
		if n := r.members.times("GONE"); n != goneAfter+1 {
			t.Errorf("on the second day it was asked for %d times, want once", n-goneAfter)
		}
		r.members.set("GONE", "15550100001")
		before := r.members.times("GONE")
		r.Learn(r.group("GONE"))
		after(2 * time.Hour)
		if n := r.members.times("GONE") - before; n < 200 {
			t.Errorf("the group that was heard of was read %d times in 240 rounds", n)
		}
	})
}

func TestRosterDoesNotGiveAGroupUpForOtherFailures(t *testing.T) {
	running(t, []chat.GroupID{"BAD"}, func(_ *testing.T, r *rosterRig) {
		turn := 0
		r.members.lists["BAD"] = func() ([]chat.MemberID, error) {
			if turn++; turn%goneAfter == 0 {
				return nil, noAnswer()
			}
			return nil, unknownGroup()
		}
	}, func(t *testing.T, r *rosterRig) {
		after(24 * time.Hour)
		if n := r.members.times("BAD"); n < 40 {
			t.Errorf("the group was asked for %d times within a day", n)
		}
	})
}

func TestRosterKnowsThatItSeesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		one, other error // nil: the list can be read
		blind      bool
	}{
		"both can be read":       {nil, nil, false},
		"one of two can be read": {nil, noAnswer(), false},
		"none can be read":       {noAnswer(), noAnswer(), true},
		"one is gone":            {unknownGroup(), nil, false},
		"all are gone":           {unknownGroup(), unknownGroup(), false},
		"one is gone, one away":  {unknownGroup(), noAnswer(), true},
		"our own store is away":  {errors.New("reading the stored list"), errors.New("reading the stored list"), false},
	} {
		t.Run(name, func(t *testing.T) {
			set := func(r *rosterRig, g chat.GroupID, err error) {
				if r.members.set(g, "15550100001"); err != nil {
					r.members.breakWith(g, err)
				}
			}
			running(t, []chat.GroupID{"ONE", "OTHER"}, func(_ *testing.T, r *rosterRig) {
				set(r, "ONE", tt.one)
				set(r, "OTHER", tt.other)
			}, func(t *testing.T, r *rosterRig) {
				after(blindAfter - time.Minute)
				if r.Blind() {
					t.Error("a short failure makes it blind")
				}
				after(2 * time.Minute)
				if r.Blind() != tt.blind {
					t.Errorf("blind is %t", r.Blind())
				}
				set(r, "OTHER", nil)
				after(2 * time.Hour)
				if r.Blind() {
					t.Error("a list that could be read leaves it blind")
				}
			})
		})
	}
}
