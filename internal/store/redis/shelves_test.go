package redis

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
	goredis "github.com/redis/go-redis/v9"
)

// shelved commits the n-th removal of a group and puts it on a shelf of the only partition.
func shelved(t *testing.T, s *Store, n int, state actions.State) chat.Case {
	t.Helper()
	c := removalOf(groupN(1), n)
	if got, err := s.Commit(t.Context(), []chat.Case{c}); err != nil || got[0].Queued != 1 {
		t.Fatalf("commit of case %d: %+v, %v", n, got, err)
	}
	endFirst(t, s, state)
	return c
}

func statesOf(t *testing.T, s *Store, c chat.Case) []string {
	t.Helper()
	r, _, err := s.Record(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range r.Answers {
		out = append(out, a.State)
	}
	return out
}

// TestALostReplyMovesALetterOnce has the server carry out a call twice as far as the client knows.
func TestALostReplyMovesALetterOnce(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	p := newLossy(t, server.Addr)
	s := openAt(t, "redis://"+p.addr, 0, store.Options{Partitions: 1})
	raw := rawClient(t, server.Addr)
	for _, script := range []*goredis.Script{s.scripts.unshelve, s.scripts.settle, s.scripts.memo, s.scripts.drop, s.scripts.slow} {
		if err := script.Load(t.Context(), raw).Err(); err != nil {
			t.Fatal(err)
		}
	}
	lose := func(what string, do func() error) {
		t.Helper()
		before := p.lost.Load()
		p.armed.Store(true)
		if err := do(); err != nil || p.lost.Load() != before+1 {
			t.Fatalf("%s: %v, %d replies lost, want 1", what, err, p.lost.Load()-before)
		}
	}
	first, second := shelved(t, s, 1, actions.Held), shelved(t, s, 2, actions.Dead)
	for _, test := range []struct {
		c     chat.Case
		shelf actions.Shelf
		take  func(shelf actions.Shelf, of []chat.Action) (int, error)
		queue int
		want  []string
	}{
		{first, actions.HeldShelf, func(shelf actions.Shelf, of []chat.Action) (int, error) {
			return s.Requeue(t.Context(), shelf, of, time.Now())
		}, 1, []string{"held", "released"}},
		{second, actions.DeadShelf, func(shelf actions.Shelf, of []chat.Action) (int, error) {
			return s.Discard(t.Context(), shelf, of)
		}, 1, []string{"dead", "dropped"}},
	} {
		lose("taking off "+string(test.shelf), func() error {
			n, err := test.take(test.shelf, test.c.Actions())
			if n != 1 {
				t.Errorf("%d taken off shelf %s, want 1", n, test.shelf)
			}
			return err
		})
		if n := raw.XLen(t.Context(), partKey(0, kindQueue)).Val(); n != int64(test.queue) {
			t.Errorf("%d entries after shelf %s, want %d", n, test.shelf, test.queue)
		}
		if got := statesOf(t, s, test.c); !slices.Equal(got, test.want) {
			t.Errorf("answers %q, want %q", got, test.want)
		}
	}
	memo := chat.Memo{Kind: "pause", Key: "a", Version: 1, Body: []byte("x"), Expires: time.Now().Add(time.Hour)}
	lose("a memo", func() error { return s.SaveMemo(t.Context(), memo) })
	lose("its end", func() error { return s.DropMemo(t.Context(), "pause", "a", 1) })
	lose("a slowdown", func() error { return s.Slow(t.Context(), "api", 0) })
	if share, _, _ := strings.Cut(raw.Get(t.Context(), slowKey(0, "api")).Val(), " "); share != "0.500000000" {
		t.Errorf("share %s of the pace, want a half", share)
	}
}

// TestADroppedHeldLetterTakesItsMarkWithIt fills the shelf to its bound: the action that is lost must
// not keep later ones out.
func TestADroppedHeldLetterTakesItsMarkWithIt(t *testing.T) {
	var out bytes.Buffer
	server := redistest.New(t, "--appendonly", "no")
	s, err := Open(t.Context(), server.URL(), 0, store.Options{Partitions: 1}, slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	lost, stays := shelved(t, s, 1, actions.Held), shelved(t, s, 2, actions.Held)
	const fill = `for i = 1, tonumber(ARGV[1]) do
		redis.call('ZADD', KEYS[1], '+inf', 'n' .. i)
		redis.call('HSET', KEYS[2], 'n' .. i, '0 {}')
	end
	return 1`
	keys := []string{partKey(0, kindHeldAge), partKey(0, kindHeld)}
	if err := rawClient(t, server.Addr).Eval(t.Context(), fill, keys, maxLetters-2).Err(); err != nil {
		t.Fatal(err)
	}
	shelved(t, s, 3, actions.Held)
	if d, err := s.Depth(t.Context()); err != nil || d.Held != maxLetters || d.Dead != 0 {
		t.Errorf("depth %+v, %v, want %d held", d, err, maxLetters)
	}
	for i, test := range []struct {
		was    chat.Case
		queued int
	}{{lost, 1}, {stays, 0}} {
		next := removalOf(groupN(1), 10+i)
		next.Event.Member = test.was.Event.Member
		if got, err := s.Commit(t.Context(), []chat.Case{next}); err != nil || got[0].Queued != test.queued {
			t.Errorf("an action equal to letter %d: %+v, %v, want %d queued", i, got, err, test.queued)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "held letters were dropped") != 1 {
		t.Errorf("log %q, want one loss", got)
	}
}

// TestLettersOfOneInstantAreListedOnce has more letters with one score than a page of the index holds.
func TestLettersOfOneInstantAreListedOnce(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 2})
	const each = 2*walkPage + 7
	for part := range 2 {
		var ages []goredis.Z
		bodies := map[string]string{}
		for n := range each {
			c := removalOf(groupN(part), n)
			a := c.Actions()[0]
			body, err := encodeLetter(&actions.Settlement{Item: actions.Item{Action: a}, State: actions.Dead, At: time.Unix(int64(n/900), 0)})
			if err != nil {
				t.Fatal(err)
			}
			ages = append(ages, goredis.Z{Score: float64(n / 900), Member: letterName(a.ID)})
			bodies[letterName(a.ID)] = "3 " + string(body)
		}
		if err := s.client.ZAdd(t.Context(), partKey(part, kindDeadAge), ages...).Err(); err != nil {
			t.Fatal(err)
		}
		if err := s.client.HSet(t.Context(), partKey(part, kindDead), bodies).Err(); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[chat.ActionID]bool{}
	got, err := s.Letters(t.Context(), actions.DeadShelf, func(l *actions.Letter) bool { return l.Attempts == 3 }, 10*each)
	for _, l := range got {
		seen[l.Action.ID] = true
	}
	if err != nil || len(got) != 2*each || len(seen) != len(got) {
		t.Errorf("%d letters, %d of them different, %v, want %d", len(got), len(seen), err, 2*each)
	}
	if !slices.IsSortedFunc(got, func(a, b actions.Letter) int { return b.At.Compare(a.At) }) {
		t.Error("the newest are not first")
	}
}

func TestAnUnreadableEntryCanOnlyBeDiscarded(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 3})
	ctx := t.Context()
	if err := s.client.XAdd(ctx, &goredis.XAddArgs{Stream: partKey(2, kindQueue), Values: []string{"a", "not JSON"}}).Err(); err != nil {
		t.Fatal(err)
	}
	var of []chat.Action
	eventually(t, "its letter", func() bool {
		if _, err := s.Claim(ctx, 2, 1); err != nil {
			t.Fatal(err)
		}
		letters, err := s.Letters(ctx, actions.DeadShelf, nil, 1)
		for _, l := range letters {
			of = append(of, l.Action)
		}
		return err == nil && len(of) == 1
	})
	if n, err := s.Requeue(ctx, actions.DeadShelf, of, time.Time{}); n != 0 || err != nil {
		t.Errorf("requeued %d, %v, want none", n, err)
	}
	if n, err := s.Discard(ctx, actions.DeadShelf, of); n != 1 || err != nil {
		t.Errorf("discarded %d, %v, want 1", n, err)
	}
	if d, err := s.Depth(ctx); err != nil || d.Dead != 0 || d.Entries != 0 {
		t.Errorf("depth %+v, %v, want nothing left", d, err)
	}
}

