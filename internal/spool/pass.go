package spool

import (
	"context"

	"github.com/groupguard/groupguard/internal/chat"
)

// How much is under way at the same time. Groups do not wait for each other, nor the judging for what was
// judged to leave the disk.
const (
	workers    = 64
	maxRun     = 64      // events of a group in one call
	maxHeld    = 2048    // entries that were read and are not handed on yet
	heldBytes  = 8 << 20 // of their bodies, before more is read
	removeMost = 1024    // entries in one removal
	maxUndone  = 16_384  // entries that were judged and cannot be removed
	maxJudged  = 16_384  // entries, after which the pass begins anew: what failed has its turn again
	maxProbes  = 4       // groups that are tried before the store counts as away
)

// end is how a pass ended.
type end int

const (
	finished   end = iota // everything had its turn
	unfinished            // there is more
	partAway              // some groups cannot be served
	storeAway             // nothing can be, or the disk cannot
)

// pass is one way through what waits, from the oldest on. Its fields belong to the goroutine that runs it;
// others tell it by channels what became of what it gave them.
type pass struct {
	s   *Spool
	ctx context.Context //nolint:containedctx // lives as long as the pass

	after         int64 // the last entry that was read
	first         bool  // nothing was read yet
	last          bool  // there is no more
	stop          bool  // nothing is begun any more
	reading, busy int   // calls under way
	removing      []int64
	done          []int64 // judged, and not being removed yet

	lanes       map[chat.Group]*lane
	head        *lane // the first of them; nil: there is none yet
	ready       []*lane
	held, bytes int
	judged      int
	misses      int  // calls since the last one that worked, which found the store away
	probed      int  // pages that were read to find others than those whose store is away
	works       bool // some call worked
	away        bool // some call did not, since the store is away
	broke       bool // the disk failed
	suspects    []failure

	pages   chan page
	results chan result
	removed chan error
}

// lane is what waits of one group.
type lane struct {
	group chat.Group
	items []item
	busy  bool // some of it is handed on
	gone  bool // its store is away: it is passed over
}

// pass goes once through what waits. The first entry goes alone: it is how a store that is away is found
// to be back.
func (s *Spool) pass(ctx context.Context) end {
	p := &pass{
		s: s, ctx: ctx, first: true, lanes: map[chat.Group]*lane{},
		pages: make(chan page, 1), results: make(chan result, workers), removed: make(chan error, 1),
	}
	p.again()
	s.drain.shut.expire(s.cfg.Now())
	for p.begin() {
		select {
		case pg := <-p.pages:
			p.reading--
			p.take(&pg)
		case r := <-p.results:
			p.busy--
			p.learn(&r)
		case err := <-p.removed:
			p.settled(err)
		}
	}
	p.skip()
	switch {
	case s.drain.unremoved || p.broke || p.away && !p.works || ctx.Err() != nil:
		s.pace.working.Store(false)
		s.drain.run = 1
		return storeAway
	case p.away:
		return partAway
	case p.stop || !p.last:
		return unfinished
	}
	s.pace.working.Store(false)
	s.ended()
	return finished
}

// again removes what an earlier pass has judged and could not remove.
func (p *pass) again() {
	d := &p.s.drain
	d.unremoved = false
	p.s.setAside()
	for id := range d.done {
		p.done = append(p.done, id)
	}
}

// begin begins what can be begun, and tells whether anything is under way.
func (p *pass) begin() bool {
	p.stop = p.stop || p.ctx.Err() != nil
	if len(p.removing) == 0 && len(p.done) > 0 && !p.s.drain.unremoved {
		n := min(len(p.done), removeMost)
		p.removing, p.done = p.done[:n:n], p.done[n:]
		ids := p.removing
		go func() { p.removed <- p.s.cfg.Disk.Done(context.WithoutCancel(p.ctx), ids) }()
	}
	for !p.stop && len(p.ready) > 0 && p.busy < p.most() {
		p.hand()
	}
	if !p.stop && !p.last && p.reading == 0 && p.more() {
		p.reading++
		after, most := p.after, pageEntries
		switch {
		case p.first:
			most = 1
		case p.misses > 0:
			after = p.behind()
			p.probed++
		}
		p.first = false
		go func() { p.pages <- p.s.read(p.ctx, after, most) }()
	}
	return p.reading+p.busy+len(p.removing) > 0
}

// most returns how many calls may be under way: few until one has worked.
func (p *pass) most() int {
	switch {
	case p.works:
		return workers
	case p.misses > 0:
		return maxProbes
	}
	return 1
}

// more tells whether there is room for a page.
func (p *pass) more() bool {
	if p.first && !p.s.drain.unremoved && len(p.removing)+len(p.done) > 0 {
		return false // a page that is read meanwhile would hold what just leaves the disk
	}
	if !p.works && (p.busy > 0 || len(p.ready) > 0 || p.probed >= p.s.drain.shut.pages()) {
		return false
	}
	return p.held < maxHeld && p.bytes < heldBytes && len(p.s.drain.done) < maxUndone
}

// hand hands some events of the next group on, if it is not passed over.
func (p *pass) hand() {
	l := p.ready[0]
	p.ready = p.ready[1:]
	if p.over(l) {
		p.leave(l)
		return
	}
	n := runOf(l.items, p.s.drain.run)
	items := l.items[:n:n]
	l.items, l.busy = l.items[n:], true
	p.drop(items)
	p.busy++
	go func() {
		r := p.s.hand(p.ctx, items)
		r.lane = l
		p.results <- r
	}()
}

// leave passes a group over from now on.
func (p *pass) leave(l *lane) {
	p.drop(l.items)
	l.items, l.gone = nil, true
}

// drop notes that entries are held no more.
func (p *pass) drop(items []item) {
	p.held -= len(items)
	for i := range items {
		p.bytes -= items[i].size
	}
}

// take sorts a page by groups.
func (p *pass) take(pg *page) {
	if pg.err != nil {
		p.broken(pg.err)
		return
	}
	p.last = pg.last
	p.after = max(p.after, pg.after)
	for i := range pg.failed {
		p.failed(&pg.failed[i])
	}
	now := p.s.cfg.Now()
	for _, it := range pg.items {
		if _, done := p.s.drain.done[it.id]; done {
			continue
		}
		if t, known := p.s.drain.failed[it.id]; known && now.Before(t.due) {
			continue
		}
		l := p.lanes[it.event.Group]
		if l == nil {
			l = &lane{group: it.event.Group}
			p.lanes[l.group] = l
			if p.head == nil {
				p.head = l
			}
		}
		if l.gone {
			continue
		}
		p.held++
		p.bytes += it.size
		if l.items = append(l.items, it); len(l.items) == 1 && !l.busy {
			p.ready = append(p.ready, l)
		}
	}
}
