package store

import (
	"context"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Store is what every store gives. It exists for the conformance suite and for the program that
// opens one of them; consumers declare the few methods that they need.
//
// A call whose context ends may still take effect: every method can be repeated. Slices handed in
// must not be changed afterwards, not even after such a call.
type Store interface {
	// Observe answers the looks in order, one Facts for each. A later look sees what an earlier one
	// of the same call added.
	Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error)
	// Commit stores cases and queues their actions, each case as a whole or not at all. A case that
	// is known is stored no second time; what chat.Committed says about it may still be queued.
	Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error)

	actions.Queue
	// Dead returns up to maxLetters dead letters, newest first.
	Dead(ctx context.Context, maxLetters int) ([]actions.DeadLetter, error)
	// Depth describes the queue at this moment.
	Depth(ctx context.Context) (actions.Depth, error)

	// Record returns a case as the audit keeps it; false when there is none (any more).
	Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error)
	// RecordByCode finds the newest case with a short code, as CaseID.Code spells it.
	RecordByCode(ctx context.Context, code string) (chat.Record, bool, error)

	// Roster returns the roster that was saved last; the zero Roster when there is none.
	Roster(ctx context.Context, g chat.Group) (chat.Roster, error)
	// SaveRoster stores a roster one version above the stored one; else it returns ErrStale.
	SaveRoster(ctx context.Context, g chat.Group, r chat.Roster) error
	// Groups returns the groups of an account that have a roster or were learned, in no order.
	Groups(ctx context.Context, p chat.Provider, a chat.Account) ([]chat.GroupID, error)
	// LearnGroup remembers a group. With Options.MaxGroups of the account known it returns ErrFull.
	LearnGroup(ctx context.Context, g chat.Group) error

	actions.Limiter

	// Ping returns nil when the store can take a commit now, as far as that can be told cheaply.
	Ping(ctx context.Context) error
	// Close finishes what is under way and lets the store go.
	Close() error
}
