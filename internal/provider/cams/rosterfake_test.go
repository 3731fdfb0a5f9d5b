package cams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fakeStore is a RosterStore in memory.
type fakeStore struct {
	mu      sync.Mutex
	rosters map[chat.GroupID]chat.Roster
	groups  map[chat.GroupID]bool
	fail    error // of the next SaveRoster
	learned int
}

func newFakeStore() *fakeStore {
	return &fakeStore{rosters: map[chat.GroupID]chat.Roster{}, groups: map[chat.GroupID]bool{}}
}

func (s *fakeStore) Roster(_ context.Context, g chat.Group) (chat.Roster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rosters[g.ID], nil
}

func (s *fakeStore) SaveRoster(_ context.Context, g chat.Group, r chat.Roster) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail; err != nil {
		s.fail = nil
		return err
	}
	if r.Version != s.rosters[g.ID].Version+1 {
		return errors.New("stale version")
	}
	s.rosters[g.ID] = r
	return nil
}

func (s *fakeStore) Groups(context.Context, chat.Provider, chat.Account) ([]chat.GroupID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []chat.GroupID
	for id := range s.groups {
		ids = append(ids, id)
	}
	return ids, nil
}

func (s *fakeStore) LearnGroup(_ context.Context, g chat.Group) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learned++
	s.groups[g.ID] = true
	return nil
}

// fakeMembers is CAMS as a Roster sees it.
type fakeMembers struct {
	mu     sync.Mutex
	lists  map[chat.GroupID]func() ([]chat.MemberID, error)
	groups []GroupInfo
	asked  []string // group and time since the start
	start  time.Time
}

func (m *fakeMembers) ListChatGroupParticipants(_ context.Context, g chat.GroupID) ([]chat.MemberID, error) {
	m.mu.Lock()
	list := m.lists[g]
	m.asked = append(m.asked, fmt.Sprintf("%s %s", g, time.Since(m.start)))
	m.mu.Unlock()
	if list == nil {
		return nil, errors.New("no such group")
	}
	return list()
}

func (m *fakeMembers) ListChatGroup(context.Context) ([]GroupInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.groups), nil
}

func (m *fakeMembers) set(g chat.GroupID, members ...chat.MemberID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lists[g] = func() ([]chat.MemberID, error) { return slices.Clone(members), nil }
}

func (m *fakeMembers) breakWith(g chat.GroupID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lists[g] = func() ([]chat.MemberID, error) { return nil, err }
}

func (m *fakeMembers) times(g chat.GroupID) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, a := range m.asked {
		if strings.HasPrefix(a, string(g)+" ") {
			n++
		}
	}
	return n
}

// heard keeps the events that a Roster handed on.
type heard struct {
	mu     sync.Mutex
	events []chat.Event
	fail   error
	before func() // runs before events are handled
}

func (h *heard) handle(_ context.Context, events []chat.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.before != nil {
		h.before()
	}
	if h.fail != nil {
		return h.fail
	}
	h.events = append(h.events, events...)
	return nil
}

func (h *heard) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, e := range h.events {
		out = append(out, fmt.Sprintf("%s %s", e.Kind, e.ID))
	}
	h.events = nil
	return out
}

type rosterRig struct {
	*Roster
	store   *fakeStore
	members *fakeMembers
	heard   *heard
}

func newRosterRig(store *fakeStore, groups ...chat.GroupID) *rosterRig {
	r := &rosterRig{store: store, members: &fakeMembers{lists: map[chat.GroupID]func() ([]chat.MemberID, error){}, start: time.Now()}, heard: &heard{}}
	r.Roster = NewRoster(RosterConfig{
		CustSpaceID: testSpace, BusinessNumber: "+" + testBusiness, Interval: 30 * time.Second, Groups: groups, Now: time.Now,
	}, r.members, store, r.heard.handle, slog.New(slog.DiscardHandler))
	return r
}

func (r *rosterRig) look(t *testing.T, g chat.GroupID) []string {
	t.Helper()
	if err := r.poll(t.Context(), r.group(g)); err != nil {
		t.Fatal(err)
	}
	return r.heard.take()
}

func wantEvents(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("events are %v, want %v", got, want)
	}
}

// found is what a Roster handed on, with late events marked.
func (h *heard) found() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, e := range h.events {
		s := fmt.Sprintf("%s %s", e.Kind, e.Member)
		if e.Late {
			s += " late"
		}
		out = append(out, s)
	}
	h.events = nil
	return out
}
