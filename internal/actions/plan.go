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

// subject is what an action is about. Actions on one subject happen in order. The zero subject is
// the group as a whole.
type subject struct {
	member   chat.MemberID
	settings bool // who may join the group, and who may write in it
}

func (h *held) about() subject {
	if h.Intent.Kind == chat.Lockdown || h.Intent.Kind == chat.Unlock {
		return subject{settings: true}
	}
	return subject{member: h.Member}
}

// nextCall picks the next call of a group from its waiting actions, which are in queue order. busy
// holds the subjects that calls in flight act on. It touches nothing but waiting, whose memory rest
// reuses: the actions that are passed over are few, and those behind them may be many.
//
// The first action that is due and whose member is free leads. Later ones join it when they go by
// the same call and no earlier action of their member stays behind, so that what concerns one member
// happens in order. A member stands in a call once, unless the call takes messages. An action on the
// group as a whole (no member) goes alone, after everything before it that is due and before
// everything behind it.
func nextCall(waiting []*held, busy map[subject]bool, now time.Time) (batch, rest []*held) {
	if busy[subject{}] { // an action on the whole group is in flight
		return nil, waiting
	}
	var lead *held
	var passed []*held
	room := 0
	behind := map[chat.MemberID]bool{} // members whose later actions stay behind
	for i, h := range waiting {
		if h.Member == "" {
			if lead == nil && len(busy) == 0 && !h.due.After(now) {
				return []*held{h}, join(passed, waiting, i+1)
			}
			return batch, join(passed, waiting, i)
		}
		free := !busy[h.about()] && !behind[h.Member] && !h.due.After(now)
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
					return batch, join(passed, waiting, i+1)
				}
				continue
			}
		}
		if !h.aside(now) {
			behind[h.Member] = true
		}
		passed = append(passed, h)
	}
	return batch, join(passed, waiting, len(waiting))
}

// join puts the actions that were passed over in front of waiting[from:], in the place of the last
// ones before from.
func join(passed, waiting []*held, from int) []*held {
	start := from - len(passed)
	clear(waiting[:start])
	copy(waiting[start:from], passed)
	return waiting[start:]
}

// leader returns the action that the next call would be made for, and when: at once, or at the
// moment when the first of those that wait for their time is due. It returns nil when nothing can
// go before a call in flight has landed.
func leader(waiting []*held, busy map[subject]bool, now time.Time) (lead *held, at time.Time) {
	if busy[subject{}] {
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
		if busy[h.about()] || behind[h.Member] {
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
