package sqlite

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// TestClaimsAreRenewedWhileOthersEnd renews everything while entries are claimed, given back and
// ended. Each ends once, and no lease is left.
func TestClaimsAreRenewedWhileOthersEnd(t *testing.T) {
	const n = 300
	s, c := openAt(t, store.Options{Partitions: 1, Lease: time.Hour})
	var cases []chat.Case
	for i := range n {
		cases = append(cases, caseAt(fmt.Sprint(i), c.now()))
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	given := make(chan []actions.Token, n)
	var owners, renewer sync.WaitGroup
	for range 4 {
		owners.Go(func() {
			for {
				items, err := s.Claim(t.Context(), 0, 7)
				if err != nil || len(items) == 0 {
					return
				}
				var tokens []actions.Token
				var out []actions.Settlement
				for i, it := range items {
					tokens = append(tokens, it.Token)
					state := actions.Done
					if i%3 == 0 && it.Deliveries == 1 {
						state = actions.Free
					}
					out = append(out, actions.Settlement{Item: it, State: state, At: c.now()})
				}
				given <- tokens
				if err := s.Settle(t.Context(), out); err != nil {
					t.Errorf("settling: %v", err)
				}
			}
		})
	}
	renewer.Go(func() {
		var all []actions.Token
		for tokens := range given {
			all = append(all, tokens...)
			if err := s.Renew(t.Context(), all); err != nil {
				t.Errorf("renewing: %v", err)
			}
		}
	})
	owners.Wait()
	close(given)
	renewer.Wait()
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 0 {
		t.Errorf("depth %+v, %v, want an empty queue", d, err)
	}
	if p := &s.w.leases.parts[0]; len(p.held) != 0 || p.running.Len() != 0 {
		t.Errorf("%d leases are left, %d of them running", len(p.held), p.running.Len())
	}
	rec, _, err := s.Record(t.Context(), cases[n-1].ID)
	if err != nil || len(rec.Answers) != 1 {
		t.Errorf("answers %+v, %v, want one", rec.Answers, err)
	}
}

// TestAClosedStoreRenewsNothing expects the error that every other change gets.
func TestAClosedStoreRenewsNothing(t *testing.T) {
	s, _ := openAt(t, store.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Renew(t.Context(), []actions.Token{{Entry: "1", Fence: 1}}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("renewing after the close: %v, want ErrClosed", err)
	}
}
