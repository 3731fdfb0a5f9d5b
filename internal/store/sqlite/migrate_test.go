package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// downgrade gives a file the schema of an older version.
func downgrade(t *testing.T, path string, version int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{
		"DROP TABLE came", "ALTER TABLE windows DROP COLUMN form",
		`CREATE TABLE dead (
			seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, attempts INTEGER NOT NULL,
			code TEXT NOT NULL, text TEXT NOT NULL, body BLOB NOT NULL
		)`,
		"INSERT INTO dead (at, attempts, code, text, body) SELECT at, attempts, code, text, body FROM letters WHERE shelf = 'dead' ORDER BY seq",
		"DROP TABLE letters", "DROP TABLE memos", "DROP INDEX cases_of", "DROP INDEX cases_code", "CREATE INDEX cases_code ON cases (code)",
		`UPDATE cases SET body = CAST(json_set(CAST(body AS TEXT), '$.event.text', CAST(text AS TEXT)) AS BLOB) WHERE text IS NOT NULL`,
		"ALTER TABLE cases DROP COLUMN of_case", "ALTER TABLE cases DROP COLUMN text", "ALTER TABLE cases DROP COLUMN print",
		"PRAGMA user_version = 3",
	}
	if version < 3 {
		steps = append(steps, "DROP TABLE ladders", "ALTER TABLE cases DROP COLUMN strikes", "PRAGMA user_version = 2")
	}
	if version < 2 {
		steps = append(steps, "DROP TABLE lifted", "DROP TABLE dropped", "ALTER TABLE marks DROP COLUMN done", "PRAGMA user_version = 1")
	}
	for _, step := range steps {
		if _, err := db.ExecContext(t.Context(), step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// reopened closes a store and opens its file as one of an older version.
func reopened(t *testing.T, s *Store, version int) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	downgrade(t, s.path, version)
	again, err := Open(filepath.Dir(s.path), s.o)
	if err != nil {
		t.Fatalf("version %d: %v", version, err)
	}
	t.Cleanup(func() {
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
	return again
}

// TestAnOldFilesTextsGoInTime opens a file whose cases hold their texts within. They are read as they
// were, new ones beside them, and all lose their texts in time.
func TestAnOldFilesTextsGoInTime(t *testing.T) {
	for _, version := range []int{1, 2, 3} {
		s, c := openAt(t, store.Options{Partitions: 1, KeepText: time.Hour})
		const n = purgeStep + 20
		var cases []chat.Case
		for i := range n {
			cases = append(cases, said(fmt.Sprint("event ", i), c.now()))
		}
		mute := caseAt("without a text", c.now())
		cases[1].Of = cases[0].ID
		if _, err := s.Commit(t.Context(), append(cases, mute)); err != nil {
			t.Fatal(err)
		}
		again := reopened(t, s, version)
		if left := stored(t, again); left != n {
			t.Fatalf("version %d: %d texts in the old file, want %d", version, left, n)
		}
		c.advance(time.Minute)
		later := said("later", c.now())
		if _, err := again.Commit(t.Context(), []chat.Case{later}); err != nil {
			t.Fatal(err)
		}
		if parts, err := again.Cases(t.Context(), store.Query{Of: cases[0].ID, Most: 10}, nil); err != nil || len(parts) != 1 || parts[0].Case.ID != cases[1].ID {
			t.Errorf("version %d: the parts are %+v, %v, want one", version, parts, err)
		}
		for i, want := range []bool{true, false, false} {
			for _, cs := range []chat.Case{cases[0], cases[n-1]} {
				text, print := textOf(t, again, cs)
				if (text == cs.Event.Text) != want || (text == "") == want || print != chat.Fingerprint(cs.Event.Text) {
					t.Errorf("version %d, step %d: text %q and fingerprint %q, want the text: %t", version, i, text, print, want)
				}
			}
			if text, print := textOf(t, again, mute); text != "" || print != "" {
				t.Errorf("version %d, step %d: no text became %q with fingerprint %q", version, i, text, print)
			}
			if text, _ := textOf(t, again, later); text != later.Event.Text {
				t.Errorf("version %d, step %d: the newer case has the text %q", version, i, text)
			}
			if i == 0 {
				c.advance(time.Hour - time.Minute)
				continue
			}
			if err := again.purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := stored(t, again); left != 1 {
				t.Errorf("version %d: %d texts are left in the file, want the newer case's", version, left)
			}
		}
	}
}

// TestAnOldFilesDeadLettersStay takes letters of an older file off the shelf.
func TestAnOldFilesDeadLettersStay(t *testing.T) {
	for _, version := range []int{1, 2, 3} {
		s, c := openAt(t, store.Options{Partitions: 1})
		var cases []chat.Case
		for _, ev := range []string{"e1", "e2\xff\x00", "e3"} {
			cases = append(cases, caseAt(ev, c.now()))
		}
		shelve(t, s, actions.Dead, cases...)
		again := reopened(t, s, version)
		got, err := again.Letters(t.Context(), actions.DeadShelf, nil, 10)
		if err != nil || len(got) != 3 || got[0].Action.Case != cases[2].ID || got[1].Action.Member != cases[1].Event.Member {
			t.Fatalf("version %d: letters %+v, %v, want all three, newest first", version, got, err)
		}
		if n, err := again.Requeue(t.Context(), actions.DeadShelf, []chat.Action{got[0].Action, got[1].Action}, c.now()); err != nil || n != 2 {
			t.Errorf("version %d: %d were queued, %v, want 2", version, n, err)
		}
		if n, err := again.Discard(t.Context(), actions.DeadShelf, []chat.Action{got[0].Action, got[2].Action}); err != nil || n != 1 {
			t.Errorf("version %d: %d were dropped, %v, want 1", version, n, err)
		}
		if d, err := again.Depth(t.Context()); err != nil || d.Entries != 2 || d.Dead != 0 || d.Held != 0 {
			t.Errorf("version %d: depth %+v, %v, want two entries", version, d, err)
		}
	}
}

// TestAnUnreadableLetterDoesNotKeepTheFileShut has a dead letter of an older file damaged.
func TestAnUnreadableLetterDoesNotKeepTheFileShut(t *testing.T) {
	s, c := openAt(t, store.Options{Partitions: 1})
	shelve(t, s, actions.Dead, caseAt("e1", c.now()), caseAt("e2", c.now()))
	err := s.change(t.Context(), 1, func(t *tx) error { return t.exec("UPDATE letters SET body = ?", []byte("{")) })
	if err != nil {
		t.Fatal(err)
	}
	again := reopened(t, s, 3)
	if d, err := again.Depth(t.Context()); err != nil || d.Dead != 2 {
		t.Errorf("depth %+v, %v, want 2 dead", d, err)
	}
	if _, err := again.Letters(t.Context(), actions.DeadShelf, nil, 10); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("reading them: %v, want that they are damaged", err)
	}
}

// TestAnOldFileGetsLadders opens a file of each version before ladders. What it holds is still there.
func TestAnOldFileGetsLadders(t *testing.T) {
	for _, version := range []int{1, 2} {
		s, c := openAt(t, store.Options{Partitions: 1})
		first := struckAt("e1", c.now())
		look := chat.Look{Event: "a", Kind: chat.Message, At: c.now(), Windows: []chat.Window{{ID: "w", Limit: 5, Within: time.Minute}}}
		if _, err := s.Commit(t.Context(), []chat.Case{first}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Observe(t.Context(), []chat.Look{look}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		downgrade(t, s.path, version)
		again, err := Open(filepath.Dir(s.path), store.Options{Partitions: 1, Now: c.now})
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		got, err := again.Commit(t.Context(), []chat.Case{first, struckAt("e2", c.now())})
		if err != nil || !got[0].Known || got[0].Strikes != 0 || got[1].Strikes != 1 {
			t.Errorf("version %d: %+v, %v, want a known case of no strikes, and a first strike", version, got, err)
		}
		if rec, ok, err := again.Record(t.Context(), first.ID); !ok || err != nil || rec.Strikes != 0 {
			t.Errorf("version %d: recorded %+v, %v, %v, want the case", version, rec, ok, err)
		}
		look.Event = "b"
		look.Windows = append(look.Windows, chat.Window{ID: "w", Limit: 5, Within: time.Minute, Note: "n"})
		if f, err := again.Observe(t.Context(), []chat.Look{look, look}); err != nil || f[1].Counts[0] != 2 || len(f[1].Trails[1]) != 0 {
			t.Errorf("version %d: %+v, %v, want both events counted and a new trail", version, f, err)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}
