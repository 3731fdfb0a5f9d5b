package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testRosters(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{MaxGroups: 20})
	t.Run("versions", func(t *testing.T) { testRosterVersions(t, s) })
	t.Run("at once", func(t *testing.T) { testRosterRace(t, s) })
	t.Run("groups", func(t *testing.T) { testGroups(t, s) })
}

func camsGroup(a chat.Account, id chat.GroupID) chat.Group {
	return chat.Group{Provider: chat.CAMS, Account: a, ID: id}
}

func testRosterVersions(t *testing.T, s store.Store) {
	g := camsGroup("rosters", "g }{\x00")
	read := func() chat.Roster {
		t.Helper()
		r, err := s.Roster(t.Context(), g)
		if err != nil {
			t.Fatalf("reading the roster: %v", err)
		}
		return r
	}
	if r := read(); r.Version != 0 || len(r.Members) != 0 {
		t.Errorf("a group never seen has the roster %+v", r)
	}
	save := func(version int64, members ...chat.MemberID) error {
		return s.SaveRoster(t.Context(), g, chat.Roster{Version: version, Members: members})
	}
	for _, step := range []struct {
		version int64
		members []chat.MemberID
		want    error
		stands  int64
	}{
		{2, nil, store.ErrStale, 0},
		{1, []chat.MemberID{"8613800000001", "8613800000002"}, nil, 1},
		{1, []chat.MemberID{"x"}, store.ErrStale, 1},
		{3, []chat.MemberID{"x"}, store.ErrStale, 1},
		{0, []chat.MemberID{"x"}, store.ErrStale, 1},
		{2, []chat.MemberID{}, nil, 2},
		{3, []chat.MemberID{"a\"b", "8613800000003"}, nil, 3},
	} {
		if err := save(step.version, step.members...); !errors.Is(err, step.want) {
			t.Errorf("saving version %d: %v, want %v", step.version, err, step.want)
		}
		r := read()
		if r.Version != step.stands || step.want == nil && !slices.Equal(r.Members, step.members) {
			t.Errorf("after saving version %d: %+v, want version %d with %v", step.version, r, step.stands, step.members)
		}
	}
	if err := s.LearnGroup(t.Context(), g); err != nil {
		t.Errorf("learning a group that has a roster: %v", err)
	}
	if r := read(); r.Version != 3 || len(r.Members) != 2 {
		t.Errorf("learning a group changed its roster to %+v", r)
	}
	other := g
	other.Account = "rosters2"
	if r, err := s.Roster(t.Context(), other); err != nil || r.Version != 0 {
		t.Errorf("another account's group of that ID: %+v, %v", r, err)
	}
}

func testRosterRace(t *testing.T, s store.Store) {
	g := camsGroup("race", "g")
	var saved atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := s.SaveRoster(t.Context(), g, chat.Roster{Version: 1, Members: []chat.MemberID{chat.MemberID(fmt.Sprint(i))}})
			switch {
			case err == nil:
				saved.Add(1)
			case !errors.Is(err, store.ErrStale):
				t.Errorf("saving: %v", err)
			}
		})
	}
	wg.Wait()
	if n := saved.Load(); n != 1 {
		t.Errorf("%d of 8 savers of one version succeeded, want 1", n)
	}
}

func testGroups(t *testing.T, s store.Store) {
	const account = "groups"
	learned := func() []chat.GroupID {
		t.Helper()
		ids, err := s.Groups(t.Context(), chat.CAMS, account)
		if err != nil {
			t.Fatalf("reading the groups: %v", err)
		}
		slices.Sort(ids)
		return ids
	}
	if ids := learned(); len(ids) != 0 {
		t.Errorf("a new account has the groups %q", ids)
	}
	want := []chat.GroupID{"", "\x00", "a", "a:b", "}{"}
	for _, id := range want[1:] {
		for range 2 {
			if err := s.LearnGroup(t.Context(), camsGroup(account, id)); err != nil {
				t.Fatalf("learning group %q: %v", id, err)
			}
		}
	}
	if err := s.SaveRoster(t.Context(), camsGroup(account, ""), chat.Roster{Version: 1}); err != nil {
		t.Fatalf("saving the roster of a new group: %v", err)
	}
	if err := s.LearnGroup(t.Context(), camsGroup("other", "not mine")); err != nil {
		t.Fatalf("learning: %v", err)
	}
	if err := s.LearnGroup(t.Context(), chat.Group{Provider: chat.Tencent, Account: account, ID: "not CAMS"}); err != nil {
		t.Fatalf("learning: %v", err)
	}
	if ids := learned(); !slices.Equal(ids, want) {
		t.Errorf("groups %q, want %q", ids, want)
	}
	for i := range 30 {
		err := s.LearnGroup(t.Context(), camsGroup(account, chat.GroupID(fmt.Sprintf("more%d", i))))
		if full := len(want)+i >= 20; errors.Is(err, store.ErrFull) != full || !full && err != nil {
			t.Fatalf("learning group %d with room for 20: %v", len(want)+i+1, err)
		}
	}
	if err := s.LearnGroup(t.Context(), camsGroup(account, "a")); err != nil {
		t.Errorf("learning a known group of a full account: %v", err)
	}
	if err := s.LearnGroup(t.Context(), camsGroup("other", "room here")); err != nil {
		t.Errorf("learning in another account: %v", err)
	}
	if ids := learned(); len(ids) != 20 {
		t.Errorf("%d groups, want 20", len(ids))
	}
}
