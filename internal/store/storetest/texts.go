package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// textKept is how long texts are kept in these tests: long enough to read one on a busy machine.
const textKept = 2 * time.Second

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	one, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(one) == string(other)
}

// everyWay reads a case in every way that there is.
func everyWay(t *testing.T, s store.Store, c chat.Case) map[string]chat.Record {
	t.Helper()
	byID, ok := record(t, s, c.ID)
	byCode, okCode, err := s.RecordByCode(t.Context(), c.Code)
	if !ok || !okCode || err != nil {
		t.Fatalf("case %s: found by ID %v, by code %v, %v", c.ID, ok, okCode, err)
	}
	out := map[string]chat.Record{"by ID": byID, "by code": byCode}
	keep := func(r *chat.Record) bool {
		if r.Case.ID == c.ID {
			out["shown to keep"] = *r
		}
		return r.Case.ID == c.ID
	}
	for _, r := range cases(t, s, store.Query{Most: 5}, keep) {
		out["listed"] = r
	}
	if len(out) != 4 {
		t.Fatalf("case %s is not listed", c.ID)
	}
	return out
}

// testTexts lets the text of one case grow old while the store is open, and of another while it is
// closed.
func testTexts(t *testing.T, fresh func(t *testing.T) Open) {
	place := fresh(t)
	o := store.Options{KeepText: textKept}
	s := mustOpen(t, place, o)
	g, at := group("texts"), recent()
	c, mute := caseOf(g, "e1", "m", at), caseOf(g, "e2", "m2", at)
	mute.Event.Text = ""
	begin := time.Now()
	commit(t, s, c, mute)
	for way, r := range everyWay(t, s, c) {
		// On a machine that took too long to get here, the text may be gone already.
		if r.Case.Event.Text != c.Event.Text && time.Since(begin) < textKept {
			t.Errorf("%s: the text is %q, want %q", way, r.Case.Event.Text, c.Event.Text)
		}
		if r.Fingerprint != chat.Fingerprint(c.Event.Text) {
			t.Errorf("%s: the fingerprint is %q, want that of the text", way, r.Fingerprint)
		}
	}
	waitFor(t, "the text to go", func() bool { return everyWay(t, s, c)["by ID"].Case.Event.Text == "" })
	if kept := time.Since(begin); kept < textKept {
		t.Errorf("the text was kept for %v, want %v", kept, textKept)
	}
	textGone(t, s, c)
	for way, r := range everyWay(t, s, mute) {
		if r.Fingerprint != "" || r.Case.Event.Text != "" {
			t.Errorf("%s: a case without a text has text %q and fingerprint %q", way, r.Case.Event.Text, r.Fingerprint)
		}
	}
	later := caseOf(g, "e3", "m3", at)
	commit(t, s, later)
	committed := time.Now()
	mustClose(t, s)
	waitFor(t, "the time of the text to be over", func() bool { return time.Since(committed) > textKept })
	s = mustOpen(t, place, o)
	defer mustClose(t, s)
	textGone(t, s, c)
	textGone(t, s, later)
}

func textGone(t *testing.T, s store.Store, c chat.Case) {
	t.Helper()
	want := c
	want.Event.Text = ""
	for way, r := range everyWay(t, s, c) {
		if !sameJSON(t, r.Case, want) || r.Fingerprint != chat.Fingerprint(c.Event.Text) {
			t.Errorf("%s: the case is %+v with fingerprint %q, want it without its text and with that of the text", way, r.Case, r.Fingerprint)
		}
	}
}
