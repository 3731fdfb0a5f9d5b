package sqlite

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestAnUnlistedCaseIsForgottenInTime commits one, and lets an hour pass.
func TestAnUnlistedCaseIsForgottenInTime(t *testing.T) {
	s, clock := openAt(t, store.Options{Partitions: 1})
	c := caseAt("e", clock.now())
	c.Unlisted = true
	known := func() bool {
		t.Helper()
		out, err := s.Commit(t.Context(), []chat.Case{c})
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Known
	}
	if known() || !known() || rows(t, s, "cases") != 0 || rows(t, s, "seen") != 1 {
		t.Errorf("%d cases, %d seen", rows(t, s, "cases"), rows(t, s, "seen"))
	}
	clock.advance(store.Options{}.Defaults().KeepUnlisted() - time.Second)
	if !known() {
		t.Error("forgotten too soon")
	}
	clock.advance(2 * time.Second)
	if err := s.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s, "seen"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if known() {
		t.Error("still known")
	}
}
