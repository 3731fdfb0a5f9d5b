package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestEveryKeyExpiresOrIsBounded uses everything once and looks at every key that is left.
func TestEveryKeyExpiresOrIsBounded(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 2})
	g, ctx := groupN(1), t.Context()
	part := store.PartitionOf(g, 2)
	for n := range 5 {
		c := removalOf(g, n)
		c.Strike = &chat.Strike{Rule: "links", Points: 1, Fade: 1, Every: time.Hour}
		if _, err := s.Commit(ctx, []chat.Case{c}); err != nil {
			t.Fatal(err)
		}
	}
	var items []actions.Item
	eventually(t, "five claims", func() bool {
		more, err := s.Claim(ctx, part, 5-len(items))
		items = append(items, more...)
		return err == nil && len(items) == 5
	})
	for i, state := range []actions.State{actions.Done, actions.Dead, actions.Retry, actions.Held, actions.Held} {
		if err := s.Settle(ctx, []actions.Settlement{{Item: items[i], State: state, At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	w := chat.Window{ID: "w", Key: "k", Limit: 5, Within: time.Minute}
	trail := w
	trail.Note = "note"
	look := chat.Look{Event: "x", Group: g, Member: "m", Kind: chat.Join, At: time.Now(), KeepJoin: time.Hour, Windows: []chat.Window{w, trail}}
	behind := look // so that the order is remembered
	behind.Event, behind.At = "y", look.At.Add(-time.Second)
	if _, err := s.Observe(ctx, []chat.Look{look, behind}); err != nil {
		t.Fatal(err)
	}
	for _, of := range []*chat.Window{&w, &trail} {
		if n, err := s.client.HLen(ctx, windowKeys(part, of)[1]).Result(); n != 2 && n != 3 || err != nil {
			t.Errorf("what repeats are told takes %d fields, %v, want those of one or two events and a counter", n, err)
		}
	}
	if err := s.SaveRoster(ctx, g, chat.Roster{Version: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(ctx, "key", actions.RateOf(5)); err != nil {
		t.Fatal(err)
	}
	if err := s.Slow(ctx, "key", time.Second); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Requeue(ctx, actions.HeldShelf, []chat.Action{items[4].Action}, time.Now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.SaveMemo(ctx, chat.Memo{Kind: "lock", Key: "k", Version: 1, Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	bounded := map[string]bool{
		kindQueue: true, kindAttempts: true, kindDead: true, kindDeadAge: true, kindHeld: true, kindHeldAge: true,
	}
	seen := map[string]bool{}
	raw := rawClient(t, server.Addr)
	keys, err := raw.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if key == metaKey {
			continue
		}
		kind, _, _ := strings.Cut(key[strings.Index(key, "}:")+2:], ":")
		seen[kind] = true
		if ttl := raw.PTTL(ctx, key).Val(); ttl <= 0 && !bounded[kind] {
			t.Errorf("key %s neither expires nor is bounded", key)
		}
	}
	for _, kind := range []string{
		kindWindow, kindTrail, kindLadder, kindJoined, kindMarks, kindRecord, kindRecords, kindQueue,
		kindAttempts, kindDead, kindDeadAge, kindRoster, kindGroups, kindLimit,
		kindText, kindHeld, kindHeldAge, kindMoved, kindSlow, kindMemos, kindMemoAge,
	} {
		if !seen[kind] {
			t.Errorf("no key of kind %s was written", kind)
		}
	}
}

// TestTheSharedPaceIsTheLocalOne plays the same requests to the script and to actions.Rate.
func TestTheSharedPaceIsTheLocalOne(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	r := actions.Rate{Interval: 20 * time.Millisecond, Slack: 50 * time.Millisecond}
	ctx := t.Context()
	key := limitKey(0, "k")
	for _, early := range []time.Duration{0, time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond, 69 * time.Millisecond} {
		now, err := s.client.Time(ctx).Result()
		if err != nil {
			t.Fatal(err)
		}
		due := time.Duration(now.UnixMicro())*time.Microsecond + early
		if err := s.client.Set(ctx, key, due.Microseconds(), time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
		wait, err := s.Take(ctx, "k", r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.client.Get(ctx, key).Int64()
		if err != nil {
			t.Fatal(err)
		}
		after, err := s.client.Time(ctx).Result()
		if err != nil {
			t.Fatal(err)
		}
		// Redis's clock went on between now and after: the script's answer lies between the two.
		dueFirst, waitMost := r.Next(due, time.Duration(now.UnixMicro())*time.Microsecond)
		dueLast, waitLeast := r.Next(due, time.Duration(after.UnixMicro())*time.Microsecond)
		if wait < waitLeast || wait > waitMost {
			t.Errorf("%v early: waits %v, want %v to %v", early, wait, waitLeast, waitMost)
		}
		lo, hi := min(dueFirst, dueLast).Microseconds(), max(dueFirst, dueLast).Microseconds()
		if got < lo || got > hi {
			t.Errorf("%v early: due %d, want %d to %d", early, got, lo, hi)
		}
	}
	// A due time far ahead of this clock is one of a server whose clock was ahead.
	if err := s.client.Set(ctx, key, time.Now().Add(time.Hour).UnixMicro(), time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	if wait, err := s.Take(ctx, "k", r); err != nil || wait <= 0 || wait > r.Interval {
		t.Errorf("after the clock went back: wait %v, %v, want at most %v", wait, err, r.Interval)
	}
}

func TestAnEntryThatCannotBeReadBecomesADeadLetter(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	ctx := t.Context()
	if err := s.client.Do(ctx, "xadd", partKey(0, kindQueue), "*", "a", "not JSON").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(ctx, []chat.Case{removalOf(groupN(1), 1)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the entry behind it", func() bool {
		items, err := s.Claim(ctx, 0, 10)
		return err == nil && len(items) == 1
	})
	letters, err := s.Letters(ctx, actions.DeadShelf, nil, 10)
	if err != nil || len(letters) != 1 || letters[0].Code != "unreadable" {
		t.Errorf("dead letters %+v, %v, want the entry", letters, err)
	}
}
