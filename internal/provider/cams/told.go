package cams

import (
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxTold bounds the changes of one group that pushes told of. A group holds eight members, so this
// is all of them coming and going twice.
const maxTold = 4 * MaxMembers

// told is a change that a push told of.
type told struct {
	kind   chat.Kind
	member chat.MemberID
}

// Heard tells of events that came by push and were handled: a join or a leave among them is not
// found once more in the member list, where it would count a second time. It does no I/O.
func (r *Roster) Heard(events []chat.Event) {
	if r.cfg.Interval <= 0 {
		return
	}
	now := r.cfg.Now()
	for i := range events {
		e := &events[i]
		if e.Provider != chat.CAMS || e.Account != r.account || e.Kind != chat.Join && e.Kind != chat.Leave {
			continue
		}
		r.add(e.Group.ID, false)
		r.mu.Lock()
		if w := r.groups[e.Group.ID]; w != nil {
			w.hear(told{e.Kind, e.Member}, now, r.memory())
		}
		r.mu.Unlock()
	}
}

// memory is how long a push is remembered at least: until the member list must have shown the change,
// also when one reading of it failed.
func (r *Roster) memory() time.Duration { return 2*r.cfg.Interval + time.Minute }

// hear notes a change, at the cost of the oldest when there are too many. The caller holds r.mu.
func (w *watched) hear(t told, now time.Time, memory time.Duration) {
	w.forgetOld(now, memory)
	if _, known := w.told[t]; !known && len(w.told) >= maxTold {
		oldest := t
		at := now
		for k, heard := range w.told {
			if !heard.After(at) {
				oldest, at = k, heard
			}
		}
		delete(w.told, oldest)
	}
	if w.told == nil {
		w.told = map[told]time.Time{}
	}
	w.told[t] = now
}

// forgetOld drops what was heard too long ago, and was not in a list that was read since. With many
// groups the next look may come late. The caller holds r.mu.
func (w *watched) forgetOld(now time.Time, memory time.Duration) {
	for k, heard := range w.told {
		if now.Sub(heard) > memory && w.looked.After(heard) {
			delete(w.told, k)
		}
	}
}

// untold returns the events that no push told of.
func (r *Roster) untold(id chat.GroupID, events []chat.Event) []chat.Event {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.groups[id]
	w.forgetOld(now, r.memory())
	return slices.DeleteFunc(slices.Clone(events), func(e chat.Event) bool {
		_, known := w.told[told{e.Kind, e.Member}]
		return known
	})
}

// shown forgets the pushes that told of these changes: the list that has them is saved, and the
// same change found again is another one.
func (r *Roster) shown(id chat.GroupID, events []chat.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range events {
		delete(r.groups[id].told, told{events[i].Kind, events[i].Member})
	}
}

// outdate forgets the joins that pushes told of, of members who were removed since: their next one is
// another one.
func (r *Roster) outdate(id chat.GroupID, members []chat.MemberID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.groups[id]; w != nil {
		for _, m := range members {
			delete(w.told, told{chat.Join, m})
		}
	}
}
