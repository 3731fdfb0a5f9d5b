package store

import (
	"context"
	"time"

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
	// Letters returns the letters on a shelf that keep wants, newest first and at most most of them. A
	// nil keep wants all.
	Letters(ctx context.Context, shelf actions.Shelf, keep func(*actions.Letter) bool, most int) ([]actions.Letter, error)
	// Requeue takes actions off a shelf and puts them into the queue again, as new ones without
	// failed attempts, with Action.Released set to the given time (zero: as it was). It returns how
	// many it queued: those that are not on the shelf (any more) are passed over, and one in whose way
	// an equal action's mark stands is taken off as deduplicated. So is a held one about a member whose
	// own mark no longer stands: the member came back since, or it was forgotten. A dead letter keeps no
	// mark: to queue it is an operator's explicit choice, and only a return that is remembered is in its
	// way. Each is moved as a whole or not at all.
	Requeue(ctx context.Context, shelf actions.Shelf, of []chat.Action, released time.Time) (int, error)
	// Discard takes actions off a shelf for good, lifts their marks, and returns how many there were.
	Discard(ctx context.Context, shelf actions.Shelf, of []chat.Action) (int, error)
	// Forget lifts the marks of these actions, so that equal ones may be wanted again at once. Marks
	// of other actions stay.
	Forget(ctx context.Context, of []chat.Action) error
	// CameBack tells of each action whether its member has come back since: whether a join whose time is
	// exact settles it (see chat.Look.Exact). Such a join is remembered for ten minutes, and for
	// KeepPending when it lifted the mark of an action that was pending or held; no later join shortens
	// that. It is false of an action on a group as a whole.
	CameBack(ctx context.Context, of []chat.Action) ([]bool, error)
	// Depth describes the queue at this moment.
	Depth(ctx context.Context) (actions.Depth, error)

	// Record returns a case as the audit keeps it; false when there is none (any more).
	Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error)
	// RecordByCode finds the newest case with a short code, as CaseID.Code spells it.
	RecordByCode(ctx context.Context, code string) (chat.Record, bool, error)

	// Cases returns the records that were stored in the query's span and that keep wants, newest
	// first, at most Query.Most of them. A nil keep wants all.
	Cases(ctx context.Context, q Query, keep func(*chat.Record) bool) ([]chat.Record, error)

	// Memos returns the memos of a kind that have not expired, in no order.
	Memos(ctx context.Context, kind string) ([]chat.Memo, error)
	// SaveMemo stores a memo one version above the stored one, 1 for a new one; else it returns
	// ErrStale. An expired memo counts as not there. With MaxMemos of its kind stored, a new one is
	// ErrFull.
	SaveMemo(ctx context.Context, m chat.Memo) error
	// DropMemo removes a memo of this version. One that is not there, or that has changed, is left
	// alone.
	DropMemo(ctx context.Context, kind, key string, version int64) error

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

// MaxMemos is how many memos of one kind there may be.
const MaxMemos = 20_000

// Query says which cases are looked for.
type Query struct {
	Since, Until time.Time   // when they were stored: from Since, before Until; zero: no bound
	Of           chat.CaseID // only the parts of this case; empty: no matter
	Most         int         // 0 or less: none
}
