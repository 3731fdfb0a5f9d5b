package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// Set for the child process of TestKill: the data folder, and what its cases are named after.
const (
	crashDir   = "GROUPGUARD_TEST_CRASH_DIR"
	crashRound = "GROUPGUARD_TEST_CRASH_ROUND"
)

func removalOf(g chat.GroupID, ev string) chat.Case {
	at := time.Now()
	group := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: g}
	id := chat.NewCaseID(group, chat.EventID(ev))
	return chat.Case{
		ID: id, Code: id.Code(), Rules: "hash", Intents: []chat.Intent{{Kind: chat.Remove, Rule: "r1", Reason: "spam"}},
		Event: chat.Event{At: at, Group: group, ID: chat.EventID(ev), Kind: chat.Message, Member: chat.MemberID(ev), Received: at},
	}
}

// TestKill kills a process that commits and settles, at random points, and looks for all that it
// said was stored.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	const rounds = 10
	committed, done := map[chat.CaseID]bool{}, map[chat.CaseID]bool{}
	for round := range rounds {
		lines := 20 + rand.IntN(600) //nolint:gosec // any point will do
		crash(t, dir, round, lines, committed, done)
		s, err := sqlite.Open(dir, store.Options{Partitions: 4})
		if err != nil {
			t.Fatalf("round %d: opening after the kill: %v", round, err)
		}
		checkSurvivors(t, s, committed, done)
		if err := s.Close(); err != nil {
			t.Fatalf("round %d: closing: %v", round, err)
		}
	}
	t.Logf("%d kills: %d cases acknowledged, %d settlements acknowledged", rounds, len(committed), len(done))
}

// crash runs the child until it has printed some lines, kills it and reads the rest of what it said.
func crash(t *testing.T, dir string, round, lines int, committed, done map[chat.CaseID]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledChild$") //nolint:gosec // this test itself
	cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("%s=%d", crashRound, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for scan := bufio.NewScanner(out); scan.Scan(); n++ {
		what, id, ok := strings.Cut(scan.Text(), " ")
		switch {
		case ok && what == "committed":
			committed[chat.CaseID(id)] = true
		case ok && what == "done":
			done[chat.CaseID(id)] = true
		default:
			t.Errorf("the child said %q", scan.Text())
		}
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatalf("killing the child: %v", err)
			}
		}
	}
	_ = cmd.Wait() // killed, on purpose
	if n < lines {
		t.Fatalf("the child ended by itself after %d lines", n)
	}
}

func checkSurvivors(t *testing.T, s *sqlite.Store, committed, done map[chat.CaseID]bool) {
	t.Helper()
	queued := map[chat.CaseID]int{}
	d, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for part, left := 0, d.Entries; left > 0; part = (part + 1) % s.Parts() {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // an empty partition need not be waited for
		items, err := s.Claim(ctx, part, 1000)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("claiming: %v", err)
		}
		for _, it := range items {
			queued[it.Case]++
		}
		left -= len(items)
	}
	for id := range committed {
		rec, ok, err := s.Record(t.Context(), id)
		if err != nil || !ok {
			t.Errorf("case %s was acknowledged and is not there: %v", id, err)
			continue
		}
		ended := len(rec.Answers) == 1 && rec.Answers[0].State == string(actions.Done)
		switch {
		case done[id] && !ended:
			t.Errorf("case %s: its settlement was acknowledged and is not there", id)
		case ended && queued[id] != 0, !ended && queued[id] != 1:
			t.Errorf("case %s: ended %v and %d times in the queue", id, ended, queued[id])
		}
	}
}

// TestKilledChild is what TestKill kills; alone it does nothing.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as the child of TestKill")
	}
	s, err := sqlite.Open(dir, store.Options{Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // guards standard output: a line is whole or not there
	say := func(what string, id chat.CaseID) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, id)
	}
	for worker := range 8 {
		go func() {
			for n := 0; ; n++ {
				c := removalOf(chat.GroupID(fmt.Sprint(worker)), fmt.Sprint(os.Getenv(crashRound), " ", worker, " ", n))
				if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
					return
				}
				say("committed", c.ID)
			}
		}()
	}
	for part := 0; ; part = (part + 1) % s.Parts() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		items, err := s.Claim(ctx, part, 3)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		for _, it := range items {
			if err := s.Settle(t.Context(), []actions.Settlement{{Item: it, State: actions.Done, At: time.Now()}}); err != nil {
				t.Fatal(err)
			}
			say("done", it.Case)
		}
	}
}
