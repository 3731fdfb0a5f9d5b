package cams

import (
	"log/slog"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

// TestRemovalAndReturn goes through a removal whose list lags behind, and a return that no look had a
// chance to see, with the simulator in place of WhatsApp.
func TestRemovalAndReturn(t *testing.T) {
	s := newSimRig(t, sim.CAMSOptions{ListBusiness: true})
	s.add(t, ann, bob)
	r := newRosterRig(newFakeStore(), "G1")
	r.Roster = NewRoster(RosterConfig{CustSpaceID: testSpace, BusinessNumber: testBusiness, Interval: 30 * time.Second, Now: time.Now, Groups: []chat.GroupID{"G1"}},
		s.client, r.store, r.heard.handle, slog.New(slog.DiscardHandler))
	s.sender.Tell(r.Roster)
	wantEvents(t, r.find(t)) // nobody joins at first sight

	if err := s.Inject(sim.Fault{API: apiRemove, CAMS: &sim.CAMSFault{Linger: 3}}); err != nil {
		t.Fatal(err)
	}
	got, _, _ := s.send(t, 1, act(chat.Remove, bob))
	wantStrings(t, "outcomes", got, []string{"2 still_listed"})
	wantEvents(t, r.find(t)) // is listed still, which is no join
	got, _, _ = s.send(t, 2, act(chat.Remove, bob))
	wantStrings(t, "outcomes", got, []string{"2 still_listed", "0 OK"})

	if s.World().Join("G1", bob) == nil {
		t.Error("a removed number came back through the link")
	}
	wantEvents(t, r.find(t))
	if err := s.World().Admit("G1", bob); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, r.find(t), "join "+bob)

	// Removed again and back at once, so that no list ever lacks him in between.
	got, _, _ = s.send(t, 1, act(chat.Remove, bob))
	wantStrings(t, "outcomes", got, []string{"0 OK"})
	if err := s.World().Admit("G1", bob); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, r.find(t), "join "+bob)
	if n, known := r.Size(t.Context(), r.group("G1")); n != 2 || !known {
		t.Errorf("the group has %d members, known: %t", n, known)
	}
}
