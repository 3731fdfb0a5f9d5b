package sqlite

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// digest stands for a list of parts in bounded size: the border between parts counts.
type digest [16]byte

func digestOf(parts ...string) digest {
	h := sha256.New()
	var n [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(n[:], uint32(len(p))) //nolint:gosec // IDs come from bodies of at most 1 MiB
		h.Write(n[:])
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	return digest(h.Sum(sum[:0]))
}

func groupDigest(g chat.Group) digest {
	return digestOf(string(g.Provider), string(g.Account), string(g.ID))
}

// point is one event in a window.
type point struct {
	at    int64
	id    digest // of group and event, because windows may span groups
	first uint32 // what it counted when it was added; 0: of an older version
}

// points are a window's events by time.
type points []point

func decodePoints(body []byte, f form) points {
	size := f.size()
	ps := make(points, 0, len(body)/size+1)
	for len(body) >= size {
		p := unpack(body)
		p.first = f.more(body, 0)
		ps, body = append(ps, p), body[size:]
	}
	return ps
}

func (ps points) encode() []byte {
	body := make([]byte, 0, len(ps)*formMore.size())
	for i := range ps {
		body = ps[i].appendTo(body, ps[i].first)
	}
	return body
}

// again returns what the event at point i counts when it is repeated: what it counted at first, whatever
// has come since.
func (ps points) again(i int, within int64) int {
	if ps[i].first > 0 {
		return int(ps[i].first)
	}
	return ps.after(ps[i].at) - ps.after(ps[i].at-within)
}

// find returns the index of an event, or -1.
func (ps points) find(id digest) int {
	return slices.IndexFunc(ps, func(p point) bool { return p.id == id })
}

// insert adds an event that is not there as n points, and returns the index of the first one.
func (ps *points) insert(p point, n int) int {
	if n == 1 {
		i := ps.place(p)
		*ps = slices.Insert(*ps, i, p)
		return i
	}
	block := p.times(n)
	i := ps.place(block[0])
	*ps = slices.Insert(*ps, i, block...)
	return i
}

func (ps points) place(p point) int {
	i, _ := slices.BinarySearchFunc(ps, p, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.id[:], b.id[:]))
	})
	return i
}

// times returns the points of an event that counts for n. They differ in the last bytes of the id
// only, so that nothing comes between them, and the event's own id is the last one: trim, which
// begins at the front, leaves none of them without it.
func (p point) times(n int) []point {
	block := make([]point, n)
	tail := binary.BigEndian.Uint32(p.id[len(p.id)-4:])
	for i := range block {
		block[i] = p
		less := uint32(n - 1 - i) //nolint:gosec // at most a rule's threshold
		binary.BigEndian.PutUint32(block[i].id[len(p.id)-4:], tail-less)
	}
	return block
}

// after returns the index of the first point later than at.
func (ps points) after(at int64) int {
	i, _ := slices.BinarySearchFunc(ps, at, func(p point, at int64) int {
		if p.at <= at {
			return -1
		}
		return 1
	})
	return i
}

// most returns the most points that any span (end-within, end] holds which also holds point i. A
// fullest span can be moved to end at a point, so only those from point i on need a look; for the
// newest event, the usual one, that is one span.
func (ps points) most(i int, within int64) int {
	at, n := ps[i].at, 0
	last := ps.after(at) // points of one instant are in the same spans
	begin := ps.after(at - within)
	for end := last; ; {
		n = max(n, end-begin)
		if end == len(ps) || ps[end].at >= at+within {
			return n
		}
		next := ps[end].at
		for end < len(ps) && ps[end].at == next {
			end++
		}
		for ps[begin].at <= next-within {
			begin++
		}
	}
}

// trim drops what no exact answer needs any more: points two lengths older than the newest, and all
// but the newest 2*limit and those that were added below the limit, of which a length holds fewer than
// the limit. A span around an event less than one length late then still either holds all that it held
// or reaches the limit.
func (ps *points) trim(limit int, within int64) {
	if len(*ps) == 0 {
		return
	}
	*ps = slices.Delete(*ps, 0, ps.after((*ps)[len(*ps)-1].at-2*within))
	spare := len(*ps) - 2*max(limit, 1)
	if spare <= 0 {
		return
	}
	kept := 0
	for i := range *ps {
		if first := int((*ps)[i].first); i >= spare || first > 0 && first < limit {
			(*ps)[kept] = (*ps)[i]
			kept++
		}
	}
	*ps = (*ps)[:kept]
}
