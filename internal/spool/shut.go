package spool

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	shutFor   = time.Minute // how long a group is passed over
	maxShut   = 10_000      // groups that are
	skipPages = 64          // that a pass reads at most to find others
)

// shut are the groups whose store was away lately. With one part of a store away, the oldest entries are all
// of its groups. So when the group of the oldest entry is still one of these, a pass leaves the others alone
// and looks for groups that were not tried yet.
type shut struct {
	groups map[chat.Group]struct{}
	past   int64 // whatever waits up to this entry is of these groups, or failed
	steps  int   // passes that have moved it
	until  time.Time
}

// add notes that a group's store is away.
func (s *shut) add(g chat.Group, now time.Time) {
	if s.groups == nil || len(s.groups) >= maxShut {
		*s = shut{groups: map[chat.Group]struct{}{}, until: now.Add(shutFor)}
	}
	s.groups[g] = struct{}{}
}

// has tells whether a group's store was away.
func (s *shut) has(g chat.Group) bool {
	_, ok := s.groups[g]
	return ok
}

// expire lets all groups have their turn again after a while: more of the store may be back than the part
// that has the oldest entry.
func (s *shut) expire(now time.Time) {
	if !now.Before(s.until) {
		*s = shut{}
	}
}

// pages returns how many pages a pass may read to find other groups: one at first, so that little is read of
// a store that is away as a whole, and more the more there is of these groups.
func (s *shut) pages() int { return min(1<<min(s.steps, 16), skipPages) }

// over tells whether a group is passed over: its store was away, and that of the oldest entry is.
func (p *pass) over(l *lane) bool { return p.headless() && p.s.drain.shut.has(l.group) }

// headless tells whether the store of the oldest entry is away.
func (p *pass) headless() bool { return p.head != nil && p.head.gone }

// behind returns the entry behind which others are looked for.
func (p *pass) behind() int64 {
	if p.headless() {
		return max(p.after, p.s.drain.shut.past)
	}
	return p.after
}

// skip lets the next pass look for other groups behind what this one has read, if all of it that waits is of
// groups that are shut, or has failed. Their time runs from when there is no more to look through.
func (p *pass) skip() {
	d := &p.s.drain
	if len(d.shut.groups) == 0 || p.broke || len(p.suspects) > 0 || p.ctx.Err() != nil || p.after <= d.shut.past {
		return
	}
	for _, l := range p.lanes {
		if len(l.items) > 0 || l.gone && !d.shut.has(l.group) {
			return
		}
	}
	d.shut.past = p.after
	if d.shut.steps++; !p.last && !p.works {
		d.shut.until = p.s.cfg.Now().Add(shutFor)
	}
}
