package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store"
)

func openSpool(t testing.TB, dir string, most int64) *Spool {
	t.Helper()
	s, err := OpenSpool(dir, most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func add(t testing.TB, s *Spool, bodies ...string) {
	t.Helper()
	if err := s.Append(t.Context(), entriesOf(bodies...)); err != nil {
		t.Fatal(err)
	}
}

func entriesOf(bodies ...string) (out []spool.Entry) {
	for _, b := range bodies {
		out = append(out, spool.Entry{At: time.UnixMicro(1_000_000), Text: true, Body: []byte(b)})
	}
	return out
}

// waiting returns the entries that wait, from the oldest on.
func waiting(t testing.TB, s *Spool) (ids []int64, bodies []string) {
	t.Helper()
	entries, err := s.Next(t.Context(), 0, 1000, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		ids, bodies = append(ids, e.ID), append(bodies, string(e.Body))
	}
	return ids, bodies
}

func TestASpoolKeepsTheOrderAndOutlivesTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "data")
	s := openSpool(t, dir, 1<<20)
	add(t, s, "1", "2")
	add(t, s, "3")
	ids, _ := waiting(t, s)
	if err := s.Done(t.Context(), []int64{ids[1], 99}); err != nil {
		t.Fatal(err)
	}
	before := s.Depth()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, dir, 1<<20)
	if _, bodies := waiting(t, s); !slices.Equal(bodies, []string{"1", "3"}) || s.Depth() != before || before.Entries != 2 {
		t.Errorf("%v, %+v, before %+v", bodies, s.Depth(), before)
	}
	add(t, s, "4")
	if now, bodies := waiting(t, s); now[2] <= ids[2] || bodies[2] != "4" {
		t.Errorf("%v after %v: an ID is used twice", now, ids)
	}
	page, err := s.Next(t.Context(), ids[0], 1, 1<<20)
	if err != nil || len(page) != 1 || string(page[0].Body) != "3" || !page[0].Text || !page[0].At.Equal(time.UnixMicro(1_000_000)) {
		t.Errorf("%+v, %v", page, err)
	}
	if at, err := s.Oldest(t.Context()); err != nil || !at.Equal(time.UnixMicro(1_000_000)) {
		t.Errorf("the oldest is of %v, %v", at, err)
	}
}

func TestASpoolHasABound(t *testing.T) {
	s := openSpool(t, t.TempDir(), 10*(spoolRoom+100))
	body := strings.Repeat("x", 100)
	for range 9 {
		add(t, s, body)
	}
	if err := s.Append(t.Context(), entriesOf(body, body)); !errors.Is(err, spool.ErrFull) || s.Depth().Entries != 9 {
		t.Errorf("two of one webhook where one has room: %v, %+v", err, s.Depth())
	}
	add(t, s, body)
	if d := s.Depth(); d.Bytes != d.Most {
		t.Errorf("%+v", d)
	}
	if err := s.Append(t.Context(), entriesOf("x")); !errors.Is(err, spool.ErrFull) {
		t.Errorf("on a full spool: %v", err)
	}
	ids, _ := waiting(t, s)
	if err := s.Done(t.Context(), ids[:1]); err != nil {
		t.Fatal(err)
	}
	add(t, s, body)
}

func TestASpoolThatWasMadeSmallerIsEmptied(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<20)
	add(t, s, "1", "2", "3")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, dir, 0)
	ids, _ := waiting(t, s)
	if err := s.Append(t.Context(), entriesOf("4")); !errors.Is(err, spool.ErrFull) {
		t.Errorf("an entry more: %v", err)
	}
	if err := errors.Join(s.Done(t.Context(), ids[:1]), s.GiveUp(t.Context(), ids[1], "x"), s.shrink(t.Context())); err != nil {
		t.Error(err)
	}
	if n, err := s.Forget(t.Context(), time.UnixMicro(2_000_000)); err != nil || len(n) != 1 || s.Depth().Entries != 0 {
		t.Errorf("%v forgotten, %v, %+v", n, err, s.Depth())
	}
}

