package sqlite

import (
	"cmp"
	"container/list"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// renewStep is how many claims are renewed at once, so that the writer never waits for long.
const renewStep = 1000

// leases knows how long claims hold. It is in memory alone: a single process has the file, and its
// claims are void at the next start. So the file only says which entries are claimed, and a hundred
// thousand claims are renewed without a write. The writer changes it once a transaction is on disk;
// until then, what the transaction does shows in the file alone. A claim that ran out is taken before
// any newer entry is, so that leases do not pile up: they are the claims of about one lease's time.
type leases struct {
	hold  time.Duration // how long a claim holds
	now   func() time.Time
	start time.Time // with the clock's monotonic part: leases must not feel a clock being set

	mu    sync.Mutex // guards parts: claims are renewed while the writer works
	parts []partLeases
}

// partLeases are the leases of a partition. All are equally long: who is last to be given or renewed
// one is last to lose it.
type partLeases struct {
	held    map[int64]*lease // by entry
	running list.List        // of *lease, the next to run out first
	over    []*lease         // those that ran out, by entry; some may be stale
}

type lease struct {
	claimed
	until time.Duration // since leases.start
	at    *list.Element // in running; nil once it ran out
}

// stale tells of a lease among those that ran out whether it was renewed, given anew or ended since.
func (l *lease) stale() bool { return l.fence == 0 || l.at != nil }

// claimed is a claim of an entry.
type claimed struct {
	seq   int64
	fence int64 // 0: the claim has ended
}

func newLeases(parts int, hold time.Duration, now func() time.Time) *leases {
	l := &leases{hold: hold, now: now, start: now(), parts: make([]partLeases, parts)}
	for i := range l.parts {
		l.parts[i].held = map[int64]*lease{}
	}
	return l
}

func (l *leases) clock() time.Duration { return l.now().Sub(l.start) }

// renew lets claims hold for a whole lease from now on, also those that ran out and that nobody has
// taken over. Tokens of other claims are passed over.
func (l *leases) renew(tokens []actions.Token) {
	for some := range slices.Chunk(tokens, renewStep) {
		l.mu.Lock()
		until := l.clock() + l.hold
		for _, token := range some {
			seq, err := strconv.ParseInt(token.Entry, 10, 64)
			if err != nil || token.Part < 0 || token.Part >= len(l.parts) {
				continue // not a token of this store: nothing of ours is claimed by it
			}
			p := &l.parts[token.Part]
			if x := p.held[seq]; x != nil && x.fence == token.Fence {
				p.extend(x, until)
			}
		}
		l.mu.Unlock()
	}
}

// apply gives and ends leases, as a transaction that is on disk now did with claims. A claim holds
// from now on: its owner counts from before it asked for it.
func (l *leases) apply(changes map[int][]claimed) {
	if len(changes) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.clock() + l.hold
	for part, cs := range changes {
		p := &l.parts[part]
		for _, c := range cs {
			if c.fence == 0 {
				p.end(c.seq)
				continue
			}
			x := p.held[c.seq]
			if x == nil {
				x = &lease{}
				p.held[c.seq] = x
			}
			x.claimed = c
			p.extend(x, until)
		}
	}
}

// overdue returns the oldest claims of a partition that ran out, at most most of them.
func (l *leases) overdue(part, most int) (out []claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.parts[part]
	p.expire(l.clock())
	for len(p.over) > 0 && p.over[0].stale() {
		p.over = p.over[1:]
	}
	if len(p.over) == 0 {
		p.over = nil // lets the memory go
	}
	for _, x := range p.over {
		if len(out) == most {
			break
		}
		if !x.stale() {
			out = append(out, x.claimed)
		}
	}
	return out
}

// next returns how long the first of the partition's leases still runs; false when none does.
func (l *leases) next(part int) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.parts[part].running.Front()
	if first == nil {
		return 0, false
	}
	return first.Value.(*lease).until - l.clock(), true
}

func (p *partLeases) extend(x *lease, until time.Duration) {
	x.until = until
	if x.at == nil {
		x.at = p.running.PushBack(x)
		return
	}
	p.running.MoveToBack(x.at)
}

func (p *partLeases) end(seq int64) {
	x := p.held[seq]
	if x == nil {
		return
	}
	delete(p.held, seq)
	x.fence = 0
	if x.at != nil {
		p.running.Remove(x.at)
	}
}

// expire moves the leases that run out by now to those that did.
func (p *partLeases) expire(now time.Duration) {
	before := len(p.over)
	for e := p.running.Front(); e != nil; e = p.running.Front() {
		x := e.Value.(*lease)
		if x.until > now {
			break
		}
		p.running.Remove(e)
		x.at = nil
		p.over = append(p.over, x)
	}
	if len(p.over) == before {
		return
	}
	p.over = slices.DeleteFunc(p.over, (*lease).stale)
	slices.SortFunc(p.over, func(a, b *lease) int { return cmp.Compare(a.seq, b.seq) })
	p.over = slices.Compact(p.over) // one that was renewed meanwhile is there twice
}