// TestTheStoredActionIsQueued hands in what a caller may have made of an action.
func TestTheStoredActionIsQueued(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	c := shelved(t, s, 1, actions.Held)
	changed := c.Actions()[0]
	changed.Member, changed.Intent.Kind = "somebody else", chat.Dissolve
	if n, err := s.Requeue(t.Context(), actions.HeldShelf, []chat.Action{changed}, time.Now()); n != 1 || err != nil {
		t.Fatalf("requeued %d, %v", n, err)
	}
	eventually(t, "a claim", func() bool {
		items, err := s.Claim(t.Context(), 0, 1)
		if err != nil || len(items) == 0 {
			return false
		}
		a := items[0].Action
		if a.Released.IsZero() || a.Member != c.Event.Member || a.Intent.Kind != chat.Remove {
			t.Errorf("claimed %+v, want the action as it was held", a)
		}
		return true
	})
	for _, shelf := range []actions.Shelf{"", "other"} {
		_, lerr := s.Letters(t.Context(), shelf, nil, 1)
		_, rerr := s.Requeue(t.Context(), shelf, nil, time.Time{})
		if _, derr := s.Discard(t.Context(), shelf, nil); lerr == nil || rerr == nil || derr == nil {
			t.Errorf("shelf %q: %v, %v, %v, want errors", shelf, lerr, rerr, derr)
		}
	}
}
