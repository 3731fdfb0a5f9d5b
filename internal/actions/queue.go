package actions

import (
	"context"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Token names one claimed queue entry. Only the store that gave it reads it.
type Token struct {
	Part  int    // partition
	Entry string // entry within the partition
	Fence int64  // grows with every claim of the entry, so that a former owner is told apart
}

// Item is an action that this process has claimed: nobody else carries it out while the claim is
// renewed.
type Item struct {
	chat.Action
	Token      Token
	Attempts   int // provider calls that failed so far; a crash does not count
	Deliveries int // claims so far, this one included
}

// State is how an action stands after a provider call.
type State string

// The states that an action is settled to. Retry and Free leave it in the queue, the others end it.
const (
	Done   State = "done"    // the wanted end holds
	Spared State = "spared"  // the target must not be acted on
	DryRun State = "dry_run" // nothing was called, on purpose
	Dead   State = "dead"    // given up: a letter for the operator
	Held   State = "held"    // kept from acting: a letter for the operator; its mark keeps out only what the same rule wants
	Void   State = "undone"  // taken back before it was carried out; its mark goes
	Retry  State = "retry"   // tried and failed: the claim is kept and the attempt is counted
	Free   State = "free"    // not tried: the claim is given back, claimable at once
)

// Settlement is the stored outcome of one action.
type Settlement struct {
	Item      Item
	State     State
	API       string // the call that was made; empty when none was
	Code      string // the provider's code
	Text      string // the provider's text, bounded
	RequestID string
	At        time.Time
}

// Queue holds accepted actions. An entry leaves it only by a settlement that ends the action.
type Queue interface {
	// Parts is the number of partitions, each claimed from on its own.
	Parts() int
	// Claim takes up to max entries of a partition, oldest first: entries never claimed, and those
	// whose claim ran out. With nothing there it waits a short time, much less than a claim holds, and
	// returns none.
	Claim(ctx context.Context, part, max int) ([]Item, error)
	// Renew keeps claims from running out. A claim that somebody else took over meanwhile is left
	// alone.
	Renew(ctx context.Context, tokens []Token) error
	// Settle stores outcomes, appends them to the audit, and ends, counts or frees the entries. An
	// entry that has ended already, or that somebody else has claimed since, is left as it is.
	Settle(ctx context.Context, s []Settlement) error
}

// Shelf is where actions lie about which an operator has to decide.
type Shelf string

// The shelves.
const (
	DeadShelf Shelf = "dead" // given up
	HeldShelf Shelf = "held" // kept from acting by a pause, a brake, or a rule that is no longer enforced
)

// Letter is an action on a shelf, and why it is there.
type Letter struct {
	Action   chat.Action `json:"action"`
	Code     string      `json:"code,omitempty"`
	Text     string      `json:"text,omitempty"`
	Attempts int         `json:"attempts"`
	At       time.Time   `json:"at"`
}

// Depth describes the queue at one moment.
type Depth struct {
	Entries int       // waiting or claimed
	Oldest  time.Time // when the oldest of them was put there; zero when there is none
	Dead    int       // letters on DeadShelf
	Held    int       // letters on HeldShelf
}
