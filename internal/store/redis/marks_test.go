package redis

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// endFirst claims one entry of the only partition and settles it.
func endFirst(t *testing.T, s *Store, state actions.State) {
	t.Helper()
	var items []actions.Item
	eventually(t, "a claim", func() bool {
		var err error
		items, err = s.Claim(t.Context(), 0, 1)
		return err == nil && len(items) == 1
	})
	if err := s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: state, At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
}

// TestAMarkWithoutATimeHoldsUntilItExpires is about marks of the version before, which did not say
// when an action was done.
func TestAMarkWithoutATimeHoldsUntilItExpires(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	g, raw := groupN(1), rawClient(t, server.Addr)
	first := removalOf(g, 1)
	if _, err := s.Commit(t.Context(), []chat.Case{first}); err != nil {
		t.Fatal(err)
	}
	endFirst(t, s, actions.Done)
	a := first.Actions()[0]
	dedupe, _ := a.Dedupe()
	key, field := marksKey(0, g, a.Member), markField(dedupe)
	for n, test := range []struct {
		expires time.Duration
		want    int
	}{{time.Minute, 0}, {-time.Second, 1}} {
		old := fmt.Sprint(markName(a.ID), " ", a.EventAt.UnixMicro(), " ", time.Now().Add(test.expires).UnixMilli())
		if err := raw.HSet(t.Context(), key, field, old).Err(); err != nil {
			t.Fatal(err)
		}
		back := removalOf(g, 2+n)
		back.Event.Member, back.Event.At = a.Member, time.Now().Add(time.Hour)
		if got, err := s.Commit(t.Context(), []chat.Case{back}); err != nil || got[0].Queued != test.want {
			t.Errorf("a mark that expires in %v: %+v, %v, want %d queued", test.expires, got, err, test.want)
		}
	}
}

// TestDeadLettersAreBoundedAndTheirLossIsLogged fills a partition to its bound.
func TestDeadLettersAreBoundedAndTheirLossIsLogged(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	var out bytes.Buffer
	s, err := Open(t.Context(), server.URL(), 0, store.Options{Partitions: 1}, slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	const fill = `for i = 1, tonumber(ARGV[1]) do
		redis.call('ZADD', KEYS[1], i, 'n' .. i)
		redis.call('HSET', KEYS[2], 'n' .. i, '0 {}')
	end
	return 1`
	keys := []string{partKey(0, kindDeadAge), partKey(0, kindDead)}
	if err := rawClient(t, server.Addr).Eval(t.Context(), fill, keys, maxLetters-1).Err(); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if _, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), n)}); err != nil {
			t.Fatal(err)
		}
		endFirst(t, s, actions.Dead)
		if d, err := s.Depth(t.Context()); err != nil || d.Dead != maxLetters {
			t.Errorf("depth %+v, %v after letter %d, want %d dead", d, err, n, maxLetters)
		}
		if lines := strings.Count(out.String(), "dead letters were dropped"); lines != min(n, 1) {
			t.Errorf("%d lines after letter %d, want %d", lines, n, min(n, 1))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "level=ERROR") != 2 || strings.Count(got, "dropped=1 ") != 2 {
		t.Errorf("log %q, want one loss at once and one at the end", got)
	}
	raw := rawClient(t, server.Addr)
	if raw.HExists(t.Context(), keys[1], "n2").Val() || !raw.HExists(t.Context(), keys[1], "n3").Val() {
		t.Error("want the two oldest letters gone, and only those")
	}
}
