package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testAudit(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("records", func(t *testing.T) { testRecords(t, open(t, fresh, store.Options{})) })
	t.Run("answers are bounded", func(t *testing.T) { testAnswerBound(t, open(t, fresh, store.Options{})) })
	t.Run("records are bounded", func(t *testing.T) {
		testRecordBound(t, open(t, fresh, store.Options{Partitions: 1, MaxRecords: 20}))
	})
}

func testRecords(t *testing.T, s store.Store) {
	at := recent()
	c := caseOf(group("audit"), "e{}\x00", "m: }{", at, removal, chat.Intent{Kind: chat.Alert, Rule: "r2", Severity: "critical"})
	if _, ok := record(t, s, c.ID); ok {
		t.Error("a case that was never committed is there")
	}
	if _, ok, err := s.RecordByCode(t.Context(), c.Code); ok || err != nil {
		t.Errorf("a code that was never committed: %v, %v", ok, err)
	}
	commit(t, s, c)
	want, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	byID, ok := record(t, s, c.ID)
	byCode, okCode, err := s.RecordByCode(t.Context(), c.Code)
	if !ok || !okCode || err != nil {
		t.Fatalf("found by ID %v, by code %v, %v", ok, okCode, err)
	}
	for _, rec := range []chat.Record{byID, byCode} {
		got, err := json.Marshal(rec.Case)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) || len(rec.Answers) != 0 {
			t.Errorf("recorded\n%s with %d answers, want\n%s", got, len(rec.Answers), want)
		}
	}
	for _, odd := range []chat.CaseID{"", "}{", "\x00", "*", chat.CaseID(c.Code)} {
		if _, ok := record(t, s, odd); ok {
			t.Errorf("case %q is there", odd)
		}
	}
}

func testAnswerBound(t *testing.T, s store.Store) {
	g := group("answers")
	c := caseOf(g, "e", "m", recent())
	commit(t, s, c)
	it := claimOne(t, s, g)
	const tries = store.MaxAnswers + 10
	for i := range tries {
		err := s.Settle(t.Context(), []actions.Settlement{{Item: it, State: actions.Retry, Code: fmt.Sprint(i), At: recent()}})
		if err != nil {
			t.Fatalf("settling try %d: %v", i, err)
		}
	}
	rec, _ := record(t, s, c.ID)
	if len(rec.Answers) != store.MaxAnswers {
		t.Fatalf("%d answers, want the last %d", len(rec.Answers), store.MaxAnswers)
	}
	for i, a := range rec.Answers {
		if a.Code != fmt.Sprint(tries-store.MaxAnswers+i) {
			t.Fatalf("answer %d has code %s, want the last ones in order", i, a.Code)
		}
	}
	settle(t, s, actions.Free, it)
	if again := claimOne(t, s, g); again.Attempts != tries {
		t.Errorf("%d attempts, want %d", again.Attempts, tries)
	}
}

func testRecordBound(t *testing.T, s store.Store) {
	g, at := group("bound"), recent()
	first, n := caseN(g, 0, at), 1
	commit(t, s, first)
	waitFor(t, "the oldest record to go", func() bool {
		var more []chat.Case
		for range 20 {
			more = append(more, caseN(g, n, at))
			n++
		}
		commit(t, s, more...)
		_, ok := record(t, s, first.ID)
		return !ok
	})
	if _, ok := record(t, s, caseN(g, n-1, at).ID); !ok {
		t.Error("the newest record went")
	}
	if _, ok, err := s.RecordByCode(t.Context(), first.Code); ok || err != nil {
		t.Errorf("a record that went is found by its code: %v, %v", ok, err)
	}
	if got := commit(t, s, first)[0]; !got.Known {
		t.Errorf("a case whose record went: %+v, want it still known", got)
	}
	// The queue keeps what the audit has let go.
	items := claimAll(t, s, g, n)
	if items[0].Case != first.ID || len(slices.Compact(members(items))) != n {
		t.Errorf("claimed %d entries beginning with case %s, want all %d", len(items), items[0].Case, n)
	}
	settle(t, s, actions.Done, items...)
	if _, ok := record(t, s, first.ID); ok {
		t.Error("an answer brought a record back that went")
	}
}
