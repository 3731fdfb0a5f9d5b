package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// said is a case with a text of its own.
func said(ev string, at time.Time) chat.Case {
	c := caseAt(ev, at)
	c.Event.Text = "text of " + ev
	return c
}

// textOf returns the text and the fingerprint with which a case is listed and read.
func textOf(t *testing.T, s *Store, c chat.Case) (text, print string) {
	t.Helper()
	rec, ok, err := s.Record(t.Context(), c.ID)
	if err != nil || !ok {
		t.Fatalf("case %s: %v, %v", c.ID, ok, err)
	}
	listed, err := s.Cases(t.Context(), store.Query{Most: 1}, func(r *chat.Record) bool { return r.Case.ID == c.ID })
	if err != nil || len(listed) != 1 || listed[0].Case.Event.Text != rec.Case.Event.Text || listed[0].Fingerprint != rec.Fingerprint {
		t.Fatalf("case %s is listed as %+v, %v, and read as %+v", c.ID, listed, err, rec)
	}
	return rec.Case.Event.Text, rec.Fingerprint
}

// stored counts the texts in the file, wherever they stand.
func stored(t *testing.T, s *Store) (n int) {
	t.Helper()
	query := "SELECT COUNT(*) FROM cases WHERE text IS NOT NULL OR instr(CAST(body AS TEXT), 'text of') > 0"
	if err := s.read.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTextsGoToTheMicrosecond reads around the moment at which a text is too old, before and after
// anything was removed.
func TestTextsGoToTheMicrosecond(t *testing.T) {
	s, c := openAt(t, store.Options{KeepText: time.Hour})
	first, second := said("e1", c.now()), said("e2", c.now())
	commit := func(cs chat.Case) {
		t.Helper()
		if _, err := s.Commit(t.Context(), []chat.Case{cs}); err != nil {
			t.Fatal(err)
		}
	}
	commit(first)
	c.advance(time.Microsecond)
	commit(second)
	c.advance(time.Hour - 2*time.Microsecond)
	for _, step := range []struct {
		first, second string
		left          int // in the file, once what is too old was removed
	}{{first.Event.Text, second.Event.Text, 2}, {"", second.Event.Text, 1}, {"", "", 0}} {
		for _, purged := range []bool{false, true} {
			if purged {
				if err := s.purge(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n := stored(t, s); n != step.left {
					t.Errorf("%v: %d texts in the file, want %d", c.now(), n, step.left)
				}
			}
			for cs, want := range map[*chat.Case]string{&first: step.first, &second: step.second} {
				if text, print := textOf(t, s, *cs); text != want || print != chat.Fingerprint(cs.Event.Text) {
					t.Errorf("%v, purged %t: text %q and fingerprint %s, want %q", c.now(), purged, text, print, want)
				}
			}
		}
		c.advance(time.Microsecond)
	}
}

// TestAllTextsGo removes more texts than one step does, goes on where it ended, and begins anew when
// the audit was empty in between, so that the numbers of its cases are the old ones.
func TestAllTextsGo(t *testing.T) {
	s, c := openAt(t, store.Options{KeepText: time.Hour, KeepRecords: 10 * time.Hour})
	const n = 2*purgeStep + 20
	for round := range 3 {
		for part := range 2 {
			var cases []chat.Case
			for i := range n {
				cases = append(cases, said(fmt.Sprint("event ", round, part, i), c.now()))
			}
			if _, err := s.Commit(t.Context(), cases); err != nil {
				t.Fatal(err)
			}
			if got := stored(t, s); got != n {
				t.Fatalf("round %d: %d texts in the file, want %d", round, got, n)
			}
			c.advance(time.Hour)
			if err := s.purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := stored(t, s); got != 0 {
				t.Errorf("round %d: %d texts are left", round, got)
			}
		}
		c.advance(10 * time.Hour)
		if err := s.purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, s, "cases"); got != 0 {
			t.Fatalf("round %d: %d cases are left", round, got)
		}
	}
}

// TestNothingIsLeftOfATextThatWent reads the file itself, of short texts and of some that take pages.
func TestNothingIsLeftOfATextThatWent(t *testing.T) {
	s, c := openAt(t, store.Options{KeepText: time.Hour})
	var cases []chat.Case
	for i := range 100 {
		cs := said(fmt.Sprint("event ", i), c.now())
		cs.Event.Text = strings.Repeat(cs.Event.Text+" ", 1+i*i/10)
		cases = append(cases, cs)
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Hour)
	if err := s.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // moves what is in the log into the file
		t.Fatal(err)
	}
	file, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(file, []byte("text of")); n > 0 {
		t.Errorf("%d pieces of texts are left in a file of %d bytes", n, len(file))
	}
}
