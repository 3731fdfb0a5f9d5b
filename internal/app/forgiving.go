package app

import (
	"context"
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
)

// forgiving is a store that is handed no case of somebody who has come back since, by a join that waits in the
// spool. The spool itself knows only the events that it hands on, not whom a burst removes beside their members,
// nor the joins that come while it does.
type forgiving struct {
	pipeline.Store
	cameBack func(context.Context, []chat.Event) ([]bool, error)
}

// Commit implements pipeline.Store. What is not stored counts as known: nothing is told of it.
func (f forgiving) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	events := make([]chat.Event, len(cases))
	for i := range cases {
		events[i] = cases[i].Event
	}
	back, err := f.cameBack(ctx, events)
	if err != nil {
		return nil, fmt.Errorf("asking the spool who came back: %w", err)
	}
	done := make([]chat.Committed, len(cases))
	var left []chat.Case
	var at []int // where they stand in cases
	for i := range cases {
		if back[i] {
			done[i].Known = true
			continue
		}
		left, at = append(left, cases[i]), append(at, i)
	}
	if len(left) == 0 {
		return done, nil
	}
	got, err := f.Store.Commit(ctx, left)
	if err != nil {
		return nil, err
	}
	for i := range got {
		done[at[i]] = got[i]
	}
	return done, nil
}
