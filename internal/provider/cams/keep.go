package cams

import (
	"context"
	"fmt"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxSaves is how often a list is saved anew because somebody else saved one meanwhile.
const maxSaves = 5

// save stores a list whose changes against old have been handed on, and tells whether they are in the
// stored list now. When somebody has saved another one since, the changes are made to that one: a
// join that was handed on and is not stored would be found, and counted, once more.
func (r *Roster) save(ctx context.Context, g chat.Group, old, next chat.Roster) (ours bool, err error) {
	for range maxSaves {
		if err = r.store.SaveRoster(ctx, g, next); err == nil {
			r.sized(g.ID, len(next.Members))
			return true, nil
		}
		now, again := r.store.Roster(ctx, g)
		if again != nil || now.Version < next.Version {
			break
		}
		if old.Version == 0 { // of two first lists the first one counts
			return false, nil
		}
		members := merge(old.Members, next.Members, now.Members)
		if slices.Equal(members, now.Members) {
			r.sized(g.ID, len(members))
			return true, nil
		}
		old, next = now, chat.Roster{Version: now.Version + 1, Members: members}
	}
	return false, fmt.Errorf("saving the list: %w", err)
}

// merge returns the members of two lists that come from one: those that either of them added, and
// those of the one that neither of them lacks.
func merge(from, ours, theirs []chat.MemberID) []chat.MemberID {
	all := slices.Concat(ours, theirs)
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(m chat.MemberID) bool {
		return slices.Contains(from, m) && (!slices.Contains(ours, m) || !slices.Contains(theirs, m))
	})
}

// Removed implements Watcher. Whoever was removed is no longer in the stored list, so that the next
// look which finds him there again tells of a join, also when he was back before anybody looked. A
// removal that is not confirmed is not told of: the list then still has the member, and his staying
// is no news.
func (r *Roster) Removed(ctx context.Context, g chat.Group, members []chat.MemberID) {
	if g.Provider != chat.CAMS || g.Account != r.account || r.cfg.Interval <= 0 {
		return
	}
	r.outdate(g.ID, members)
	var err error
	for range maxSaves {
		var old chat.Roster
		if old, err = r.store.Roster(ctx, g); err != nil {
			break
		}
		left := slices.DeleteFunc(slices.Clone(old.Members), func(m chat.MemberID) bool { return slices.Contains(members, m) })
		if len(left) == len(old.Members) {
			return
		}
		if err = r.store.SaveRoster(ctx, g, chat.Roster{Version: old.Version + 1, Members: left}); err == nil {
			r.sized(g.ID, len(left))
			return
		}
	}
	r.log.Warn("taking removed members off the stored list of a WhatsApp group", "group", string(g.ID), "error", err)
}

// Size returns how many members a group has, without the business number, as far as the stored list
// knows; false when nobody has looked yet or polling is off.
func (r *Roster) Size(ctx context.Context, g chat.Group) (members int, known bool) {
	if g.Provider != chat.CAMS || g.Account != r.account || r.cfg.Interval <= 0 {
		return 0, false
	}
	r.mu.Lock()
	if w := r.groups[g.ID]; w != nil {
		members, known = w.size, w.sized
	}
	r.mu.Unlock()
	if known {
		return members, true
	}
	stored, err := r.store.Roster(ctx, g)
	if err != nil || stored.Version == 0 {
		return 0, false
	}
	return len(stored.Members), true
}

// sized notes how many members the stored list has.
func (r *Roster) sized(id chat.GroupID, members int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.groups[id]; w != nil {
		w.sized, w.size = true, members
	}
}
