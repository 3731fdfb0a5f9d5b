package cams

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// removed tells the roster that members of G1 were removed.
func (r *rosterRig) removed(t *testing.T, members ...chat.MemberID) {
	t.Helper()
	r.Removed(t.Context(), r.group("G1"), members)
}

func TestOneWhoWasRemovedAndIsBackBeforeAnyLookJoins(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob)
		r.removed(t, bob)
		wantEvents(t, r.find(t), "join "+bob) // is back before anybody looked
		wantEvents(t, r.find(t))              // once
		r.removed(t, bob)
		r.members.set("G1", ann)
		wantEvents(t, r.find(t)) // a removal of ours is no leaving
		r.removed(t, bob, cat)   // who are not in the list
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob)
	})
}

func TestARemovalThatIsNotConfirmedIsNoNews(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		version := r.store.rosters["G1"].Version
		wantEvents(t, r.find(t)) // ann is listed still, and nobody was told of her removal
		r.removed(t)
		r.Removed(t.Context(), chat.Group{Provider: chat.Tencent, Account: testSpace, ID: "G1"}, []chat.MemberID{ann})
		r.Removed(t.Context(), chat.Group{Provider: chat.CAMS, Account: "cams-other", ID: "G1"}, []chat.MemberID{ann})
		if got := r.store.rosters["G1"]; got.Version != version || !slices.Equal(got.Members, []chat.MemberID{ann}) {
			t.Errorf("the list is %+v", got)
		}
	})
}

func TestARemovalInAGroupThatNobodyHasSeenLeavesTheFirstLookAlone(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.removed(t, ann)
	r.members.set("G1", ann, bob)
	wantEvents(t, r.find(t))
	if v := r.store.rosters["G1"].Version; v != 1 {
		t.Errorf("version is %d", v)
	}
}

func TestARemovalSurvivesARestart(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.removed(t, ann)
		again := newRosterRig(r.store, "G1")
		again.members.set("G1", ann)
		wantEvents(t, again.find(t), "join "+ann+" late")
	})
}

func TestARemovalOutdatesTheJoinThatAPushToldOf(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.Heard([]chat.Event{r.pushed(chat.Join, bob)})
		r.removed(t, bob) // before any look
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t), "join "+bob)
	})
}

// TestARemovalDuringALook has a removal confirmed at each point of a look, in which somebody else has
// joined too. Each join must be told of once, under one ID, whatever the order.
func TestARemovalDuringALook(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(r *rosterRig, remove func())
		listed  []chat.MemberID // by the look
		after   []chat.MemberID // by the next one
		want    []string
	}{
		"while the list is read, which still has her": {func(r *rosterRig, remove func()) {
			list := r.members.lists["G1"]
			r.members.lists["G1"] = func() ([]chat.MemberID, error) { remove(); return list() }
		}, []chat.MemberID{ann, bob}, []chat.MemberID{bob}, []string{"join r:" + bob + ":3"}},
		"while the events are handled": {func(r *rosterRig, remove func()) { r.heard.before = remove },
			[]chat.MemberID{ann, bob}, []chat.MemberID{bob}, []string{"join r:" + bob + ":2"}},
		"while the events are handled, and she is back": {func(r *rosterRig, remove func()) { r.heard.before = remove },
			[]chat.MemberID{ann, bob}, []chat.MemberID{ann, bob}, []string{"join r:" + bob + ":2", "join r:" + ann + ":4"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRosterRig(newFakeStore(), "G1")
			r.members.set("G1", ann)
			r.look(t, "G1")
			r.members.set("G1", tc.listed...)
			tc.prepare(r, func() { r.removed(t, ann) })
			got := r.look(t, "G1")
			r.heard.before = nil
			r.members.set("G1", tc.after...)
			got = append(got, r.look(t, "G1")...)
			got = append(got, r.look(t, "G1")...)
			wantEvents(t, got, tc.want...)
			if members := r.store.rosters["G1"].Members; !slices.Equal(members, tc.after) {
				t.Errorf("the list is %v", members)
			}
		})
	}
}

func TestARemovalThatTheStoreDoesNotTakeAtOnce(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		r.store.fail = errors.New("stale version") // somebody else saved in between
		r.removed(t, ann)
		wantEvents(t, r.find(t), "join "+ann)
	})
}

func TestSize(t *testing.T) {
	size := func(r *rosterRig, want int) {
		t.Helper()
		got, known := r.Size(t.Context(), r.group("G1"))
		if got != max(want, 0) || known != (want >= 0) {
			t.Errorf("size is %d, %t, want %d", got, known, want)
		}
	}
	r := newRosterRig(newFakeStore(), "G1")
	size(r, -1)
	r.members.set("G1", ann, bob, testBusiness)
	r.find(t)
	size(r, 2)
	r.members.set("G1", ann, bob, cat, dan, testBusiness)
	r.find(t)
	size(r, 4)
	r.removed(t, ann, bob, cat)
	size(r, 1)

	again := newRosterRig(r.store) // a process that has not looked yet, and knows no group
	size(again, 1)
	if _, known := again.Size(t.Context(), chat.Group{Provider: chat.Tencent, Account: testSpace, ID: "G1"}); known {
		t.Error("the size of another provider's group is known")
	}
	again.cfg.Interval = 0
	size(again, -1) // nobody looks: the list may be years old
}

func TestAPushIsRememberedUntilTheNextLookHoweverLate(t *testing.T) {
	inG1(t, func(t *testing.T, r *rosterRig) {
		<-time.After(time.Second)
		r.Heard([]chat.Event{r.pushed(chat.Join, bob)})
		<-time.After(40 * time.Minute) // there are very many groups
		r.members.set("G1", ann, bob)
		wantEvents(t, r.find(t))
	})
}
