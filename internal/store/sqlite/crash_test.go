package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
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

// fate is what the child said of a case, the last word of which counts.
type fate struct {
	committed bool
	last      string // the state that was acknowledged last; empty: none
	tried     string // what the child was about to do when it was killed, if that was not acknowledged
}

// TestKill kills a process that commits, settles, holds, releases and drops, at random points, and
// looks for all that it said was stored.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	const rounds = 10
	told := map[chat.CaseID]*fate{}
	for round := range rounds {
		lines := 20 + rand.IntN(900) //nolint:gosec // any point will do
		crash(t, dir, round, lines, told)
		s, err := sqlite.Open(dir, store.Options{Partitions: 4})
		if err != nil {
			t.Fatalf("round %d: opening after the kill: %v", round, err)
		}
		checkSurvivors(t, s, told)
		if err := s.Close(); err != nil {
			t.Fatalf("round %d: closing: %v", round, err)
		}
	}
	counts := map[string]int{}
	for _, f := range told {
		counts[f.last]++
	}
	t.Logf("%d kills: %d cases acknowledged; last words %v", rounds, len(told), counts)
}

// crash runs the child until it has printed some lines, kills it and reads the rest of what it said.
func crash(t *testing.T, dir string, round, lines int, told map[chat.CaseID]*fate) {
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
		what, id, _ := strings.Cut(scan.Text(), " ")
		f := told[chat.CaseID(id)]
		if f == nil {
			f = &fate{}
			told[chat.CaseID(id)] = f
		}
		switch how, trying := strings.CutPrefix(what, "trying-"); {
		case what == "committed":
			f.committed = true
		case trying:
			f.tried = how
		case slices.Contains([]string{"done", "held", "dead", "released", "requeued", "dropped"}, what):
			f.last, f.tried = what, ""
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

// checkSurvivors looks for each case that was acknowledged at exactly one place: in the queue, on a
// shelf, or ended.
func checkSurvivors(t *testing.T, s *sqlite.Store, told map[chat.CaseID]*fate) {
	t.Helper()
	queued, shelved := inQueue(t, s), map[chat.CaseID]int{}
	for _, shelf := range []actions.Shelf{actions.HeldShelf, actions.DeadShelf} {
		letters, err := s.Letters(t.Context(), shelf, nil, 100_000)
		if err != nil {
			t.Fatalf("reading shelf %s: %v", shelf, err)
		}
		for _, l := range letters {
			shelved[l.Action.Case]++
		}
	}
	for id, f := range told {
		rec, ok, err := s.Record(t.Context(), id)
		if !f.committed && !ok && err == nil {
			continue
		}
		if err != nil || !ok {
			t.Errorf("case %s was acknowledged and is not there: %v", id, err)
			continue
		}
		last := ""
		if n := len(rec.Answers); n > 0 {
			last = rec.Answers[n-1].State
		}
		if last != f.last && (f.tried == "" || last != f.tried) {
			t.Errorf("case %s: it is %q, and %q was acknowledged, then %q tried", id, last, f.last, f.tried)
		}
		where := map[string][2]int{"": {1, 0}, "released": {1, 0}, "requeued": {1, 0}, "held": {0, 1}, "dead": {0, 1}}[last]
		if queued[id] != where[0] || shelved[id] != where[1] {
			t.Errorf("case %s is %q, %d times in the queue and %d times on a shelf", id, last, queued[id], shelved[id])
		}
		f.last, f.tried = last, "" // of what was only tried, this is where it stands
	}
}

// inQueue claims all that is in the queue and counts each case's entries.
func inQueue(t *testing.T, s *sqlite.Store) map[chat.CaseID]int {
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
	return queued
}
