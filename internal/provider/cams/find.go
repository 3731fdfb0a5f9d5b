package cams

import (
	"context"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// keepBooks finds groups and stores those that are new, until the context ends. The list of groups can
// be long, so the polls do not wait for it.
func (r *Roster) keepBooks(ctx context.Context) {
	for round := 0; ctx.Err() == nil; round++ {
		start := time.Now()
		if round%refindAfter == 0 {
			r.find(ctx)
		}
		r.learned(ctx)
		sleep(ctx, r.cfg.Interval-time.Since(start))
	}
}

// find adds the groups that the store and CAMS know.
func (r *Roster) find(ctx context.Context) {
	ids, err := r.store.Groups(ctx, chat.CAMS, r.account)
	if err != nil {
		r.log.Warn("reading the known WhatsApp groups", "error", err)
	}
	for _, id := range ids {
		r.add(id, true)
	}
	infos, err := r.members.ListChatGroup(ctx)
	if err != nil && ctx.Err() == nil {
		r.log.Warn("listing the WhatsApp groups of the business number", "error", err)
	}
	for _, g := range infos {
		if g.Status == "ACTIVE" {
			r.add(g.ID, false)
		}
	}
}

// learned stores the groups that are new. One that cannot be stored is tried again next round.
func (r *Roster) learned(ctx context.Context) {
	r.mu.Lock()
	var ids []chat.GroupID
	for id, w := range r.groups {
		if !w.saved {
			ids = append(ids, id)
		}
	}
	r.mu.Unlock()
	for _, id := range ids {
		if err := r.store.LearnGroup(ctx, r.group(id)); err != nil {
			r.log.Warn("storing a WhatsApp group", "group", string(id), "error", err)
			return
		}
		r.add(id, true)
	}
}
