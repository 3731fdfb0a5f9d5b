package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// change opens the store of a folder for a while.
func change(t *testing.T, dir string, do func(s *sqlite.Store) error) {
	t.Helper()
	s, err := sqlite.Open(dir, store.Options{Partitions: 16})
	if err != nil {
		t.Fatal(err)
	}
	err = do(s)
	if closed := s.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
}

func TestDamagedMemosAreShownAndDropped(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := stock(dir); err != nil {
		t.Fatal(err)
	}
	change(t, dir, func(s *sqlite.Store) error {
		for _, kind := range []string{"pause", "undoing"} {
			m := chat.Memo{Kind: kind, Key: "d00d", Version: 1, Body: []byte(`{"rule":`), Expires: time.Now().Add(time.Hour)}
			if err := s.SaveMemo(t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	c := console{env: []string{"BOT_DATA_DIR=" + dir}}
	for _, tt := range []struct {
		line string
		want []string
	}{
		{"pause words", []string{`Paused: rule "words".`}},
		{"pause --list", []string{"words", "bot resume RULE", "Damaged: pause d00d cannot be read (unexpected end", "Damaged: undoing d00d", "with: bot resume --all"}},
		{"resume words", []string{`Resumed: rule "words".`, "Damaged: pause d00d"}},
		{"resume --all", []string{"Dropped: pause d00d", "Dropped: undoing d00d", "say bot undo again", `Resumed: rule "new-member-link"`}},
		{"pause --list", []string{"Nothing is paused."}},
	} {
		if code := c.run(strings.Fields(tt.line)...); code != exitDone {
			t.Errorf("bot %s: exit code %d: %s", tt.line, code, c.said.String())
		}
		for _, want := range tt.want {
			if !strings.Contains(c.out.String(), want) {
				t.Errorf("bot %s: no %q in\n%s", tt.line, want, c.out.String())
			}
		}
	}
	if strings.Contains(c.out.String(), "Damaged") {
		t.Errorf("it is there still:\n%s", c.out.String())
	}
}

func TestLockdownEndsAsAWhole(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := stock(dir); err != nil {
		t.Fatal(err)
	}
	locked := sampleCase(fans, "u_fay", "raiders", stockAt)
	locked.Intents[0].Kind = chat.Lockdown
	change(t, dir, func(s *sqlite.Store) error {
		if _, err := s.Commit(t.Context(), []chat.Case{locked}); err != nil {
			return err
		}
		return answerAll(s, actions.Settlement{State: actions.Done, API: "modify_group_base_info", Code: "0"}, stockAt)
	})
	c := console{env: []string{"BOT_DATA_DIR=" + dir}}
	if code := c.run("undo", locked.Code, "--preview"); code != exitDone || !strings.Contains(c.out.String(), "A lockdown ends as a whole") {
		t.Errorf("exit code %d:\n%s", code, c.out.String())
	}
	if code := c.run("undo", stocked["REMOVED"], "--preview"); code != exitDone || strings.Contains(c.out.String(), "lockdown") {
		t.Errorf("exit code %d:\n%s", code, c.out.String())
	}
}
