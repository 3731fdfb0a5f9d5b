package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestUnlistedCasesLeaveABoundedStore has one come every half minute for hours, each of a member of its
// own and with a window of its own.
func TestUnlistedCasesLeaveABoundedStore(t *testing.T) {
	const every, n = 30 * time.Second, 400
	s, clock := openAt(t, store.Options{Partitions: 1})
	ctx := t.Context()
	for i := range n {
		c := caseAt(fmt.Sprint("beat ", i), clock.now())
		c.Unlisted = true
		look := chat.Look{
			Event: c.Event.ID, Group: c.Event.Group, Member: c.Event.Member, Kind: chat.Message, At: clock.now(),
			Windows: []chat.Window{{ID: "w", Key: string(c.Event.Member), Limit: 2, Add: 2, Within: time.Minute, Group: &c.Event.Group}},
		}
		facts, err := s.Observe(ctx, []chat.Look{look})
		if err != nil || facts[0].Counts[0] != 2 {
			t.Fatal(facts, err)
		}
		if got, err := s.Commit(ctx, []chat.Case{c}); err != nil || got[0].Queued != 1 {
			t.Fatal(got, err)
		}
		items, err := s.Claim(ctx, 0, 10)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		if err := s.Settle(ctx, []actions.Settlement{{Item: items[0], State: actions.Done, At: clock.now()}}); err != nil {
			t.Fatal(err)
		}
		clock.advance(every)
	}
	if err := s.purge(ctx); err != nil {
		t.Fatal(err)
	}
	for table, span := range map[string]time.Duration{
		"seen": store.Options{}.Defaults().KeepUnlisted(), "marks": chat.DedupeFor, "windows": 5 * time.Minute,
		"cases": 0, "answers": 0, "queue": 0, "letters": 0, "dropped": 0, "lifted": 0, "ladders": 0, "joins": 0,
	} {
		if got, most := rows(t, s, table), int(span/every); got > most {
			t.Errorf("%d rows in %s after %d cases, want %d at most", got, table, n, most)
		}
	}
}
