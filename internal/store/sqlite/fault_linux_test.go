package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	sqlite3 "modernc.org/sqlite/lib"
)

// descriptors returns this process's descriptors of a file.
func descriptors(t *testing.T, path string) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && target == path {
			fd, err := strconv.Atoi(e.Name())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fd)
		}
	}
	return out
}

// TestFailedWriteIsFatal makes the writer's descriptors refuse writes, as a failing disk would, and
// expects that nothing is acknowledged from then on, not even when the disk comes back.
func TestFailedWriteIsFatal(t *testing.T) {
	s, c := openAt(t, store.Options{})
	if _, err := s.Commit(t.Context(), []chat.Case{caseAt("before", c.now())}); err != nil {
		t.Fatal(err)
	}
	refuseWrites(t, s.path+"-wal")
	for try := range 2 {
		if _, err := s.Commit(t.Context(), []chat.Case{caseAt("lost", c.now())}); !errors.Is(err, store.ErrFatal) {
			t.Errorf("commit %d on a disk that fails: %v, want ErrFatal", try, err)
		}
	}
	if _, err := s.Claim(t.Context(), 0, 1); !errors.Is(err, store.ErrFatal) {
		t.Errorf("a claim afterwards: %v, want ErrFatal", err)
	}
	if err := s.Renew(t.Context(), []actions.Token{{Entry: "1", Fence: 1}}); !errors.Is(err, store.ErrFatal) {
		t.Errorf("a renewal afterwards: %v, want ErrFatal", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrFatal) {
		t.Errorf("ping afterwards: %v, want ErrFatal", err)
	}
	if _, ok, err := s.Record(t.Context(), caseAt("before", c.now()).ID); !ok || err != nil {
		t.Errorf("what was stored before: %v, %v", ok, err)
	}
}

// TestFullDiskPasses fills the file to a limit: callers get an error, and go on once there is room.
func TestFullDiskPasses(t *testing.T) {
	s, c := openAt(t, store.Options{})
	limit := func(pages int) {
		t.Helper()
		if err := s.change(t.Context(), 1, func(tx *tx) error {
			var n int
			_, err := tx.get(fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil, &n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite makes it the size that the file has
	big := strings.Repeat("x", 10_000)
	var err error
	stored := 0
	for ; err == nil && stored < 100; stored++ {
		cs := caseAt(fmt.Sprint(stored), c.now())
		cs.Event.Text = big
		_, err = s.Commit(t.Context(), []chat.Case{cs})
	}
	if primary(err) != sqlite3.SQLITE_FULL || errors.Is(err, store.ErrFatal) {
		t.Fatalf("on a full disk: %v, want that it is full", err)
	}
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != stored-1 {
		t.Errorf("depth %+v, %v, want the %d entries that were stored", d, err, stored-1)
	}
	limit(1 << 30)
	if got, err := s.Commit(t.Context(), []chat.Case{caseAt(fmt.Sprint(stored-1), c.now())}); err != nil || got[0].Known || got[0].Queued != 1 {
		t.Errorf("with room again: %+v, %v, want the refused case stored", got, err)
	}
}

// TestOneBadRequestFailsAlone gives the writer a group in which one request breaks the transaction.
func TestOneBadRequestFailsAlone(t *testing.T) {
	s, c := openAt(t, store.Options{})
	broken := errors.New("broken")
	cs, err := s.ready(new(caseAt("good", c.now())))
	if err != nil {
		t.Fatal(err)
	}
	var out chat.Committed
	s.batch.Close() // its goroutine owns the writer
	answers, err := s.w.flush(context.Background(), []request{
		{run: func(t *tx) error { out = chat.Committed{}; return t.commit(&cs, &out) }},
		{run: func(*tx) error { return broken }},
		{run: func(*tx) error { return refusal{store.ErrStale} }},
	})
	if err != nil || answers[0] != nil || !errors.Is(answers[1], broken) || !errors.Is(answers[2], store.ErrStale) {
		t.Fatalf("answers %v, %v, want nil, broken, stale", answers, err)
	}
	if _, ok, err := s.Record(t.Context(), cs.id); !ok || err != nil || out.Known || out.Queued != 1 {
		t.Errorf("the good request's case: %v, %v, %+v, want it stored once", ok, err, out)
	}
}

// refuseWrites has this process's descriptors of a log refuse writes until the test ends.
func refuseWrites(t *testing.T, wal string) {
	t.Helper()
	readOnly, err := os.Open(wal)
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	for _, fd := range descriptors(t, wal) {
		if fd == int(readOnly.Fd()) {
			continue
		}
		kept, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(readOnly.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = errors.Join(syscall.Dup3(kept, fd, syscall.O_CLOEXEC), syscall.Close(kept)) })
	}
}
