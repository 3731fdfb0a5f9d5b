package desk

import (
	"context"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/store"
)

// Archive has the cases that were stored.
type Archive interface {
	Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error)
	RecordByCode(ctx context.Context, code string) (chat.Record, bool, error)
	Cases(ctx context.Context, q store.Query, keep func(*chat.Record) bool) ([]chat.Record, error)
	Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error)
}

// Shelves have the actions that wait for an operator, and the marks against doing things twice.
type Shelves interface {
	Letters(ctx context.Context, shelf actions.Shelf, keep func(*actions.Letter) bool, most int) ([]actions.Letter, error)
	Requeue(ctx context.Context, shelf actions.Shelf, of []chat.Action, released time.Time) (int, error)
	Discard(ctx context.Context, shelf actions.Shelf, of []chat.Action) (int, error)
	Forget(ctx context.Context, of []chat.Action) error
}

// Notes have the memos that all replicas share.
type Notes interface {
	Memos(ctx context.Context, kind string) ([]chat.Memo, error)
	SaveMemo(ctx context.Context, m chat.Memo) error
	DropMemo(ctx context.Context, kind, key string, version int64) error
}

// Store is what a Desk works on. A store.Store is one.
type Store interface {
	Archive
	Shelves
	Notes
}

// Config is what a Desk is made of.
type Config struct {
	Store Store
	Now   func() time.Time
	// Rules returns the rules in force; nil, or a func that returns nil, when they are not known.
	Rules func() *policy.Rules
	// InForce is set when Rules are those in force for certain: then no other rule can be paused.
	InForce bool
	// Accounts are the account at each provider, so that a group can be named by its ID alone.
	Accounts map[chat.Provider]chat.Account
}

// Desk is where operators work. It is safe for concurrent use.
type Desk struct{ c Config }

// New returns a Desk.
func New(c Config) *Desk {
	if c.Rules == nil {
		c.Rules = func() *policy.Rules { return nil }
	}
	return &Desk{c}
}

// Kind says whose fault an Error is.
type Kind string

// The kinds of errors.
const (
	NotFound Kind = "not found" // there is nothing of that name
	Refused  Kind = "refused"   // it is there, and this cannot be done with it
	Mistaken Kind = "mistaken"  // the request makes no sense
)

// Error is an error that the request is to blame for, and not the store.
type Error struct {
	Kind Kind
	Text string
}

func (e *Error) Error() string { return e.Text }
