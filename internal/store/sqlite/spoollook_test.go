package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store"
)

// sampleEntry is an event as the spool stores it.
const sampleEntry = `{"v":1,"at":[1,0],"received":[1,0],"provider":"tencent","account":"1400000000","group":"@TGS#1","id":"e1",` +
	`"kind":"message","member":"bob","name":"Bobby","text":"secret","media":["photo"],"files":["plan.pdf"],"joined_at":[1,0]}`

// usedSpool is a spool with all that can become of an entry, and what is to be seen of it.
func usedSpool(t *testing.T, dir string) (*Spool, spool.Contents) {
	t.Helper()
	s := openSpool(t, dir, 1<<20)
	old, now := time.UnixMicro(1_000_000), time.UnixMicro(9_000_000)
	for _, e := range []spool.Entry{
		{At: old, Body: []byte(sampleEntry)}, {At: old, Body: []byte(sampleEntry)}, {At: now, Body: []byte("rubbish")},
		{At: now, Body: []byte(strings.Replace(sampleEntry, "secret", strings.Repeat("x", 64<<10), 1))},
		{At: now, Body: []byte(sampleEntry)}, {At: now, Body: []byte(sampleEntry)},
	} {
		e.Text = true
		if err := s.Append(t.Context(), []spool.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{1, 3, 4, 5} {
		if err := s.GiveUp(t.Context(), id, "a reason"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Forget(t.Context(), now); err != nil { // the text of the first two
		t.Fatal(err)
	}
	known := chat.Event{Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}, ID: "e1", Kind: chat.Message, Member: "bob"}
	return s, spool.Contents{
		Depth: spool.Depth{Entries: 1, Bytes: int64(len(sampleEntry)) + spoolRoom, Most: 1 << 20}, Oldest: now,
		GivenUp: []spool.GivenUp{
			{ID: 5, At: now, Why: "a reason", Event: known}, {ID: 4, At: now, Why: "a reason"}, {ID: 3, At: now, Why: "a reason"},
			{ID: 2, At: old, Why: whyForgotten}, {ID: 1, At: old, Why: "a reason"},
		},
	}
}

func TestASpoolShowsWhatItHoldsAndNothingOfWhatWasSaid(t *testing.T) {
	s, want := usedSpool(t, t.TempDir())
	if got, err := s.Contents(t.Context(), 10); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	want.GivenUp = want.GivenUp[:2]
	if got, err := s.Contents(t.Context(), 2); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("two at most: %+v, %v", got, err)
	}
	empty := openSpool(t, t.TempDir(), 1<<20)
	if got, err := empty.Contents(t.Context(), 10); err != nil || !reflect.DeepEqual(got, spool.Contents{Depth: spool.Depth{Most: 1 << 20}}) {
		t.Errorf("of an empty one: %+v, %v", got, err)
	}
}

// The folder is one that was closed, or that of a process that was killed: then much stands in the log only.
func TestASpoolIsReadWhereItLiesAndNotChanged(t *testing.T) {
	closed, killed := t.TempDir(), t.TempDir()
	s, want := usedSpool(t, closed)
	if _, err := ReadSpool(t.Context(), closed, 1<<20, 10); !errors.Is(err, store.ErrInUse) {
		t.Errorf("beside the process that has it: %v, want ErrInUse", err)
	}
	if err := os.CopyFS(killed, os.DirFS(closed)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(killed, spoolName+"-wal")); err != nil || info.Size() == 0 {
		t.Fatalf("nothing stands in the log: %v", err)
	}
	for name, dir := range map[string]string{"closed": closed, "killed": killed} {
		before := filesOf(t, dir)
		got, err := ReadSpool(t.Context(), dir, 1<<20, 10)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v\nwant %+v", name, got, err, want)
		}
		for file, data := range filesOf(t, dir) {
			if !bytes.Equal(data, before[file]) {
				t.Errorf("%s: reading has changed %s", name, file)
			}
		}
		again := openSpool(t, dir, 1<<20)
		if got, err := again.Contents(t.Context(), 10); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, opened after that: %+v, %v", name, got, err)
		}
	}
}

// filesOf reads the files of a spool that hold something; the index of the log is made anew by every reader.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range []string{spoolName, spoolName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // the test's own folder
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		out[name] = data
	}
	return out
}

func TestASpoolThatCannotBeReadSaysWhy(t *testing.T) {
	for name, row := range map[string]struct {
		body string // of the file; empty: it is lost
		want string
	}{
		"lost":    {"", "is missing or empty, although it was made before"},
		"damaged": {strings.Repeat("rubbish", 1000), ".recover"},
	} {
		dir := t.TempDir()
		s, _ := usedSpool(t, dir)
		if err := errors.Join(s.Close(), os.WriteFile(filepath.Join(dir, spoolName), []byte(row.body), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSpool(t.Context(), dir, 1<<20, 10); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
