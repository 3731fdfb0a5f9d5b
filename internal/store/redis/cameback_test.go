package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestWhoCameBackIsKnownForAsLongAsHisActionMayWait looks at how long a join is kept that lifted what was
// pending, and after it others that lifted nothing.
func TestWhoCameBackIsKnownForAsLongAsHisActionMayWait(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	exact, inexact := true, false
	for n, test := range []struct {
		name    string
		pending bool
		joins   []bool // whether their times are exact
		keep    time.Duration
	}{
		{"pending", true, []bool{exact}, store.KeepPending},
		{"nothing", false, []bool{exact}, chat.DedupeFor},
		{"pending, and a second join", true, []bool{exact, exact}, store.KeepPending},
		{"pending, and a second join whose time is not exact", true, []bool{exact, inexact}, store.KeepPending},
	} {
		c := removalOf(groupN(n), n)
		c.Event.At = c.Event.At.Add(-time.Minute)
		if test.pending {
			if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
				t.Fatal(err)
			}
		}
		for i, exact := range test.joins {
			join := chat.Look{
				Event: chat.EventID(rune('j' + i)), Group: c.Event.Group, Member: c.Event.Member, Kind: chat.Join,
				At: c.Event.At.Add(time.Duration(i+1) * 10 * time.Second), Exact: exact,
			}
			if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
				t.Fatal(err)
			}
		}
		key := marksKey(0, c.Event.Group, c.Event.Member)
		if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= test.keep-time.Minute || ttl > test.keep {
			t.Errorf("%s: kept for %v, want %v", test.name, ttl, test.keep)
		}
		ask := func(what string, want bool) {
			t.Helper()
			if back, err := s.CameBack(t.Context(), c.Actions()); err != nil || back[0] != want {
				t.Errorf("%s, %s: %v, %v, want %t", test.name, what, back, err, want)
			}
		}
		ask("remembered", true)
		at, _, _ := strings.Cut(raw.HGet(t.Context(), key, "came").Val(), " ")
		for what, until := range map[string]time.Time{"not forgotten": time.Now().Add(time.Minute), "forgotten": time.Now().Add(-time.Second)} {
			field := at + strings.TrimPrefix(liftedField(time.UnixMicro(0), until), "0")
			if err := raw.HSet(t.Context(), key, "came", field).Err(); err != nil {
				t.Fatal(err)
			}
			ask(what, what == "not forgotten")
		}
	}
}

// TestNobodyKnowsWhoCameBackWithoutRedis stops the server.
func TestNobodyKnowsWhoCameBackWithoutRedis(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	c := removalOf(groupN(1), 1)
	server.Kill()
	if back, err := s.CameBack(t.Context(), c.Actions()); err == nil {
		t.Errorf("without Redis: %v, want an error", back)
	}
}
