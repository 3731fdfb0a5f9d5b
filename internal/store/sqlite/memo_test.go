package sqlite

import (
	"errors"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestMemosAreBounded fills a kind up to its bound, straight in the file.
func TestMemosAreBounded(t *testing.T) {
	s, c := openAt(t, store.Options{})
	fill := func(kind string, n int, expires time.Time) {
		t.Helper()
		query := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
			INSERT INTO memos (kind, key, version, expires, body) SELECT ?1, 'old' || ?3 || i, 1, ?3, x'' FROM n`
		if err := s.change(t.Context(), 1, func(t *tx) error { return t.exec(query, kind, n, expires.UnixMicro()) }); err != nil {
			t.Fatal(err)
		}
	}
	save := func(kind, key string, version int64) error {
		return s.SaveMemo(t.Context(), chat.Memo{Kind: kind, Key: key, Version: version, Expires: c.now().Add(time.Hour)})
	}
	fill("rule", store.MaxMemos-1, c.now().Add(time.Minute))
	fill("rule", 10, c.now()) // have expired
	for _, test := range []struct {
		kind, key string
		version   int64
		full      bool
	}{
		{"rule", "last", 1, false},
		{"rule", "too many", 1, true},
		{"rule", "last", 2, false},
		{"lock", "of another kind", 1, false},
	} {
		err := save(test.kind, test.key, test.version)
		if errors.Is(err, store.ErrFull) != test.full || !test.full && err != nil {
			t.Errorf("saving version %d of %s %s: %v, want it refused: %t", test.version, test.kind, test.key, err, test.full)
		}
	}
	c.advance(time.Minute)
	if err := save("rule", "too many", 1); err != nil {
		t.Errorf("saving when the others have expired: %v", err)
	}
	if err := s.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s, "memos"); n != 3 {
		t.Errorf("%d memos are left, want 3", n)
	}
	if got, err := s.Memos(t.Context(), "rule"); err != nil || len(got) != 2 {
		t.Errorf("%d memos, %v, want 2", len(got), err)
	}
}

// TestMemosExpireToTheMicrosecond reads and saves around the moment at which a memo expires.
func TestMemosExpireToTheMicrosecond(t *testing.T) {
	for _, purged := range []bool{false, true} {
		s, c := openAt(t, store.Options{})
		m := chat.Memo{Kind: "lock", Key: "a", Version: 1, Expires: c.now().Add(time.Hour)}
		if err := s.SaveMemo(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour - time.Microsecond)
		for i, want := range []int{1, 0} {
			if purged {
				if err := s.purge(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := s.Memos(t.Context(), "lock"); err != nil || len(got) != want {
				t.Errorf("purged %t, %d us after its last moment: %+v, %v, want %d", purged, i, got, err, want)
			}
			m.Version = 1
			if err := s.SaveMemo(t.Context(), m); errors.Is(err, store.ErrStale) != (want == 1) {
				t.Errorf("purged %t, %d us after its last moment, saving it as a new one: %v", purged, i, err)
			}
			c.advance(time.Microsecond)
		}
	}
}
