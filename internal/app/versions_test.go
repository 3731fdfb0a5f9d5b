package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestChangeDuringLoadingIsSeen(t *testing.T) {
	name := filepath.Join(t.TempDir(), "list.txt")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.txt")
	v := versions{}
	write("first")
	if data, err := v.read(name, 100); err != nil || string(data) != "first" {
		t.Fatalf("%q %v", data, err)
	}
	if _, err := v.read(missing, 100); err == nil {
		t.Fatal("a missing file was read")
	}
	if v.changed() {
		t.Error("nothing was changed")
	}
	write("later") // as long as the first, saved right after it was read
	if !v.changed() {
		t.Error("the change was not seen")
	}
	write("first")
	if v.changed() {
		t.Error("the old content counts as a change")
	}
	if err := os.WriteFile(missing, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !v.changed() {
		t.Error("a file that appeared was not seen")
	}
}
