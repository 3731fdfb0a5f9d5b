package cams

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// poll reads one group and tells of what changed. The stored list is read before the members are,
// so that the list which it is compared with is never the newer one, whatever other replicas do.
//
// Events are handled first and the list is saved after. When the process dies in between, the next
// poll finds the same changes against the same version and gives them the same IDs.
func (r *Roster) poll(ctx context.Context, g chat.Group) error {
	old, err := r.store.Roster(ctx, g)
	if err != nil {
		return fmt.Errorf("reading the stored list: %w", err)
	}
	start := r.cfg.Now()
	members, err := r.members.ListChatGroupParticipants(ctx, g.ID)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(m chat.MemberID) bool { return isNumber(string(m), r.business) })
	slices.Sort(members)
	if old.Version > 0 && r.doubtful(g.ID, len(members) == 0 && len(old.Members) > 0) {
		return nil
	}
	next := chat.Roster{Version: old.Version + 1, Members: members}
	events := r.changes(g, old, next, start)
	if old.Version > 0 && len(events) == 0 {
		r.sized(g.ID, len(old.Members))
		r.looked(g.ID, start)
		return nil
	}
	r.stir(g.ID, len(events))
	if untold := r.untold(g.ID, events); len(untold) > 0 {
		if handled, err := r.handleOnce(ctx, g, old.Version, untold); !handled {
			return err
		}
	}
	ours, err := r.save(ctx, g, old, next)
	if err != nil {
		return err
	}
	if ours {
		r.shown(g.ID, events)
	}
	r.looked(g.ID, start)
	return nil
}

// leastGap is how long ago the last look at a group may be at least before what shows in the next
// one is late.
const leastGap = 2 * time.Minute

// looked notes when a list was asked for that could be compared.
func (r *Roster) looked(id chat.GroupID, start time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.groups[id].looked = start
}

// late tells whether a join that shows now may have happened long ago: this process has not looked
// at the group before, or not for a while. The clock on the wall is asked, since the other one may
// stand still while a machine is suspended.
func (r *Roster) late(id chat.GroupID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.groups[id].looked
	gap := now.Round(0).Sub(last.Round(0))
	return last.IsZero() || gap < 0 || gap > max(3*r.cfg.Interval, leastGap)
}

// doubtful tells whether a list must be seen once more before it is believed. A group whose members
// all vanish between two looks is more likely an answer gone wrong, and believing it would make
// everybody join again with the next look.
func (r *Roster) doubtful(id chat.GroupID, emptied bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.groups[id]
	first := emptied && !w.emptied
	w.emptied = emptied
	return first
}

// changes returns the events that lead from one list to the next. The first list of a group makes
// none: its members may have been there for years. Those who joined in a gap between two looks must
// not look like a raid of this second.
//
// now is when the list was asked for: what shows in it happened before.
func (r *Roster) changes(g chat.Group, old, next chat.Roster, now time.Time) []chat.Event {
	if old.Version == 0 {
		return nil
	}
	late := r.late(g.ID, now)
	var events []chat.Event
	for _, m := range next.Members {
		if !slices.Contains(old.Members, m) {
			e := change(g, chat.Join, m, next.Version, now)
			e.Late = late
			events = append(events, e)
		}
	}
	for _, m := range old.Members {
		if !isNumber(string(m), r.business) && !slices.Contains(next.Members, m) {
			events = append(events, change(g, chat.Leave, m, next.Version, now))
		}
	}
	return events
}

func change(g chat.Group, kind chat.Kind, m chat.MemberID, version int64, now time.Time) chat.Event {
	return chat.Event{
		At: now, Received: now, Group: g, GroupType: chat.WhatsApp, Kind: kind, Member: m,
		ID: eventID("r:", string(m), strconv.FormatInt(version, 10)),
	}
}

// handleOnce hands events on, unless somebody has saved a list since. Another replica told of them
// already, under the same IDs, or a removal was confirmed: what this list has that is not in the
// stored one then shows in the next look.
func (r *Roster) handleOnce(ctx context.Context, g chat.Group, version int64, events []chat.Event) (handled bool, err error) {
	now, err := r.store.Roster(ctx, g)
	if err != nil {
		return false, fmt.Errorf("reading the stored list again: %w", err)
	}
	if now.Version != version {
		return false, nil
	}
	if err := r.handle(ctx, events); err != nil {
		return false, fmt.Errorf("handing on %d changes: %w", len(events), err)
	}
	return true, nil
}
