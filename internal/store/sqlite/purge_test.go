package sqlite

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// clock is a settable time.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.micros.Add(d.Microseconds()) }

func openAt(t *testing.T, o store.Options) (*Store, *clock) {
	t.Helper()
	c := &clock{}
	c.micros.Store(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC).UnixMicro())
	o.Now = c.now
	s, err := Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, c
}

func rows(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	if err := s.read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func caseAt(ev string, at time.Time) chat.Case {
	g := chat.Group{Provider: chat.Tencent, Account: "1", ID: "g"}
	id := chat.NewCaseID(g, chat.EventID(ev))
	return chat.Case{
		ID: id, Code: id.Code(), Intents: []chat.Intent{{Kind: chat.Remove, Rule: "r"}},
		Event: chat.Event{At: at, Group: g, ID: chat.EventID(ev), Kind: chat.Message, Member: chat.MemberID(ev)},
	}
}

// TestEverythingExpires fills every table that is bounded by time, in more than one purge step,
// and lets time pass.
func TestEverythingExpires(t *testing.T) {
	const n = purgeStep + 20
	s, c := openAt(t, store.Options{Partitions: 1, KeepRecords: time.Hour, KeepSeen: 24 * time.Hour})
	fill(t, s, c, n)
	for _, step := range []struct {
		name    string
		advance time.Duration
		want    map[string]int
	}{
		{"at once", 0, map[string]int{"windows": n, "joins": n, "marks": n, "cases": 2 * n, "answers": 2 * n, "seen": 0, "queue": 0, "lifted": 0, "dropped": n, "memos": n}},
		{"when the marks are over", chat.DedupeFor, map[string]int{"windows": n, "joins": n, "marks": 0, "cases": 2 * n, "seen": 0}},
		{"when the windows are over", 25 * time.Minute, map[string]int{"windows": 0, "joins": n, "cases": 2 * n, "dropped": n, "memos": 0}},
		{"when the records are over", 30 * time.Minute, map[string]int{"joins": 0, "cases": 0, "answers": 0, "seen": 2 * n, "dropped": n}},
		{"when the events cannot come again", 24 * time.Hour, map[string]int{"seen": 0, "dropped": 0}},
	} {
		c.advance(step.advance)
		if err := s.purge(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for table, want := range step.want {
			if got := rows(t, s, table); got != want {
				t.Errorf("%s: %d rows in %s, want %d", step.name, got, table, want)
			}
		}
		got, err := s.Commit(t.Context(), []chat.Case{caseAt("event 0", c.now())})
		if err != nil || got[0].Known != (step.name != "when the events cannot come again") {
			t.Errorf("%s: a repeated case: %+v, %v", step.name, got, err)
		}
	}
}

func fill(t *testing.T, s *Store, c *clock, n int) {
	t.Helper()
	var looks []chat.Look
	var cases []chat.Case
	for i := range n {
		cs := caseAt(fmt.Sprint("event ", i), c.now())
		second := caseAt(fmt.Sprint("second event ", i), c.now().Add(time.Second))
		second.Event.Member = cs.Event.Member // deduplicated
		cases = append(cases, cs, second)
		looks = append(looks, chat.Look{
			Event: cs.Event.ID, Group: cs.Event.Group, Member: cs.Event.Member, Kind: chat.Join, At: c.now(), KeepJoin: time.Hour,
			Windows: []chat.Window{{ID: "w", Key: fmt.Sprint(i), Limit: 5, Within: 10 * time.Minute}},
		})
	}
	if _, err := s.Observe(t.Context(), looks); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m := chat.Memo{Kind: "lock", Key: fmt.Sprint(i), Version: 1, Expires: c.now().Add(20 * time.Minute)}
		if err := s.SaveMemo(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	items, err := s.Claim(t.Context(), 0, n)
	if err != nil || len(items) != n {
		t.Fatalf("claimed %d of %d, %v", len(items), n, err)
	}
	var out []actions.Settlement
	for _, it := range items {
		out = append(out, actions.Settlement{Item: it, State: actions.Done, At: c.now()})
	}
	if err := s.Settle(t.Context(), out); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsAreBoundedExactly(t *testing.T) {
	s, c := openAt(t, store.Options{MaxRecords: 10})
	for i := range 25 {
		if _, err := s.Commit(t.Context(), []chat.Case{caseAt(fmt.Sprint(i), c.now())}); err != nil {
			t.Fatal(err)
		}
		if got, want := rows(t, s, "cases"), min(i+1, 10); got != want {
			t.Fatalf("%d records after %d cases, want %d", got, i+1, want)
		}
	}
	if got := rows(t, s, "seen"); got != 15 {
		t.Errorf("%d cases known without a record, want 15", got)
	}
}

func TestWindowsAreBounded(t *testing.T) {
	s, c := openAt(t, store.Options{})
	for i := range 200 {
		c.advance(time.Millisecond)
		_, err := s.Observe(t.Context(), []chat.Look{{
			Event: chat.EventID(fmt.Sprint(i)), Kind: chat.Message, At: c.now(),
			Windows: []chat.Window{{ID: "w", Limit: 5, Within: time.Minute}},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var size int
	if err := s.read.QueryRowContext(t.Context(), "SELECT LENGTH(points) FROM windows").Scan(&size); err != nil {
		t.Fatal(err)
	}
	if size != 14*formMore.size() {
		t.Errorf("200 events at a limit of 5 take %d bytes, want those of 10, and of 4 that were below the limit", size)
	}
}

// TestLeasesRunByTheClock holds a claim, lets it run out, and checks that a closed store's claims
// are void.
func TestLeasesRunByTheClock(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1, Lease: time.Minute})
	if _, err := s.Commit(t.Context(), []chat.Case{caseAt("e", c.now())}); err != nil {
		t.Fatal(err)
	}
	first, err := s.Claim(t.Context(), 0, 1)
	if err != nil || len(first) != 1 {
		t.Fatalf("claimed %v, %v", first, err)
	}
	c.advance(59 * time.Second)
	if err := s.Renew(t.Context(), []actions.Token{first[0].Token}); err != nil {
		t.Fatal(err)
	}
	c.advance(59 * time.Second)
	if items, err := s.Claim(t.Context(), 0, 1); err != nil || len(items) != 0 {
		t.Fatalf("a renewed claim was given away: %v, %v", items, err)
	}
	c.advance(time.Second)
	second, err := s.Claim(t.Context(), 0, 1)
	if err != nil || len(second) != 1 || second[0].Deliveries != 2 {
		t.Fatalf("after the lease: %+v, %v", second, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dirOf(s), store.Options{Partitions: 1, Lease: time.Minute, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	third, err := again.Claim(t.Context(), 0, 1)
	if err != nil || len(third) != 1 || third[0].Deliveries != 3 || third[0].Token.Fence <= second[0].Token.Fence {
		t.Errorf("after a restart: %+v, %v, want the third delivery at once and a higher fence", third, err)
	}
}

func dirOf(s *Store) string { return filepath.Dir(s.path) }
