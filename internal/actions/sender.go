package actions

import (
	"context"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Route says which provider call carries out an action.
type Route struct {
	API  string // the provider's name of the call; rates are kept per API
	Max  int    // members, or messages, that one call takes; 1 where the call has no list
	Rate int    // ceiling of calls in any one-second window
	// Merge tells calls apart: actions of one group with equal API and Merge may share a call.
	Merge string
	// PerMessage is set when the call takes messages and not members: several actions of one member
	// may share it.
	PerMessage bool
	// Yields is set when nothing depends on the action: once it has failed it waits behind everything
	// else of its group, and holds up neither its member nor the group.
	Yields bool
}

// Class says what to do after a call, for one member of it.
type Class int

// The classes of outcomes.
const (
	OK        Class = iota // done, or nothing was left to do
	Immune                 // the target must not be acted on: owner, admin, the bot itself
	Again                  // failed for now, or outcome unknown: repeat with back-off
	Limited                // over the provider's rate: repeat after Wait, at half the pace of the route's API
	Auth                   // credentials refused, after one refresh: repeat, slowly
	Permanent              // refused for good: dead letter
	Suspect                // refused for good because of some member of the batch: smaller calls find out which
)

// Outcome is a provider's answer for one action.
type Outcome struct {
	Class     Class
	Wait      time.Duration // with Again, Limited and Auth, how long to wait at least; zero: unknown
	Code      string
	Text      string // bounded, without secrets or message text
	RequestID string
	// Down is set, beside Again, when the provider gave no answer or answered with a server error: not
	// this action has failed, but perhaps the provider as a whole. Enough of it in a row, and the
	// account's breaker opens.
	Down bool
}

// Sender is one provider account.
type Sender interface {
	// Route is pure and cheap: it says how an action is carried out, or by its error why it can
	// never be (which makes a dead letter).
	Route(a chat.Action) (Route, error)
	// Send makes the call for 1 to route.Max actions of one group that share the route, and returns
	// one outcome for each, in order. The caller has taken the rate slot of this call; further
	// calls that Send makes take their own, and tell their gate when they are refused for their rate.
	// Send never retries.
	Send(ctx context.Context, route Route, batch []chat.Action) []Outcome
}
