package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// comeback commits a removal and a second one of the same member, which is deduplicated, and has the
// member join in between. It returns the second one.
func comeback(t *testing.T, s *Store, g chat.Group, n int) chat.Case {
	t.Helper()
	first, second := removalOf(g, n), removalOf(g, n+1)
	second.Event.Member, second.Event.At = first.Event.Member, first.Event.At.Add(2*time.Millisecond)
	if _, err := s.Commit(t.Context(), []chat.Case{first, second}); err != nil {
		t.Fatal(err)
	}
	join := chat.Look{
		Event: "j", Group: g, Member: first.Event.Member, Kind: chat.Join, At: first.Event.At.Add(time.Millisecond),
	}
	if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
		t.Fatal(err)
	}
	return second
}

func TestALostReplyQueuesAComebackOnce(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	p := newLossy(t, server.Addr)
	s := openAt(t, "redis://"+p.addr, 0, store.Options{Partitions: 1})
	g := groupN(1)
	second := comeback(t, s, g, 1)
	p.armed.Store(true)
	got, err := s.Commit(t.Context(), []chat.Case{second, second, removalOf(g, 3)})
	if err != nil || p.lost.Load() != 1 {
		t.Fatalf("commit with its reply lost: %v, %d replies lost, want 1", err, p.lost.Load())
	}
	if !got[0].Known || got[0].Queued != 1 || !got[1].Known || got[1].Queued != 0 || got[2].Known || got[2].Queued != 1 {
		t.Errorf("%+v, want what the first try did", got)
	}
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 3 {
		t.Errorf("depth %+v, %v, want three entries", d, err)
	}
}

// liftedField is how the scripts note a join and until when it is remembered.
func liftedField(at, until time.Time) string {
	return fmt.Sprint(at.UnixMicro(), " ", until.UnixMilli())
}

// TestAComebackIsRememberedForAsLongAsAMark looks at the time to live: of a join that lifted all
// marks, and of one beside a mark that is still pending.
func TestAComebackIsRememberedForAsLongAsAMark(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s := openAt(t, server.URL(), 0, store.Options{Partitions: 1})
	g, raw := groupN(1), rawClient(t, server.Addr)
	second := comeback(t, s, g, 1)
	key := marksKey(0, g, second.Event.Member)
	if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= chat.DedupeFor-time.Minute || ttl > chat.DedupeFor {
		t.Errorf("a join that lifted all marks is kept for %v, want %v", ttl, chat.DedupeFor)
	}
	if _, err := s.Commit(t.Context(), []chat.Case{second}); err != nil {
		t.Fatal(err)
	}
	join := chat.Look{Event: "j", Group: g, Member: second.Event.Member, Kind: chat.Join, At: second.Event.At.Add(-time.Millisecond)}
	if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
		t.Fatal(err)
	}
	if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= store.KeepPending-time.Minute || ttl > store.KeepPending {
		t.Errorf("a pending mark is kept for %v after a join, want %v", ttl, store.KeepPending)
	}
	// The field of a join that is over says nothing.
	third := comeback(t, s, g, 5)
	key = marksKey(0, g, third.Event.Member)
	over := time.Now().Add(-time.Second)
	lifted := third.Event.At.Add(-time.Millisecond)
	if err := raw.HSet(t.Context(), key, "lifted", liftedField(lifted, over)).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Commit(t.Context(), []chat.Case{third}); err != nil || !got[0].Known || got[0].Queued != 0 {
		t.Errorf("long after the join: %+v, %v, want nothing queued", got, err)
	}
	if err := raw.HSet(t.Context(), key, "lifted", liftedField(lifted, over.Add(time.Minute))).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Commit(t.Context(), []chat.Case{third}); err != nil || !got[0].Known || got[0].Queued != 1 {
		t.Errorf("while the join is remembered: %+v, %v, want one queued", got, err)
	}
}
