package sqlite

import (
	"database/sql"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered tells of what came before the join of somebody
// who was removed, with and without the row of that join purged.
func TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered(t *testing.T) {
	for _, purged := range []bool{false, true} {
		for _, test := range []struct {
			wait time.Duration
			want int
		}{{chat.DedupeFor - time.Microsecond, 0}, {chat.DedupeFor, 1}} {
			s, c := openAt(t, store.Options{Partitions: 1})
			first := c.now()
			comeback(t, s, c)
			c.advance(test.wait)
			if purged {
				if err := s.purge(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			late := offence("e3", first.Add(time.Second-time.Microsecond))
			if got, err := s.Commit(t.Context(), []chat.Case{late}); err != nil || got[0].Queued != test.want {
				t.Errorf("after %v, purged %t: %+v, %v, want %d queued", test.wait, purged, got, err, test.want)
			}
			if n := rows(t, s, "dropped"); n != 1 {
				t.Errorf("after %v, purged %t: %d actions may be owed, want that of the comeback only", test.wait, purged, n)
			}
		}
	}
}

// TestKnownCasesWriteNothing looks at the file's version, which any write of another connection
// changes. Cases count whose record has gone, and members who came back.
func TestKnownCasesWriteNothing(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1, MaxRecords: 20})
	comeback(t, s, c)
	var cases []chat.Case
	for n := range 100 {
		o := offence("known "+string(rune('a'+n%50))+string(rune('a'+n/50)), c.now().Add(time.Duration(n%3)*time.Second))
		o.Strike = &chat.Strike{Rule: "r1", Points: 1, Fade: 1, Every: time.Hour}
		cases = append(cases, o)
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	conn, err := s.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // it only read
	before := dataVersion(t, conn)
	got, err := s.Commit(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if !got[i].Known || got[i].Queued != 0 {
			t.Fatalf("case %d: %+v, want known", i, got[i])
		}
	}
	if after := dataVersion(t, conn); after != before {
		t.Errorf("version %d after %d, want no write", after, before)
	}
}

func dataVersion(t *testing.T, conn *sql.Conn) int {
	t.Helper()
	var v int
	if err := conn.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestAnExactJoinSettlesWhatWasBeforeItForAWhile asks before and after the join is forgotten.
func TestAnExactJoinSettlesWhatWasBeforeItForAWhile(t *testing.T) {
	for _, test := range []struct {
		wait time.Duration
		want int
	}{{0, 0}, {chat.DedupeFor - time.Microsecond, 0}, {chat.DedupeFor, 1}} {
		for _, purged := range []bool{false, true} {
			s, c := openAt(t, store.Options{Partitions: 1})
			late := offence("e1", c.now())
			c.advance(time.Minute)
			join := chat.Look{
				Event: "j", Group: late.Event.Group, Member: late.Event.Member, Kind: chat.Join, At: c.now(), Exact: true,
			}
			if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
				t.Fatal(err)
			}
			c.advance(test.wait)
			if purged {
				if err := s.purge(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if n := rows(t, s, "came"); purged && n != 1-test.want {
				t.Errorf("after %v: %d joins are remembered", test.wait, n)
			}
			if got, err := s.Commit(t.Context(), []chat.Case{late}); err != nil || got[0].Queued != test.want {
				t.Errorf("after %v, purged %t: %+v, %v, want %d queued", test.wait, purged, got, err, test.want)
			}
		}
	}
}