func TestAPageIsBoundedInBytes(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<20)
	for range 4 {
		add(t, s, strings.Repeat("x", 1000))
	}
	if page, err := s.Next(t.Context(), 0, 100, 1500); err != nil || len(page) != 2 {
		t.Errorf("%d entries, %v, want 2", len(page), err)
	}
	if page, err := s.Next(t.Context(), 0, 100, 1); err != nil || len(page) != 1 {
		t.Errorf("%d entries, %v, want one however large", len(page), err)
	}
}

func TestASecondProcessIsToldWhoHasTheFolder(t *testing.T) {
	dir := t.TempDir()
	openSpool(t, dir, 1<<20)
	for name, open := range map[string]func() error{
		"a spool": func() error { _, err := OpenSpool(dir, 1); return err },
		"a store": func() error { _, err := Open(dir, store.Options{}); return err },
	} {
		if err := open(); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsGivenUpIsKeptForAWhile(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<30)
	const n = maxGivenUp + 5
	for i := range n {
		add(t, s, fmt.Sprint("body ", i))
	}
	entries, err := s.Next(t.Context(), 0, n, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := s.GiveUp(t.Context(), e.ID, "a reason"); err != nil {
			t.Fatal(err)
		}
	}
	var count int
	var first, why string
	err = s.read.QueryRow("SELECT COUNT(*), MIN(id), MIN(why), CAST(MIN(body) AS TEXT) FROM given_up").Scan(&count, new(int), &why, &first)
	if err != nil || count != maxGivenUp || why != "a reason" || first == "" || s.Depth().Entries != 0 || s.Depth().Bytes != 0 {
		t.Errorf("%d given up, %q, %q, %v, %+v", count, why, first, err, s.Depth())
	}
}

func TestOldTextsGo(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<20)
	at := time.UnixMicro(5_000_000)
	var old []spool.Entry
	for range forgetStep + 3 {
		old = append(old, spool.Entry{At: at, Text: true, Body: []byte("secret text")})
	}
	old = append(old, spool.Entry{At: at, Body: []byte("join")}, spool.Entry{At: at.Add(time.Hour), Text: true, Body: []byte("fresh")})
	if err := s.Append(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	ids, _ := waiting(t, s)
	if err := s.GiveUp(t.Context(), ids[0], "x"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Forget(t.Context(), at.Add(time.Second)); err != nil || len(n) != forgetStep+2 {
		t.Errorf("%v forgotten, %v", n, err)
	}
	if _, bodies := waiting(t, s); !slices.Equal(bodies, []string{"join", "fresh"}) {
		t.Errorf("left: %v", bodies)
	}
	if n, err := s.Forget(t.Context(), at.Add(time.Second)); err != nil || len(n) != 0 {
		t.Errorf("once more: %v, %v", n, err)
	}
	var bodies int
	if err := s.read.QueryRow("SELECT COUNT(body) FROM given_up").Scan(&bodies); err != nil || bodies != 0 {
		t.Errorf("%d bodies are kept, %v", bodies, err)
	}
}

func TestNoTextIsLeftBehindAndTheFileIsSmallAgain(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<30)
	for range 64 {
		add(t, s, strings.Repeat("tell nobody ", 20_000))
	}
	entries, err := s.Next(t.Context(), 0, 100, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := s.Done(t.Context(), []int64{e.ID}); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 { // what the process does each second
		if err := s.shrink(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{spoolName, spoolName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // the test's own folder
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("tell nobody")) || len(data) > 1<<20 {
			t.Errorf("%s has %d bytes, the text among them: %v", name, len(data), bytes.Contains(data, []byte("tell nobody")))
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestManyWritersOfASpool(t *testing.T) {
	s := openSpool(t, t.TempDir(), 1<<30)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 20 {
				if err := s.Append(context.Background(), entriesOf(fmt.Sprintf("%d %02d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	_, bodies := waiting(t, s)
	if len(bodies) != 320 || s.Depth().Entries != 320 {
		t.Fatalf("%d entries, %+v", len(bodies), s.Depth())
	}
	last := map[string]string{}
	for _, b := range bodies {
		w, _, _ := strings.Cut(b, " ")
		if b <= last[w] {
			t.Errorf("%q behind %q", b, last[w])
		}
		last[w] = b
	}
}

func TestADamagedSpoolIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSpool(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, spoolName), bytes.Repeat([]byte("rubbish"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSpool(dir, 1<<20); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), ".recover") {
		t.Errorf("%v", err)
	}
}
