package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

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
	steps := []string{"DROP TABLE ladders", "ALTER TABLE cases DROP COLUMN strikes", "PRAGMA user_version = 2"}
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
