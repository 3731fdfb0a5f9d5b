package actions

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// held is an action that this process has claimed and not yet settled.
type held struct {
	Item
	route Route
	limit int       // most members that a call with this action may have; 0: as many as the route takes
	due   time.Time // not before then; others of the group may go meanwhile
}

// aside tells whether the action has failed and lets its member's later actions pass meanwhile.
func (h *held) aside(now time.Time) bool { return h.route.Yields && h.due.After(now) }

// nextCall picks the next call of a group from its waiting actions, which are in queue order. It
// is pure. busy holds the members that calls in flight act on.
//
// The first action that is due and whose member is free leads. Later ones join it when they go by
// the same call and no earlier action of their member stays behind, so that what concerns one member
// happens in order. A member stands in a call once, unless the call takes messages. An action on the
// group as a whole (no member) goes alone, after everything before it that is due and before
// everything behind it.
func nextCall(waiting []*held, busy map[chat.MemberID]bool, now time.Time) (batch, rest []*held) {
	if busy[""] { // an action on the whole group is in flight
		return nil, waiting
	}
	var lead *held
	room := 0
	behind := map[chat.MemberID]bool{} // members whose later actions stay behind
	for i, h := range waiting {
		if h.Member == "" {
			if lead == nil && len(busy) == 0 && !h.due.After(now) {
				return waiting[i : i+1], append(rest, waiting[i+1:]...)
			}
			return batch, append(rest, waiting[i:]...)
		}
		free := !busy[h.Member] && !behind[h.Member] && !h.due.After(now)
		if lead == nil && free {
			lead, room = h, h.route.Max
		}
		if free && h.route.API == lead.route.API && h.route.Merge == lead.route.Merge {
			if h.limit > 0 {
				room = min(room, max(h.limit, len(batch)))
			}
			if len(batch) < room {
				batch = append(batch, h)
				if !h.route.PerMessage {
					behind[h.Member] = true
				}
				if len(batch) == room {
					return batch, append(rest, waiting[i+1:]...)
				}
				continue
			}
		}
		if !h.aside(now) {
			behind[h.Member] = true
		}
		rest = append(rest, h)
	}
	return batch, rest
}

// leader returns the action that the next call would be made for, and when: at once, or at the
// moment when the first of those that wait for their time is due. It returns nil when nothing can
// go before a call in flight has landed.
func leader(waiting []*held, busy map[chat.MemberID]bool, now time.Time) (lead *held, at time.Time) {
	if busy[""] {
		return nil, at
	}
	behind := map[chat.MemberID]bool{}
	for _, h := range waiting {
		if h.Member == "" {
			if len(busy) == 0 && (lead == nil || h.due.Before(at)) {
				return h, h.due
			}
			break
		}
		if busy[h.Member] || behind[h.Member] {
			continue
		}
		if !h.due.After(now) {
			return h, now
		}
		if !h.aside(now) {
			behind[h.Member] = true
		}
		if lead == nil || h.due.Before(at) {
			lead, at = h, h.due
		}
	}
	return lead, at
}
