package tencent

import (
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// outStopped is the code of an action that may not go any more. What came between, a pause or an undo,
// came while its job waited for slots.
const outStopped = "stopped"

// stopped is the outcome of an action that may not go any more: it comes back at once, and the
// dispatcher then hears the same and settles it for good.
func stopped() actions.Outcome {
	return actions.Outcome{Class: actions.Again, Wait: time.Millisecond, Code: outStopped, Text: "it may not go any more"}
}

// stops tells whether an action may not go any more. What restores always may.
func (j *job) stops(a *chat.Action) bool {
	return j.still != nil && !a.Intent.Kind.Restores() && j.still(a).Stops()
}

// going settles the actions that may not go any more, and returns the others. It is asked right before
// the call, when no slot is waited for any more.
func (j *job) going(which []int) []int {
	return j.sift(which, func(a chat.Action) (actions.Outcome, bool) { return stopped(), j.stops(&a) })
}

// allGo returns a check of whether all of the actions still may go.
func (j *job) allGo(which []int) func() bool {
	return func() bool {
		return !slices.ContainsFunc(which, func(i int) bool { return j.stops(&j.acts[i]) })
	}
}
