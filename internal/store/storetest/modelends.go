package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"pgregory.net/rapid"
)

// drain ends the round: every queued action comes out exactly once.
func (m *model) drain(rt *rapid.T) {
	for part := range m.s.Parts() {
		for _, e := range slices.Clone(m.waiting[part]) {
			if e.claimed != nil {
				m.apply(rt, e, actions.Free)
			}
		}
		for len(m.waiting[part]) > 0 {
			items, err := m.s.Claim(m.t.Context(), part, 100)
			if err != nil || len(items) == 0 || items[0].ID != m.waiting[part][0].action.ID {
				rt.Fatalf("draining: claimed %v, %v, want %s first", members(items), err, m.waiting[part][0].action.ID)
			}
			for _, it := range items {
				e := m.waiting[part][0]
				if err := sameAction(it.Action, e.action); err != nil || it.Attempts != e.attempts {
					rt.Fatalf("draining: claimed %+v, want attempt %d of %+v: %v", it, e.attempts, e.action, err)
				}
				e.claimed = &it
				m.apply(rt, e, actions.Done)
			}
		}
	}
}

// clear takes everything off the shelves and out of the queue, without judging.
func (m *model) clear() {
	ctx := m.t.Context()
	for shelf, on := range m.shelves {
		_, _ = m.s.Discard(ctx, shelf, actionsOf(on))
	}
	for part := range m.s.Parts() {
		for _, e := range m.waiting[part] {
			if e.claimed != nil {
				_ = m.s.Settle(ctx, []actions.Settlement{{Item: *e.claimed, State: actions.Done, At: m.begin}})
			}
		}
	}
	for part := range m.s.Parts() {
		for left := m.waiting[part]; len(left) > 0; {
			short, cancel := context.WithTimeout(ctx, time.Second/2)
			items, err := m.s.Claim(short, part, 100)
			cancel()
			if err != nil || len(items) == 0 {
				break
			}
			for _, it := range items {
				_ = m.s.Settle(ctx, []actions.Settlement{{Item: it, State: actions.Done, At: m.begin}})
			}
		}
	}
}
