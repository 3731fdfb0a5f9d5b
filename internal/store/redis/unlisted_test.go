package redis

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestUnlistedCasesLeaveShortLivedKeys carries many out, each of a member of its own and with a window of
// its own, and looks at every key.
func TestUnlistedCasesLeaveShortLivedKeys(t *testing.T) {
	const n = 200
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 2})
	ctx, g := t.Context(), groupN(1)
	for i := range n {
		c := removalOf(g, i)
		c.Unlisted = true
		look := chat.Look{
			Event: c.Event.ID, Group: g, Member: c.Event.Member, Kind: chat.Message, At: c.Event.At,
			Windows: []chat.Window{{ID: "w", Key: string(c.Event.Member), Limit: 2, Add: 2, Within: time.Minute, Group: &g}},
		}
		if facts, err := s.Observe(ctx, []chat.Look{look}); err != nil || facts[0].Counts[0] != 2 {
			t.Fatal(facts, err)
		}
		for _, known := range []bool{false, true} {
			if got, err := s.Commit(ctx, []chat.Case{c}); err != nil || got[0].Known != known {
				t.Fatal(got, err)
			}
		}
	}
	if ended := drain(t, s); len(ended) != n {
		t.Errorf("%d of %d actions came out", len(ended), n)
	}
	raw := rawClient(t, server.Addr)
	keys, err := raw.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	count, longest := map[string]int{}, map[string]time.Duration{}
	for _, key := range keys {
		if key == metaKey {
			continue
		}
		kind, _, _ := strings.Cut(key[strings.Index(key, "}:")+2:], ":")
		count[kind]++
		ttl := raw.PTTL(ctx, key).Val()
		if ttl <= 0 && kind != kindQueue {
			t.Errorf("key %s never expires", key)
		}
		longest[kind] = max(longest[kind], ttl)
	}
	if want := map[string]int{kindQueue: 1, kindRecord: n, kindMarks: n, kindWindow: n}; !maps.Equal(count, want) {
		t.Errorf("keys of each kind: %v, want %v", count, want)
	}
	for kind, most := range map[string]time.Duration{
		kindRecord: store.Options{}.Defaults().KeepUnlisted(), kindMarks: chat.DedupeFor + time.Second, kindWindow: 15 * time.Minute,
	} {
		if longest[kind] > most {
			t.Errorf("keys of kind %s are kept for %v, want %v at most", kind, longest[kind], most)
		}
	}
	fields, err := raw.HGetAll(ctx, recordKey(store.PartitionOf(g, 2), removalOf(g, 1).ID)).Result()
	if err != nil || len(fields) != 2 || fields["what"] == "" || fields["at"] == "" {
		t.Errorf("a record holds %q, %v", fields, err)
	}
}

// A call that finds a known case touches its record where WAIT follows: not for longer than it was kept.
func TestAKnownUnlistedCaseIsKeptNoLonger(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 1, store.Options{Partitions: 1})
	c := removalOf(groupN(1), 1)
	c.Unlisted = true
	for range 2 {
		_, _ = s.Commit(t.Context(), []chat.Case{c}) // there is no replica: it is stored all the same
	}
	raw := rawClient(t, server.Addr)
	if ttl, most := raw.PTTL(t.Context(), recordKey(0, c.ID)).Val(), (store.Options{}).Defaults().KeepUnlisted(); ttl <= 0 || ttl > most {
		t.Errorf("the record is kept for %v, want up to %v", ttl, most)
	}
}
