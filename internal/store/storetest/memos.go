package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testMemos(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("versions", func(t *testing.T) { testMemoVersions(t, s) })
	t.Run("many", func(t *testing.T) { testManyMemos(t, s) })
	t.Run("expiry", func(t *testing.T) { testMemoExpiry(t, s) })
	t.Run("dropping", func(t *testing.T) { testDropMemo(t, s) })
	t.Run("at once", func(t *testing.T) { testMemoRace(t, s) })
	t.Run("size", func(t *testing.T) { testMemoSize(t, s) })
}

// memos returns the memos of a kind by key.
func memos(t *testing.T, s store.Store, kind string) []chat.Memo {
	t.Helper()
	out, err := s.Memos(t.Context(), kind)
	if err != nil {
		t.Fatalf("reading the memos of kind %s: %v", kind, err)
	}
	slices.SortFunc(out, func(a, b chat.Memo) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// hence is a time some while ahead, as precise as every store keeps it.
func hence(d time.Duration) time.Time { return time.Now().Add(d).Truncate(time.Millisecond).UTC() }

func saveMemo(t *testing.T, s store.Store, m chat.Memo) {
	t.Helper()
	if err := s.SaveMemo(t.Context(), m); err != nil {
		t.Fatalf("saving version %d of memo %s: %v", m.Version, m.Key, err)
	}
}

func sameMemo(a, b chat.Memo) bool {
	return a.Kind == b.Kind && a.Key == b.Key && a.Version == b.Version && slices.Equal(a.Body, b.Body) && a.Expires.Equal(b.Expires)
}

func testMemoVersions(t *testing.T, s store.Store) {
	const kind = "pause"
	if got := memos(t, s, kind); len(got) != 0 {
		t.Errorf("a kind never saved has the memos %+v", got)
	}
	var stands chat.Memo
	for _, step := range []struct {
		version int64
		body    string
		want    error
	}{
		{2, "x", store.ErrStale},
		{0, "x", store.ErrStale},
		{-1, "x", store.ErrStale},
		{1, "{\"one\":1}", nil},
		{1, "x", store.ErrStale},
		{3, "x", store.ErrStale},
		{2, "two \x00\xff\r\n }{", nil},
		{3, "", nil},
		{2, "x", store.ErrStale},
		{4, "four", nil},
	} {
		m := chat.Memo{Kind: kind, Key: "0a-B", Version: step.version, Body: []byte(step.body), Expires: hence(time.Hour)}
		if err := s.SaveMemo(t.Context(), m); !errors.Is(err, step.want) {
			t.Errorf("saving version %d: %v, want %v", step.version, err, step.want)
		}
		if step.want == nil {
			stands = m
		}
		got := memos(t, s, kind)
		if stands.Version == 0 && len(got) != 0 || stands.Version > 0 && (len(got) != 1 || !sameMemo(got[0], stands)) {
			t.Errorf("after saving version %d: %+v, want %+v", step.version, got, stands)
		}
	}
	if got := memos(t, s, "lock"); len(got) != 0 {
		t.Errorf("another kind has the memos %+v", got)
	}
}

func testManyMemos(t *testing.T, s store.Store) {
	var want []chat.Memo
	for i := range 250 {
		m := chat.Memo{Kind: "rule", Key: chat.Digest("many", fmt.Sprint(i)), Version: 1, Body: []byte(fmt.Sprint(i)), Expires: hence(time.Hour)}
		saveMemo(t, s, m)
		want = append(want, m)
	}
	other := want[0]
	other.Kind = "undoing"
	saveMemo(t, s, other)
	slices.SortFunc(want, func(a, b chat.Memo) int { return cmp.Compare(a.Key, b.Key) })
	if got := memos(t, s, "rule"); !slices.EqualFunc(got, want, sameMemo) {
		t.Errorf("%d memos, want the %d that were saved", len(got), len(want))
	}
	if got := memos(t, s, "undoing"); len(got) != 1 || !sameMemo(got[0], other) {
		t.Errorf("the other kind's memos are %+v, want one", got)
	}
}

// testMemoExpiry saves two memos that expire soon. One's successor counts from 1 again.
func testMemoExpiry(t *testing.T, s store.Store) {
	m := chat.Memo{Kind: "expiry", Key: "a", Version: 1, Body: []byte("x"), Expires: hence(time.Hour)}
	saveMemo(t, s, m)
	brief := hence(300 * time.Millisecond)
	m.Version, m.Expires = 2, brief // a memo may also be made to expire sooner
	saveMemo(t, s, m)
	saveMemo(t, s, chat.Memo{Kind: "expiry", Key: "b", Version: 1, Expires: brief})
	saveMemo(t, s, chat.Memo{Kind: "expiry", Key: "c", Version: 1, Expires: hence(time.Hour)})
	waitFor(t, "two of three memos to expire", func() bool { return len(memos(t, s, "expiry")) == 1 })
	if early := time.Until(brief); early > time.Millisecond {
		t.Errorf("they expired %v too early", early)
	}
	m.Expires = hence(time.Hour)
	for _, version := range []int64{3, 2} {
		m.Version = version
		if err := s.SaveMemo(t.Context(), m); !errors.Is(err, store.ErrStale) {
			t.Errorf("saving version %d of one that has expired: %v, want ErrStale", version, err)
		}
	}
	m.Version = 1
	saveMemo(t, s, m)
	if got := memos(t, s, "expiry"); len(got) != 2 || !sameMemo(got[0], m) {
		t.Errorf("memos %+v, want the new one and the one that lasts", got)
	}
	m.Version = 2
	saveMemo(t, s, m)
}

func testDropMemo(t *testing.T, s store.Store) {
	m := chat.Memo{Kind: "dropping", Key: "a", Version: 1, Body: []byte("x"), Expires: hence(time.Hour)}
	saveMemo(t, s, m)
	m.Version = 2
	saveMemo(t, s, m)
	for _, step := range []struct {
		kind, key string
		version   int64
		left      int
	}{
		{"dropping", "a", 1, 1}, {"dropping", "a", 3, 1}, {"dropping", "a", 0, 1},
		{"dropping", "b", 2, 1}, {"other", "a", 2, 1}, {"dropping", "a", 2, 0}, {"dropping", "a", 2, 0},
	} {
		if err := s.DropMemo(t.Context(), step.kind, step.key, step.version); err != nil {
			t.Errorf("dropping version %d of %s %s: %v", step.version, step.kind, step.key, err)
		}
		if got := memos(t, s, "dropping"); len(got) != step.left {
			t.Errorf("after dropping version %d of %s %s: %+v, want %d", step.version, step.kind, step.key, got, step.left)
		}
	}
	m.Version = 3
	if err := s.SaveMemo(t.Context(), m); !errors.Is(err, store.ErrStale) {
		t.Errorf("saving the next version of one that was dropped: %v, want ErrStale", err)
	}
	m.Version = 1
	saveMemo(t, s, m)
}

func testMemoRace(t *testing.T, s store.Store) {
	for version := int64(1); version <= 3; version++ {
		var saved atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				m := chat.Memo{Kind: "race", Key: "a", Version: version, Body: []byte(fmt.Sprint(i)), Expires: hence(time.Hour)}
				switch err := s.SaveMemo(t.Context(), m); {
				case err == nil:
					saved.Add(1)
				case !errors.Is(err, store.ErrStale):
					t.Errorf("saving: %v", err)
				}
			})
		}
		wg.Wait()
		if n := saved.Load(); n != 1 {
			t.Errorf("%d of 8 savers of version %d succeeded, want 1", n, version)
		}
	}
}

func testMemoSize(t *testing.T, s store.Store) {
	m := chat.Memo{Kind: "size", Key: "a", Version: 1, Body: make([]byte, chat.MaxMemo), Expires: hence(time.Hour)}
	saveMemo(t, s, m)
	if got := memos(t, s, "size"); len(got) != 1 || !sameMemo(got[0], m) {
		t.Errorf("a memo as large as may be was not read as it was saved")
	}
	m.Version, m.Body = 2, make([]byte, chat.MaxMemo+1)
	if err := s.SaveMemo(t.Context(), m); err == nil || errors.Is(err, store.ErrStale) {
		t.Errorf("saving a memo that is too large: %v, want an error that says so", err)
	}
	if got := memos(t, s, "size"); len(got) != 1 || got[0].Version != 1 {
		t.Errorf("the memo that was too large left %d memos, want version 1 alone", len(got))
	}
}
