package actions

import "github.com/groupguard/groupguard/internal/chat"

// held is an action that this process has claimed and not yet settled.
type held struct {
	Item
	route Route
	limit int // most members that a call with this action may have; 0: as many as the route takes
}

// nextCall picks the next call of a group from its waiting actions, which are in queue order. It
// is pure. busy holds the members that calls in flight act on.
//
// The first action whose member is free leads. Later ones join it when they go by the same call
// and no earlier action of their member stays behind, so that what concerns one member happens in
// order. An action on the group as a whole (no member) goes alone, after everything before it and
// before everything behind it.
func nextCall(waiting []*held, busy map[chat.MemberID]bool) (batch, rest []*held) {
	var lead *held
	room := 0
	behind := map[chat.MemberID]bool{} // members with an action that stays behind, or is taken
	for i, h := range waiting {
		if h.Member == "" {
			if lead == nil && len(rest) == 0 && len(busy) == 0 {
				return waiting[i : i+1], waiting[i+1:]
			}
			return batch, append(rest, waiting[i:]...)
		}
		free := !busy[h.Member] && !behind[h.Member]
		if lead == nil && free {
			lead, room = h, h.route.Max
		}
		if free && h.route.API == lead.route.API && h.route.Merge == lead.route.Merge {
			if h.limit > 0 {
				room = min(room, max(h.limit, len(batch)))
			}
			if len(batch) < room {
				batch = append(batch, h)
				behind[h.Member] = true
				if len(batch) == room {
					return batch, append(rest, waiting[i+1:]...)
				}
				continue
			}
		}
		behind[h.Member] = true
		rest = append(rest, h)
	}
	return batch, rest
}

// leader returns the action that the next call would be made for, or nil when nothing can go now.
func leader(waiting []*held, busy map[chat.MemberID]bool) *held {
	for i, h := range waiting {
		if h.Member == "" {
			if i == 0 && len(busy) == 0 {
				return h
			}
			return nil
		}
		if !busy[h.Member] {
			return h
		}
	}
	return nil
}
