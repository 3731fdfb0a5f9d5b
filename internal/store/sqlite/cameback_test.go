package sqlite

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestWhoCameBackIsKnownForAsLongAsHisActionMayWait asks right before and when a join is forgotten.
func TestWhoCameBackIsKnownForAsLongAsHisActionMayWait(t *testing.T) {
	const room = store.ReturnRoom
	for _, test := range []struct {
		name  string
		state actions.State   // of the removal when the member joins first; empty: pending
		after []time.Duration // the joins, after the offence
		keep  time.Duration   // from the first join on
	}{
		{"pending", "", []time.Duration{time.Minute}, store.KeepPending},
		{"held", actions.Held, []time.Duration{time.Minute}, store.KeepPending},
		{"done", actions.Done, []time.Duration{time.Minute}, chat.DedupeFor},
		{"given up", actions.Dead, []time.Duration{time.Minute}, chat.DedupeFor},
		{"pending, and a second join", "", []time.Duration{time.Minute, time.Hour}, store.KeepPending},
		{"pending, and a second join after a first one at once", "", []time.Duration{room / 2, time.Hour}, store.KeepPending},
	} {
		for _, purged := range []bool{false, true} {
			s, c := openAt(t, store.Options{Partitions: 1})
			first := offence("e1", c.now())
			if _, err := s.Commit(t.Context(), []chat.Case{first}); err != nil {
				t.Fatal(err)
			}
			if test.state != "" {
				items, err := s.Claim(t.Context(), 0, 1)
				if err != nil || len(items) != 1 {
					t.Fatalf("claimed %v, %v, want one", items, err)
				}
				if err := s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: test.state, At: c.now()}}); err != nil {
					t.Fatal(err)
				}
			}
			for _, after := range test.after {
				c.advance(first.Event.At.Add(after).Sub(c.now()))
				join := chat.Look{Event: chat.EventID("j" + after.String()), Group: first.Event.Group, Member: "m", Kind: chat.Join, At: c.now(), Exact: true}
				if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
					t.Fatal(err)
				}
			}
			forgotten := first.Event.At.Add(test.after[0] + test.keep)
			for _, left := range []time.Duration{time.Microsecond, 0} {
				c.advance(forgotten.Add(-left).Sub(c.now()))
				if purged {
					if err := s.purge(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				back, err := s.CameBack(t.Context(), first.Actions())
				if err != nil || back[0] != (left > 0) {
					t.Errorf("%s, purged %t, %v before it is forgotten: %v, %v", test.name, purged, left, back, err)
				}
				if n := rows(t, s, "came"); purged && (n == 1) != (left > 0) {
					t.Errorf("%s, %v before it is forgotten: %d joins are remembered", test.name, left, n)
				}
			}
		}
	}
}
