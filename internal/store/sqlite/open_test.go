package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

func TestSecondProcessIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open(dir, store.Options{})
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) || !strings.Contains(err.Error(), dir) {
		t.Errorf("opened twice: %v, want ErrInUse naming process %d and %s", err, os.Getpid(), dir)
	}
	if _, err := s.Commit(t.Context(), []chat.Case{removalOf("g", "e")}); err != nil {
		t.Errorf("the first, after the second was turned away: %v", err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	if s, err = sqlite.Open(dir, store.Options{}); err != nil {
		t.Fatalf("after the close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestFolderIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41", "data")
	s, err := sqlite.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v, want 0700", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "groupguard.db")); err != nil {
		t.Errorf("the file is not in its folder: %v", err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(body []byte) []byte // nil result: the file is removed
		repair bool                     // the error tells how to recover
	}{
		{"header overwritten", func(b []byte) []byte { copy(b, bytes.Repeat([]byte("x"), 100)); return b }, true},
		{"a page overwritten", func(b []byte) []byte { copy(b[len(b)/2&^4095:], bytes.Repeat([]byte{0x55}, 4096)); return b }, true},
		{"cut in half", func(b []byte) []byte { return b[:len(b)/2&^4095] }, true},
		{"cut inside the first page", func(b []byte) []byte { return b[:50] }, true},
		{"empty", func([]byte) []byte { return []byte{} }, false},
		{"gone", func([]byte) []byte { return nil }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			c := filled(t, dir)
			path := filepath.Join(dir, "groupguard.db")
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			replace(t, path, test.damage(bytes.Clone(good)))
			s, err := sqlite.Open(dir, store.Options{})
			if err == nil {
				_ = s.Close()
				t.Fatal("a damaged file was opened")
			}
			if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".recover") != test.repair {
				t.Errorf("refused with %v, want ErrDamaged, the path, and the repair: %v", err, test.repair)
			}
			replace(t, path, good)
			if s, err = sqlite.Open(dir, store.Options{}); err != nil {
				t.Fatalf("with the copy put back: %v", err)
			}
			defer s.Close()
			if _, ok, err := s.Record(t.Context(), c.ID); !ok || err != nil {
				t.Errorf("with the copy put back, the case is there: %v, %v", ok, err)
			}
		})
	}
}

// filled makes a store with some cases and closes it.
func filled(t *testing.T, dir string) chat.Case {
	t.Helper()
	s, err := sqlite.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var cases []chat.Case
	for i := range 200 {
		cases = append(cases, removalOf("g", fmt.Sprint("event ", i)))
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return cases[0]
}

func replace(t *testing.T, path string, body []byte) {
	t.Helper()
	if body == nil {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
