package store

import (
	"math"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// ReturnRoom is how much later than the end of an action an event must be to prove that the member
// is back: room for clocks that differ and for messages that were under way when the member went.
const ReturnRoom = 5 * time.Second

// DoneBefore returns the time, in microseconds since 1970, before which an equal action must have
// been done for its mark not to keep this one out: the member's event came later, so the member is
// back, or never went, and nobody need have seen a join. Later events prove nothing about an action
// on a group as a whole, whose mark holds for its time; then it is the least there is.
func DoneBefore(a chat.Action) int64 {
	if a.Member == "" {
		return math.MinInt64
	}
	return a.EventAt.Add(-ReturnRoom).UnixMicro()
}

// KeepPending is how long the mark of a pending action keeps others out, where it does not stand until the
// action ends, and how long a join is remembered that lifted one: past any sensible time in the queue.
const KeepPending = 7 * 24 * time.Hour

// SettledBefore returns the time, in microseconds since 1970, before which what a member did is
// settled by a join whose time is exact, even if it lifted nothing. Times of messages can be whole
// seconds, and clocks differ: somebody who joins and offends at once must not be excused by that join. A
// join that is ahead of our clock is of now, or its time would excuse what the member does until then.
func SettledBefore(join, now time.Time) int64 {
	if join.After(now) {
		join = now
	}
	return join.Add(-ReturnRoom).UnixMicro()
}

// HeldKey returns the key of an action's mark while the action is held. What is held keeps out actions
// of its own rule only, so it is made of the rule and of the action's dedupe key. No dedupe key begins
// as it does.
func HeldKey(rule chat.RuleID, dedupe string) string {
	return "held\x00" + string(rule) + "\x00" + dedupe
}
