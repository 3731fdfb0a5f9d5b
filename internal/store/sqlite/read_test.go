package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestASpanOfCasesEndsToTheMicrosecond stores pages of cases within one microsecond each.
func TestASpanOfCasesEndsToTheMicrosecond(t *testing.T) {
	s, c := openAt(t, store.Options{})
	const n = casePage + 7 // cases of a moment
	begin := c.now()
	for moment := range 3 {
		var cases []chat.Case
		for i := range n {
			cs := caseAt(fmt.Sprint(moment, " ", i), begin)
			cs.Of = "parent"
			cases = append(cases, cs)
		}
		if _, err := s.Commit(t.Context(), cases); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Microsecond)
	}
	at := func(moment int) time.Time { return begin.Add(time.Duration(moment) * time.Microsecond) }
	for _, of := range []chat.CaseID{"", "parent"} {
		for since := range 4 {
			for until := range 4 {
				q := store.Query{Since: at(since), Until: at(until), Of: of, Most: 10 * n}
				got, err := s.Cases(t.Context(), q, nil)
				if err != nil || len(got) != n*max(until-since, 0) {
					t.Fatalf("from moment %d to %d of %q: %d cases, %v, want those of each moment between", since, until, of, len(got), err)
				}
				for i, r := range got {
					if want := fmt.Sprint(until-1-i/n, " ", n-1-i%n); string(r.Case.Event.ID) != want {
						t.Fatalf("from moment %d to %d of %q: case %d is %s, want %s", since, until, of, i, r.Case.Event.ID, want)
					}
				}
			}
		}
	}
}

// TestACaseOfAClockThatWasWrongIsListed sets the clock back and forth between cases.
func TestACaseOfAClockThatWasWrongIsListed(t *testing.T) {
	s, c := openAt(t, store.Options{})
	begin := c.now()
	for i, by := range []time.Duration{time.Hour, time.Hour, -3 * time.Hour, 4 * time.Hour, time.Hour} {
		if _, err := s.Commit(t.Context(), []chat.Case{caseAt(fmt.Sprint(i), begin)}); err != nil {
			t.Fatal(err)
		}
		c.advance(by)
	}
	// They were stored at 0, 1, 2, -1 and 3 hours.
	for _, test := range []struct {
		since, until time.Duration
		want         string
	}{{0, 3 * time.Hour, "210"}, {-time.Hour, time.Hour, "30"}, {time.Hour, 9 * time.Hour, "421"}, {-time.Hour, 0, "3"}} {
		var got string
		recs, err := s.Cases(t.Context(), store.Query{Since: begin.Add(test.since), Until: begin.Add(test.until), Most: 9}, nil)
		for _, r := range recs {
			got += string(r.Case.Event.ID)
		}
		if err != nil || got != test.want {
			t.Errorf("from %v to %v: cases %s, %v, want %s", test.since, test.until, got, err, test.want)
		}
	}
}

// TestKeepMayAskTheStore has as many listings as the file has readers, each of which asks for more.
func TestKeepMayAskTheStore(t *testing.T) {
	s, c := openAt(t, store.Options{})
	first := caseAt("e", c.now())
	if _, err := s.Commit(t.Context(), []chat.Case{first}); err != nil {
		t.Fatal(err)
	}
	var list func(depth int) bool
	list = func(depth int) bool {
		got, err := s.Cases(t.Context(), store.Query{Most: 1}, func(r *chat.Record) bool {
			return depth == 0 || list(depth-1)
		})
		return err == nil && len(got) == 1
	}
	if !list(2 * readers) {
		t.Error("a listing within a listing found nothing")
	}
}

// TestListingsNeedNotReadEverything asks how the file would be searched where it can be large.
func TestListingsNeedNotReadEverything(t *testing.T) {
	s, _ := openAt(t, store.Options{})
	for query, args := range map[string][]any{
		caseByID: {[]byte("c")}, caseByCode: {[]byte("c")}, caseAnswers: {1}, spanOfCases: {1, 2},
		casesInSpan: {0, 1, 2, 3, 4}, casesOf: {0, 1, 2, 3, 4, []byte("c")}, agedTexts: {1, 2, 3},
		newestLetters: {"dead", 1, 1}, takeLetter: {[]byte("a"), "dead"}, countLetters: {"dead"}, oldLetters: {"held", 1},
		listMemos: {"lock", 1}, countMemos: {"lock", 1}, purgeMemos: {1, 1},
	} {
		rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for rows.Next() {
			var a, b, c int
			var how string
			if err := rows.Scan(&a, &b, &c, &how); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(how, "SCAN") && !strings.Contains(how, "COVERING") && !strings.Contains(how, "subquery") {
				t.Errorf("%s: %s", query, how)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Error(err)
		}
	}
}
