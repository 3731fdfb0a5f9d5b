package sqlite

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store"
)

func joined(key string, second int64) spool.Entry {
	return spool.Entry{At: time.Unix(second, 0), Body: []byte("join"), Return: key, Since: time.Unix(second, 0)}
}

// A join is known as long as it waits, or anything that was there before it, be it over a restart.
func TestWhoHasJoinedIsKnownAsLongAsAnythingBeforeItWaits(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<20)
	add(t, s, "offence", "another")
	if err := s.Append(t.Context(), []spool.Entry{joined("bob", 20), joined("bob", 30), joined("ann", 40)}); err != nil {
		t.Fatal(err)
	}
	expect := func(when string, want map[string]int64) {
		t.Helper()
		got, err := s.Returns(t.Context(), []string{"bob", "eve", "ann", "bob"})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v, %v", when, got, err)
		}
		for key, second := range want {
			if !got[key].Equal(time.Unix(second, 0)) {
				t.Errorf("%s: %s since %v, want second %d", when, key, got[key], second)
			}
		}
	}
	all := map[string]int64{"bob": 30, "ann": 40}
	expect("all wait", all)
	ids, _ := waiting(t, s)
	if err := s.Done(t.Context(), ids[1:4]); err != nil { // the joins of bob are judged, the offence is stuck
		t.Fatal(err)
	}
	expect("the offence waits", all)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, dir, 1<<20)
	expect("after a restart", all)
	if err := s.GiveUp(t.Context(), ids[0], "x"); err != nil {
		t.Fatal(err)
	}
	expect("one join waits", map[string]int64{"ann": 40})
	if err := s.Done(t.Context(), ids[4:]); err != nil {
		t.Fatal(err)
	}
	expect("nothing waits", nil)
}

// A spool that is full has no room for a join, and knows it all the same for as long.
func TestAFullSpoolKnowsWhoHasJoined(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<20)
	add(t, s, "offence")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, dir, 0)
	if err := s.Append(t.Context(), []spool.Entry{joined("bob", 20)}); !errors.Is(err, spool.ErrFull) {
		t.Fatalf("%v, want that it is full", err)
	}
	before := s.Depth()
	if err := s.Remember(t.Context(), []spool.Entry{joined("bob", 20), joined("ann", 30)}); err != nil {
		t.Fatal(err)
	}
	ids, _ := waiting(t, s)
	if len(ids) != 1 || s.Depth() != before || s.returns.Load() != 2 {
		t.Errorf("%v wait, %+v, %d joins", ids, s.Depth(), s.returns.Load())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, dir, 1<<20)
	add(t, s, "later")
	if err := s.Append(t.Context(), []spool.Entry{joined("eve", 40)}); err != nil { // its ID is its own
		t.Fatal(err)
	}
	keys := []string{"bob", "ann", "eve"}
	if got, err := s.Returns(t.Context(), keys); err != nil || len(got) != 3 || !got["bob"].Equal(time.Unix(20, 0)) {
		t.Errorf("after a restart: %v, %v", got, err)
	}
	if err := s.Done(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Returns(t.Context(), keys); err != nil || len(got) != 1 || s.returns.Load() != 1 {
		t.Errorf("once the offence is judged: %v, %v, %d joins", got, err, s.returns.Load())
	}
}

func TestASpoolOfTheFirstSchemaIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, spoolName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(spoolSchema + "; INSERT INTO entries (at, text, body) VALUES (1, 1, 'old'); PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openSpool(t, dir, 1<<20)
	if err := s.Append(t.Context(), []spool.Entry{joined("bob", 20)}); err != nil {
		t.Fatal(err)
	}
	if _, bodies := waiting(t, s); len(bodies) != 2 || bodies[0] != "old" {
		t.Errorf("waiting: %v", bodies)
	}
	if got, err := s.Returns(t.Context(), []string{"bob"}); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestALostSpoolIsNotReplacedWithoutAWord(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"deleted": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := OpenSpool(dir, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			add(t, s, "1")
			if err := errors.Join(s.Close(), lose(filepath.Join(dir, spoolName))); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenSpool(dir, 1<<20); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "accepted events") {
				t.Errorf("%v", err)
			}
			if !HasSpool(dir) {
				t.Error("it is not missed when the spool is off")
			}
			if err := os.Remove(filepath.Join(dir, spoolMarker)); err != nil {
				t.Fatal(err)
			}
			if n := openSpool(t, dir, 1<<20).Depth().Entries; n != 0 {
				t.Errorf("it holds %d entries", n)
			}
		})
	}
}
