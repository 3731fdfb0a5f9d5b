package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/groupguard/groupguard/internal/store"
)

// TestAFailedWriteOfTheSpoolIsFatal makes the writer's descriptors refuse writes, as a failing disk would,
// and expects that nothing is accepted from then on.
func TestAFailedWriteOfTheSpoolIsFatal(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<20)
	add(t, s, "before")
	refuseWrites(t, s.path+"-wal")
	for try := range 2 {
		if err := s.Append(t.Context(), entriesOf("lost")); !errors.Is(err, store.ErrFatal) {
			t.Errorf("try %d on a disk that fails: %v, want ErrFatal", try, err)
		}
	}
	ids, bodies := waiting(t, s)
	if len(ids) != 1 || bodies[0] != "before" || s.Depth().Entries != 1 {
		t.Errorf("%v wait, %+v", bodies, s.Depth())
	}
	if err := s.Done(t.Context(), ids); !errors.Is(err, store.ErrFatal) {
		t.Errorf("a removal afterwards: %v, want ErrFatal", err)
	}
}

// TestAFullDiskUnderTheSpoolPasses fills the file to a limit: nothing is accepted until there is room.
func TestAFullDiskUnderTheSpoolPasses(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<30)
	limit := func(pages int) {
		t.Helper()
		r := &spoolRequest{request: request{ops: 1, run: func(tx *tx) error {
			_, err := tx.get(fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil, new(int))
			return err
		}}}
		if err := s.do(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite makes it the size that the file has
	var err error
	stored := 0
	for ; err == nil && stored < 100; stored++ {
		err = s.Append(t.Context(), entriesOf(strings.Repeat("x", 10_000)))
	}
	if stored--; primary(err) != sqlite3.SQLITE_FULL || errors.Is(err, store.ErrFatal) {
		t.Fatalf("on a full disk: %v, want that it is full", err)
	}
	if d := s.Depth(); d.Entries != int64(stored) {
		t.Errorf("%+v, want the %d entries that were accepted", d, stored)
	}
	limit(1 << 30)
	add(t, s, "with room again")
	if _, bodies := waiting(t, s); len(bodies) != stored+1 {
		t.Errorf("%d wait, want %d", len(bodies), stored+1)
	}
}
