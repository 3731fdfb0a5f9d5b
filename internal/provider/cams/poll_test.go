package cams

import (
	"errors"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestRosterFindsJoinsAndLeaves(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1", "15550100001", "15550100002", testBusiness)
	wantEvents(t, r.look(t, "G1")) // the first sight makes no events
	wantEvents(t, r.look(t, "G1"))
	r.members.set("G1", testBusiness, "15550100003", "15550100001", "15550100002")
	wantEvents(t, r.look(t, "G1"), "join r:15550100003:2")
	r.members.set("G1", "15550100001", "15550100003")
	wantEvents(t, r.look(t, "G1"), "leave r:15550100002:3")
	r.members.set("G1", "15550100001", "15550100003", "15550100002", testBusiness)
	wantEvents(t, r.look(t, "G1"), "join r:15550100002:4") // one who was removed shows up again
	r.members.set("G1", "15550100001", "15550100009")
	wantEvents(t, r.look(t, "G1"), "join r:15550100009:5", "leave r:15550100002:5", "leave r:15550100003:5")
}

func TestRosterEventsAreWhole(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1")
	r.look(t, "G1")
	r.members.set("G1", "15550100001")
	if err := r.poll(t.Context(), r.group("G1")); err != nil {
		t.Fatal(err)
	}
	e := r.heard.events[0]
	if e.Member != "15550100001" || e.Group != r.group("G1") || e.GroupType != chat.WhatsApp || e.Kind != chat.Join ||
		e.At.IsZero() || !e.At.Equal(e.Received) || e.Trusted || e.Asked {
		t.Errorf("event is %+v", e)
	}
}

func TestRosterGivesTheSameIDsAfterACrashBetweenHandleAndSave(t *testing.T) {
	store := newFakeStore()
	first := newRosterRig(store, "G1")
	first.members.set("G1", "15550100001")
	first.look(t, "G1")
	first.members.set("G1", "15550100001", "15550100002")
	store.fail = errors.New("killed")
	if err := first.poll(t.Context(), first.group("G1")); err == nil {
		t.Fatal("a list that was not saved counts as saved")
	}
	before := first.heard.take()

	second := newRosterRig(store, "G1") // the process comes up again, and one more has joined
	second.members.set("G1", "15550100001", "15550100002", "15550100003")
	after := second.look(t, "G1")
	wantEvents(t, before, "join r:15550100002:2")
	wantEvents(t, after, "join r:15550100002:2", "join r:15550100003:2")
	wantEvents(t, second.look(t, "G1"))
}

func TestRosterKeepsTheListWhenHandlingFails(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1")
	r.look(t, "G1")
	r.members.set("G1", "15550100001")
	r.heard.fail = errors.New("store is away")
	if err := r.poll(t.Context(), r.group("G1")); err == nil {
		t.Fatal("an event that was not handled counts as handled")
	}
	if v := r.store.rosters["G1"].Version; v != 1 {
		t.Fatalf("version is %d", v)
	}
	r.heard.fail = nil
	wantEvents(t, r.look(t, "G1"), "join r:15550100001:2")
}

func TestRosterNeverComparesAnIncompleteList(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1", "15550100001")
	r.look(t, "G1")
	r.members.breakWith("G1", ErrIncomplete)
	if err := r.poll(t.Context(), r.group("G1")); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("poll gives %v", err)
	}
	wantEvents(t, r.heard.take())
	r.members.set("G1", "15550100001")
	wantEvents(t, r.look(t, "G1"))
}

func TestRosterBelievesAnEmptiedGroupOnlyTwice(t *testing.T) {
	r := newRosterRig(newFakeStore(), "G1")
	r.members.set("G1", "15550100001", "15550100002")
	r.look(t, "G1")
	r.members.set("G1")
	wantEvents(t, r.look(t, "G1"))
	r.members.set("G1", "15550100001", "15550100002")
	wantEvents(t, r.look(t, "G1")) // an answer gone wrong: nobody joined again
	r.members.set("G1")
	wantEvents(t, r.look(t, "G1"))
	wantEvents(t, r.look(t, "G1"), "leave r:15550100001:2", "leave r:15550100002:2")
}

func TestRosterOfTwoReplicas(t *testing.T) {
	store := newFakeStore()
	a, b := newRosterRig(store, "G1"), newRosterRig(store, "G1")
	a.members.set("G1", "15550100001")
	a.look(t, "G1")
	a.members.set("G1", "15550100001", "15550100002")
	// While b reads the members, a tells of the join and saves.
	b.members.lists["G1"] = func() ([]chat.MemberID, error) {
		wantEvents(t, a.look(t, "G1"), "join r:15550100002:2")
		return []chat.MemberID{"15550100001", "15550100002", "15550100003"}, nil
	}
	wantEvents(t, b.look(t, "G1")) // quietly left to the next look
	b.members.set("G1", "15550100001", "15550100002", "15550100003")
	wantEvents(t, b.look(t, "G1"), "join r:15550100003:3")
	wantEvents(t, b.look(t, "G1"))
}
