package redis

import (
	"regexp"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered has somebody removed who then joins, and tells
// of what came before the join.
func TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	raw := rawClient(t, server.Addr)
	for n, test := range []struct {
		left time.Duration
		want int
	}{{time.Minute, 0}, {-time.Second, 1}} {
		g := groupN(n)
		first, late := removalOf(g, 1), removalOf(g, 2)
		late.Event.Member, late.Event.At = first.Event.Member, first.Event.At.Add(time.Millisecond)
		if _, err := s.Commit(t.Context(), []chat.Case{first}); err != nil {
			t.Fatal(err)
		}
		joined := first.Event.At.Add(2 * time.Millisecond)
		join := chat.Look{Event: "j", Group: g, Member: first.Event.Member, Kind: chat.Join, At: joined}
		if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
			t.Fatal(err)
		}
		field := liftedField(joined, time.Now().Add(test.left))
		if err := raw.HSet(t.Context(), marksKey(0, g, first.Event.Member), "lifted", field).Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Commit(t.Context(), []chat.Case{late}); err != nil || got[0].Queued != test.want || len(got[0].Deduplicated) != 1-test.want {
			t.Errorf("%v before it is forgotten: %+v, %v, want %d queued", test.left, got, err, test.want)
		}
	}
}

// TestKnownCasesWriteNothing counts what the server changed. With replicas a write is needed: see
// TestACommitWaitsForItsReplicas.
func TestKnownCasesWriteNothing(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	var cases []chat.Case
	for n := range 100 {
		c := removalOf(groupN(1), n)
		c.Event.Member = chat.MemberID("m" + string(rune('a'+n%10))) // most are deduplicated
		c.Strike = &chat.Strike{Rule: "links", Points: 1, Fade: 1, Every: time.Hour}
		cases = append(cases, c)
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	changes := func() string {
		info, err := raw.Info(t.Context(), "persistence").Result()
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`rdb_changes_since_last_save:\d+`).FindString(info)
	}
	before := changes()
	got, err := s.Commit(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range got {
		if !c.Known || c.Queued != 0 || c.Strikes != i/10+1 {
			t.Fatalf("case %d: %+v, want known, with %d strikes", i, c, i/10+1)
		}
	}
	if after := changes(); before == "" || after != before {
		t.Errorf("%s after %s, want no change", after, before)
	}
}

// TestAnExactJoinIsForgotten dates the field that holds such a join.
func TestAnExactJoinIsForgotten(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	for n, test := range []struct {
		left time.Duration
		want int
	}{{time.Minute, 0}, {-time.Second, 1}} {
		late := removalOf(groupN(n), 1)
		g, joined := late.Event.Group, late.Event.At.Add(time.Minute)
		join := chat.Look{Event: "j", Group: g, Member: late.Event.Member, Kind: chat.Join, At: joined, Exact: true}
		if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
			t.Fatal(err)
		}
		key := marksKey(0, g, late.Event.Member)
		if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > chat.DedupeFor {
			t.Errorf("the join is kept for %v, want %v", ttl, chat.DedupeFor)
		}
		field := liftedField(joined.Add(-store.ReturnRoom), time.Now().Add(test.left))
		if err := raw.HSet(t.Context(), key, "came", field).Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Commit(t.Context(), []chat.Case{late}); err != nil || got[0].Queued != test.want {
			t.Errorf("%v before it is forgotten: %+v, %v, want %d queued", test.left, got, err, test.want)
		}
	}
}
