package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

var (
	errNotSame = errors.New("stored and read differ")
	removal    = chat.Intent{Kind: chat.Remove, Rule: "r1", Reason: "spam {code}"}
)

// recent is a time shortly before now: stores let go of what is old by their own clock.
func recent() time.Time { return time.Now().Add(-time.Minute).Truncate(time.Millisecond).UTC() }

func group(id chat.GroupID) chat.Group {
	return chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: id}
}

// caseOf builds a case with one intent per rule id, a removal by r1 when none is given.
func caseOf(g chat.Group, ev chat.EventID, m chat.MemberID, at time.Time, intents ...chat.Intent) chat.Case {
	if len(intents) == 0 {
		intents = []chat.Intent{removal}
	}
	id := chat.NewCaseID(g, ev)
	return chat.Case{
		ID: id, Code: id.Code(), Rules: "rules-hash", Intents: intents,
		Event: chat.Event{
			At: at, Group: g, GroupType: chat.Public, ID: ev, Kind: chat.Message, Member: m,
			Text: "buy \"coins\" \x00 加微信", Received: at.Add(20 * time.Millisecond),
		},
		Matches: []chat.Match{{Rule: intents[0].Rule, Mode: "enforce", Why: "link win.example.net"}},
	}
}

func caseN(g chat.Group, n int, at time.Time) chat.Case {
	return caseOf(g, chat.EventID(fmt.Sprintf("e%d", n)), chat.MemberID(fmt.Sprintf("m%d", n)), at.Add(time.Duration(n)*time.Millisecond))
}

func observe(t *testing.T, s Observer, looks ...chat.Look) []chat.Facts {
	t.Helper()
	facts, err := s.Observe(t.Context(), looks)
	if err != nil {
		t.Fatalf("observing: %v", err)
	}
	if len(facts) != len(looks) {
		t.Fatalf("observing %d looks: %d facts", len(looks), len(facts))
	}
	return facts
}

func commit(t *testing.T, s Observer, cases ...chat.Case) []chat.Committed {
	t.Helper()
	out, err := s.Commit(t.Context(), cases)
	if err != nil {
		t.Fatalf("committing: %v", err)
	}
	if len(out) != len(cases) {
		t.Fatalf("committing %d cases: %d results", len(cases), len(out))
	}
	return out
}

func claim(t *testing.T, s store.Store, part, most int) []actions.Item {
	t.Helper()
	items, err := s.Claim(t.Context(), part, most)
	if err != nil {
		t.Fatalf("claiming from partition %d: %v", part, err)
	}
	return items
}

// claimAll claims until n entries of the group are there, in the order of claiming. What it meets
// of other groups in the partition it frees.
func claimAll(t *testing.T, s store.Store, g chat.Group, n int) []actions.Item {
	t.Helper()
	var items, others []actions.Item
	if n == 0 { // no claim is for nothing
		return nil
	}
	waitFor(t, fmt.Sprintf("%d claims", n), func() bool {
		for _, it := range claim(t, s, partOf(s, g), n-len(items)) {
			if it.Group == g {
				items = append(items, it)
			} else {
				others = append(others, it)
			}
		}
		return len(items) >= n
	})
	settle(t, s, actions.Free, others...)
	return items
}

// claimOne claims an entry that must be there.
func claimOne(t *testing.T, s store.Store, g chat.Group) actions.Item {
	t.Helper()
	return claimAll(t, s, g, 1)[0]
}

func settle(t *testing.T, s store.Store, state actions.State, items ...actions.Item) {
	t.Helper()
	if len(items) == 0 {
		return
	}
	out := make([]actions.Settlement, len(items))
	for i, it := range items {
		out[i] = actions.Settlement{Item: it, State: state, API: "an_api", Code: "10007", Text: "answer text", RequestID: "req-1", At: time.Now()}
	}
	if err := s.Settle(t.Context(), out); err != nil {
		t.Fatalf("settling %s: %v", state, err)
	}
}

func depth(t *testing.T, s store.Store) actions.Depth {
	t.Helper()
	d, err := s.Depth(t.Context())
	if err != nil {
		t.Fatalf("reading the depth: %v", err)
	}
	return d
}

func dead(t *testing.T, s store.Store) []actions.Letter {
	t.Helper()
	letters, err := s.Letters(t.Context(), actions.DeadShelf, nil, 1000)
	if err != nil {
		t.Fatalf("reading dead letters: %v", err)
	}
	return letters
}

func record(t *testing.T, s store.Store, id chat.CaseID) (chat.Record, bool) {
	t.Helper()
	r, ok, err := s.Record(t.Context(), id)
	if err != nil {
		t.Fatalf("reading case %s: %v", id, err)
	}
	return r, ok
}

func partOf(s store.Store, g chat.Group) int { return store.PartitionOf(g, s.Parts()) }

func members(items []actions.Item) []chat.MemberID {
	out := make([]chat.MemberID, len(items))
	for i, it := range items {
		out[i] = it.Member
	}
	return out
}

func actionIDs(as []chat.Action) []chat.ActionID {
	out := make([]chat.ActionID, len(as))
	for i, a := range as {
		out[i] = a.ID
	}
	return out
}

// sameAction compares actions field by field, times by the instant.
func sameAction(got, want chat.Action) error {
	if !got.EventAt.Equal(want.EventAt) || !got.Received.Equal(want.Received) || !got.Intent.Until.Equal(want.Intent.Until) ||
		!got.Released.Equal(want.Released) {
		return fmt.Errorf("%w: times of %+v and %+v", errNotSame, got, want)
	}
	got.EventAt, got.Received, got.Intent.Until, got.Released = want.EventAt, want.Received, want.Intent.Until, want.Released
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%w: %+v and %+v", errNotSame, got, want)
	}
	return nil
}
