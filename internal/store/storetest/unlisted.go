package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testUnlisted(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{Partitions: 1, MaxRecords: 20})
	t.Run("does what others do", func(t *testing.T) { testUnlistedActs(t, s) })
	t.Run("dedupe", func(t *testing.T) { testUnlistedDedupe(t, s) })
	t.Run("beside others", func(t *testing.T) { testUnlistedBeside(t, s) })
}

// unlisted builds a case that the audit does not keep.
func unlisted(g chat.Group, ev chat.EventID, m chat.MemberID, at time.Time, intents ...chat.Intent) chat.Case {
	c := caseOf(g, ev, m, at, intents...)
	c.Unlisted = true
	return c
}

// isUnlisted looks for a case by every way to read the audit.
func isUnlisted(t *testing.T, s store.Store, c *chat.Case) {
	t.Helper()
	if rec, ok := record(t, s, c.ID); ok {
		t.Errorf("the audit has the case: %+v", rec)
	}
	if rec, ok, err := s.RecordByCode(t.Context(), c.Code); ok || err != nil {
		t.Errorf("the audit has the case's code: %+v, %v", rec, err)
	}
	recs, err := s.Cases(t.Context(), store.Query{Most: 1000}, func(r *chat.Record) bool { return r.Case.ID == c.ID })
	if len(recs) > 0 || err != nil {
		t.Errorf("the audit lists the case: %+v, %v", recs, err)
	}
	recs, err = s.Cases(t.Context(), store.Query{Of: c.Of, Most: 1000}, func(r *chat.Record) bool { return r.Case.ID == c.ID })
	if len(recs) > 0 || err != nil {
		t.Errorf("the audit lists the part: %+v, %v", recs, err)
	}
}

func testUnlistedActs(t *testing.T, s store.Store) {
	g, at := group("unlisted"), recent()
	for _, state := range []actions.State{actions.Done, actions.DryRun, actions.Spared, actions.Void, actions.Retry, actions.Free} {
		c := unlisted(g, chat.EventID("e"+state), chat.MemberID("m"+state), at)
		c.Of = "whole"
		c.Strike = &chat.Strike{Rule: "r1", Points: 2, Fade: 1, Every: time.Hour}
		if got := commit(t, s, c, c); got[0].Known || got[0].Queued != 1 || got[0].Strikes != 2 || !got[1].Known || got[1].Queued != 0 {
			t.Errorf("%s: twice in one call: %+v", state, got)
		}
		it := claimOne(t, s, g)
		if err := sameAction(it.Action, c.Actions()[0]); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		settle(t, s, state, it)
		if got := commit(t, s, c)[0]; !got.Known || got.Queued != 0 || got.Strikes != 0 || len(got.Deduplicated) != 0 {
			t.Errorf("after %s, again: %+v, want it known", state, got)
		}
		isUnlisted(t, s, &c)
		if state == actions.Retry {
			settle(t, s, actions.Done, it)
		}
		if state == actions.Free {
			settle(t, s, actions.Done, claimOne(t, s, g))
		}
	}
	if d := depth(t, s); d.Entries+d.Dead+d.Held != 0 {
		t.Errorf("left behind: %+v", d)
	}
}

func testUnlistedDedupe(t *testing.T, s store.Store) {
	g, at := group("unlisted dedupe"), recent()
	first, second := unlisted(g, "e1", "m", at), unlisted(g, "e2", "m", at.Add(time.Second))
	commit(t, s, first)
	if got := commit(t, s, second)[0]; got.Queued != 0 || len(got.Deduplicated) != 1 {
		t.Errorf("while an equal one is pending: %+v", got)
	}
	isUnlisted(t, s, &second)
	settle(t, s, actions.Dead, claimOne(t, s, g))
	if letters := dead(t, s); len(letters) != 1 || letters[0].Action.Case != first.ID {
		t.Errorf("letters: %+v", letters)
	}
	if n, err := s.Discard(t.Context(), actions.DeadShelf, []chat.Action{first.Actions()[0]}); n != 1 || err != nil {
		t.Errorf("discarding: %d, %v", n, err)
	}
	isUnlisted(t, s, &first)
}

func testUnlistedBeside(t *testing.T, s store.Store) {
	g, at := group("unlisted beside"), recent()
	alert := chat.Intent{Kind: chat.Alert, Rule: "r1", Severity: "info"}
	listed := []chat.Case{caseOf(g, "first", "m", at, alert)}
	commit(t, s, listed[0])
	for n := range 10 {
		var more []chat.Case
		for i := range 10 {
			more = append(more, unlisted(g, chat.EventID(rune('a'+i))+chat.EventID(rune('a'+n)), "m", at, alert))
		}
		last := caseOf(g, chat.EventID(rune('0'+n)), "m", at, alert)
		more = append(more, last)
		listed = append(listed, last)
		for i, got := range commit(t, s, more...) {
			if got.Known {
				t.Errorf("case %d of call %d is known", i, n)
			}
		}
	}
	for i := range listed {
		if _, ok := record(t, s, listed[i].ID); !ok {
			t.Errorf("case %d of %d went, although the audit has room for 20", i, len(listed))
		}
	}
	// What is known as one is known as the other.
	other := unlisted(g, "first", "m", at, alert)
	if got := commit(t, s, other)[0]; !got.Known {
		t.Errorf("a listed case once more, unlisted: %+v", got)
	}
	if _, ok := record(t, s, other.ID); !ok {
		t.Error("that took the record away")
	}
}
