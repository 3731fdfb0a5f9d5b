package sqlite

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/groupguard/groupguard/internal/store"
)

func TestExamineSeesTheStoreAndChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if h, err := Examine(t.Context(), dir); err != nil || h.Exists {
		t.Fatalf("of no folder: %+v %v", h, err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("the folder was made")
	}
	s, err := Open(dir, store.Options{Partitions: 7})
	if err != nil {
		t.Fatal(err)
	}
	if h, err := Examine(t.Context(), dir); err != nil || !h.Exists || h.Holder != strconv.Itoa(os.Getpid()) || h.Partitions != 0 {
		t.Errorf("in use: %+v %v", h, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	if h, err := Examine(t.Context(), dir); err != nil || !h.Exists || h.Holder != "" || h.Partitions != 7 {
		t.Errorf("closed: %+v %v", h, err)
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the folder was\n%s and is\n%s", before, after)
	}
	if s, err = Open(dir, store.Options{Partitions: 7}); err != nil {
		t.Fatalf("after a look: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// listing is the names, sizes and times of a folder's files.
func listing(t *testing.T, dir string) (out string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		out += e.Name() + " " + strconv.FormatInt(info.Size(), 10) + " " + info.ModTime().String() + "\n"
	}
	return out
}

func TestExamineOfWhatIsNoStore(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"empty": "", "a text": "this is not a database at all, whatever its name says"} {
		if err := os.WriteFile(filepath.Join(dir, fileName), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := Examine(t.Context(), dir)
		if !h.Exists || h.Partitions != 0 || (err != nil) != (data != "") {
			t.Errorf("%s: %+v %v", name, h, err)
		}
	}
}
