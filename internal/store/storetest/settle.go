package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testSettle(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("states", func(t *testing.T) { testStates(t, open(t, fresh, store.Options{Lease: shortLease})) })
	t.Run("dead letters", func(t *testing.T) { testDead(t, open(t, fresh, store.Options{})) })
	t.Run("former owners", func(t *testing.T) { testFormerOwner(t, open(t, fresh, store.Options{Lease: shortLease})) })
}

func testStates(t *testing.T, s store.Store) {
	at := recent()
	for _, state := range []actions.State{actions.Done, actions.Spared, actions.DryRun} {
		g := group(chat.GroupID("state " + state))
		commit(t, s, caseOf(g, "e", "m", at))
		it := claimOne(t, s, g)
		settle(t, s, state, it)
		if d := depth(t, s); d.Entries != 0 || d.Dead != 0 {
			t.Errorf("after %s: %+v, want nothing left", state, d)
		}
		settle(t, s, actions.Dead, it) // has ended already
		if d := depth(t, s); d.Entries != 0 || d.Dead != 0 {
			t.Errorf("settled twice, %s then dead: %+v, want nothing left", state, d)
		}
		rec, _ := record(t, s, it.Case)
		if len(rec.Answers) != 1 {
			t.Errorf("settled twice: answers %+v, want one", rec.Answers)
			continue
		}
		a := rec.Answers[0]
		if a.Action != it.ID || a.Kind != chat.Remove || a.Member != "m" || a.State != string(state) ||
			a.API != "an_api" || a.Code != "10007" || a.Text != "answer text" || a.RequestID != "req-1" || a.At.IsZero() {
			t.Errorf("answer %+v, want what was settled", a)
		}
	}
	g := group("state free")
	commit(t, s, caseOf(g, "e", "m", at))
	it := claimOne(t, s, g)
	settle(t, s, actions.Free, it)
	if rec, _ := record(t, s, it.Case); len(rec.Answers) != 0 {
		t.Errorf("after free: answers %+v, want none", rec.Answers)
	}
	for try := 1; try <= 3; try++ {
		it = claimOne(t, s, g)
		if it.Attempts != try-1 || it.Deliveries != try+1 {
			t.Errorf("claim %d: %d attempts and %d deliveries, want %d and %d", try, it.Attempts, it.Deliveries, try-1, try+1)
		}
		settle(t, s, actions.Retry, it)
		if rec, _ := record(t, s, it.Case); len(rec.Answers) != try || rec.Answers[try-1].State != string(actions.Retry) {
			t.Errorf("after retry %d: answers %+v, want %d", try, rec.Answers, try)
		}
		if d := depth(t, s); d.Entries != 1 {
			t.Errorf("after retry %d: %+v, want the entry still there", try, d)
		}
	}
	settle(t, s, actions.Done, claimOne(t, s, g))
	if err := s.Settle(t.Context(), nil); err != nil {
		t.Errorf("settling nothing: %v", err)
	}
}

func testDead(t *testing.T, s store.Store) {
	at := recent()
	g, odd := group("dead"), group("odd\xff\x00")
	commit(t, s, caseOf(g, "e1", "m1", at), caseOf(g, "e2", "m2", at), caseOf(odd, "e", "odd\xfe", at))
	items := append(claimAll(t, s, g, 2), claimOne(t, s, odd))
	settle(t, s, actions.Retry, items...)
	settle(t, s, actions.Dead, items...)
	letters := dead(t, s)
	if len(letters) != 3 {
		t.Fatalf("%d dead letters, want 3", len(letters))
	}
	byID := map[chat.ActionID]actions.Letter{}
	for _, l := range letters {
		byID[l.Action.ID] = l
	}
	for _, it := range items {
		l := byID[it.ID]
		if err := sameAction(l.Action, it.Action); err != nil {
			t.Errorf("dead letter of member %q: %v", it.Member, err)
		}
		if l.Code != "10007" || l.Text != "answer text" || l.Attempts < 1 || l.At.IsZero() {
			t.Errorf("dead letter %+v, want code, text, attempts and time", l)
		}
	}
	if few, err := s.Letters(t.Context(), actions.DeadShelf, nil, 2); err != nil || len(few) != 2 {
		t.Errorf("two of three dead letters: %d, %v", len(few), err)
	}
	if d := depth(t, s); d.Entries != 0 || d.Dead != 3 {
		t.Errorf("depth %+v, want 3 dead", d)
	}
	if rec, _ := record(t, s, items[0].Case); len(rec.Answers) != 2 || rec.Answers[1].State != string(actions.Dead) {
		t.Errorf("answers %+v, want retry and dead", rec.Answers)
	}
	if got := commit(t, s, caseOf(g, "e3", "m1", at))[0]; got.Queued != 1 {
		t.Errorf("a member whose removal is a dead letter: %+v, want queued", got)
	}
}

func testFormerOwner(t *testing.T, s store.Store) {
	g, at := group("owners"), recent()
	commit(t, s, caseOf(g, "e", "m", at))
	former := claimOne(t, s, g)
	for _, state := range []actions.State{actions.Free, actions.Retry, actions.Dead, actions.Done} {
		claimOne(t, s, g) // taken over when the lease has run out
		settle(t, s, state, former)
		if d := depth(t, s); d.Entries != 1 || d.Dead != 0 {
			t.Fatalf("a former owner's %s: %+v, want the entry untouched", state, d)
		}
	}
	if rec, _ := record(t, s, former.Case); len(rec.Answers) != 0 {
		t.Errorf("a former owner's answers were recorded: %+v", rec.Answers)
	}
	if got := commit(t, s, caseOf(g, "e2", "m", at.Add(time.Second)))[0]; got.Queued != 0 {
		t.Errorf("a former owner's settlement cleared the mark: %+v", got)
	}
	last := claimOne(t, s, g)
	if last.Attempts != 0 {
		t.Errorf("%d attempts, want none: former owners' do not count", last.Attempts)
	}
	settle(t, s, actions.Done, last)
	if d := depth(t, s); d.Entries != 0 {
		t.Errorf("the owner's settlement: %+v, want an empty queue", d)
	}
}
