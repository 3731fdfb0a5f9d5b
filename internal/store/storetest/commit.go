package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testCommit(t *testing.T, fresh func(t *testing.T) Open) {
	s := open(t, fresh, store.Options{})
	t.Run("what is claimed is what was committed", func(t *testing.T) { testRoundTrip(t, s) })
	t.Run("known", func(t *testing.T) { testKnown(t, s) })
	t.Run("dedupe", func(t *testing.T) { testDedupe(t, s) })
	t.Run("dedupe ends", func(t *testing.T) { testDedupeEnds(t, s) })
	if got, err := s.Commit(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("committing nothing: %v, %v", got, err)
	}
}

func testRoundTrip(t *testing.T, s store.Store) {
	at := recent()
	for _, id := range []string{"plain", "", "\x00", "a\x00b", "}{", "{tag}", "with space", "a:b", "@TGS#1", "\xff\xfe", "'; --", "%41", "é世界", "\n"} {
		g := chat.Group{Provider: chat.Tencent, Account: chat.Account("acc" + id), ID: chat.GroupID("trip" + id)}
		c := caseOf(g, "e", chat.MemberID(id), at,
			chat.Intent{Kind: chat.Remove, Rule: "r1", Reason: "令 \"x\"", Silent: true, Until: at.Add(time.Hour)},
			chat.Intent{Kind: chat.Alert, Rule: "r1", Severity: "warning"},
			chat.Intent{Kind: chat.Block, Rule: "r1", Code: 10100},
			chat.Intent{Kind: chat.Lockdown, Rule: "r2", Revoke: true})
		want := c.Actions()
		if len(want) != 2 {
			t.Fatalf("the case has %d queued actions, want 2", len(want))
		}
		if got := commit(t, s, c)[0]; got.Known || got.Queued != 2 || len(got.Deduplicated) != 0 {
			t.Fatalf("group %q: %+v, want 2 queued", g.ID, got)
		}
		items := claimAll(t, s, g, 2)
		for i, it := range items {
			if err := sameAction(it.Action, want[i]); err != nil {
				t.Errorf("action %d of group %q: %v", i, g.ID, err)
			}
			if it.Attempts != 0 || it.Deliveries != 1 || it.Token.Part != partOf(s, g) {
				t.Errorf("action %d of group %q: %+v, want no attempt and the first delivery", i, g.ID, it)
			}
		}
		settle(t, s, actions.Done, items...)
	}
	if d := depth(t, s); d.Entries != 0 || !d.Oldest.IsZero() {
		t.Errorf("after all is done: %+v, want an empty queue", d)
	}
}

func testKnown(t *testing.T, s store.Store) {
	g, at := group("known"), recent()
	c := caseOf(g, "e", "m", at)
	if got := commit(t, s, c, c); got[0].Known || got[0].Queued != 1 || !got[1].Known || got[1].Queued != 0 {
		t.Errorf("a case twice in one call: %+v, want the second known", got)
	}
	settle(t, s, actions.Dead, claimOne(t, s, g)) // no mark stands in the way
	if got := commit(t, s, c)[0]; !got.Known || got.Queued != 0 || len(got.Deduplicated) != 0 {
		t.Errorf("a case that has ended: %+v, want known", got)
	}
	if d := depth(t, s); d.Entries != 0 {
		t.Errorf("a known case queued something: %+v", d)
	}
	quiet := caseOf(g, "q", "m", at, chat.Intent{Kind: chat.Alert, Rule: "r1", Severity: "info"})
	if got := commit(t, s, quiet)[0]; got.Known || got.Queued != 0 {
		t.Errorf("a case without actions: %+v", got)
	}
	if got := commit(t, s, quiet)[0]; !got.Known {
		t.Errorf("a case without actions, again: %+v, want known", got)
	}
}

func testDedupe(t *testing.T, s store.Store) {
	g, at := group("dedupe"), recent()
	mute := chat.Intent{Kind: chat.Mute, Rule: "r2", Until: at.Add(time.Hour)}
	byOther := removal
	byOther.Rule = "r9"
	commit(t, s, caseOf(g, "e1", "m", at))
	for _, test := range []struct {
		name   string
		c      chat.Case
		queued int
		dropd  int
	}{
		{"same member, pending", caseOf(g, "e2", "m", at), 0, 1},
		{"another rule's removal", caseOf(g, "e3", "m", at, byOther), 0, 1},
		{"another kind", caseOf(g, "e4", "m", at, mute), 1, 0},
		{"one of each", caseOf(g, "e5", "m", at, mute, chat.Intent{Kind: chat.Lockdown, Rule: "r3"}), 1, 1},
		{"another member", caseOf(g, "e6", "m2", at), 1, 0},
		{"twice in one case", caseOf(g, "e7", "m3", at, removal, byOther), 1, 1},
		{"another group", caseOf(group("dedupe2"), "e1", "m", at), 1, 0},
		{"another account", caseOf(chat.Group{Provider: chat.Tencent, Account: "2", ID: "dedupe"}, "e1", "m", at), 1, 0},
		{"another provider", caseOf(chat.Group{Provider: chat.CAMS, Account: "1400000000", ID: "dedupe"}, "e1", "m", at), 1, 0},
	} {
		got := commit(t, s, test.c)[0]
		if got.Known || got.Queued != test.queued || len(got.Deduplicated) != test.dropd {
			t.Errorf("%s: %+v, want %d queued and %d deduplicated", test.name, got, test.queued, test.dropd)
			continue
		}
		rec, ok := record(t, s, test.c.ID)
		if !ok || len(rec.Answers) != test.dropd {
			t.Errorf("%s: recorded %v with answers %+v, want %d", test.name, ok, rec.Answers, test.dropd)
			continue
		}
		for i, a := range rec.Answers {
			d := got.Deduplicated[i]
			if a.State != "deduplicated" || a.Action != d.ID || a.Kind != d.Intent.Kind || a.Member != d.Member || a.At.IsZero() {
				t.Errorf("%s: answer %+v, want %s deduplicated", test.name, a, d.ID)
			}
		}
	}
}

func testDedupeEnds(t *testing.T, s store.Store) {
	at := recent()
	for _, test := range []struct {
		state actions.State
		want  int // queued afterwards
	}{{actions.Done, 0}, {actions.Spared, 0}, {actions.DryRun, 1}, {actions.Retry, 0}, {actions.Free, 0}, {actions.Dead, 1}, {actions.Held, 0}, {actions.Void, 1}} {
		g := group(chat.GroupID("ends " + test.state))
		commit(t, s, caseOf(g, "e1", "m", at))
		settle(t, s, test.state, claimOne(t, s, g))
		if got := commit(t, s, caseOf(g, "e2", "m", at.Add(time.Second)))[0]; got.Queued != test.want {
			t.Errorf("after %s: %+v, want %d queued", test.state, got, test.want)
		}
	}
	// A short mute keeps its mark for a second only.
	g := group("short mute")
	mute := chat.Intent{Kind: chat.Mute, Rule: "r1", Until: at.Add(time.Second)}
	commit(t, s, caseOf(g, "e1", "m", at, mute))
	settle(t, s, actions.Done, claimOne(t, s, g))
	n := 0
	waitFor(t, "the mark of a short mute to end", func() bool {
		n++
		return commit(t, s, caseOf(g, chat.EventID(slices.Repeat([]byte("x"), n)), "m", at, mute))[0].Queued == 1
	})
}
