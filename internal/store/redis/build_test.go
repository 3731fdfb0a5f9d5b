package redis

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// openAt opens a store and closes it with the test.
func openAt(t testing.TB, url string, replicas int, o store.Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, replicas, o, discard())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// rawClient is a client beside the store, to do to Redis what the store would not.
func rawClient(t testing.TB, addr string) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: addr})
	t.Cleanup(func() { _ = c.Close() }) // nothing depends on it
	return c
}

func groupN(i int) chat.Group {
	return chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(fmt.Sprintf("@TGS#%d", i))}
}

// removalOf is a case about the n-th event of a group, each by another member.
func removalOf(g chat.Group, n int) chat.Case {
	event := chat.EventID(fmt.Sprintf("e%d", n))
	at := time.Now().Truncate(time.Millisecond)
	id := chat.NewCaseID(g, event)
	return chat.Case{
		ID: id, Code: id.Code(), Rules: "hash",
		Event: chat.Event{
			At: at, Group: g, GroupType: chat.Public, ID: event, Kind: chat.Message,
			Member: chat.MemberID(fmt.Sprintf("m%d", n)), Text: "cheap coins http://win.example.net", Received: at,
		},
		Matches: []chat.Match{{Rule: "links", Mode: "enforce"}},
		Intents: []chat.Intent{{Kind: chat.Remove, Rule: "links", Reason: "Links are closed"}},
	}
}

// drain claims and settles until the queue is empty, and counts how often each action came out.
func drain(t testing.TB, s *Store) map[chat.ActionID]int {
	t.Helper()
	got := map[chat.ActionID]int{}
	for part := range s.Parts() {
		for {
			n, err := s.client.XLen(t.Context(), partKey(part, kindQueue)).Result()
			if err != nil {
				t.Fatalf("length of partition %d: %v", part, err)
			}
			if n == 0 {
				break
			}
			items, err := s.Claim(t.Context(), part, 100)
			if err != nil {
				t.Fatalf("claim from partition %d: %v", part, err)
			}
			out := make([]actions.Settlement, len(items))
			for i, it := range items {
				got[it.ID]++
				out[i] = actions.Settlement{Item: it, State: actions.Done, At: time.Now()}
			}
			if err := s.Settle(t.Context(), out); err != nil {
				t.Fatalf("settle in partition %d: %v", part, err)
			}
		}
	}
	return got
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
