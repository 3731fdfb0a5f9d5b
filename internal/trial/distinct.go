package trial

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
)

// Bounds of what a report counts exactly: different members, groups and events.
const (
	maxDistinct = 1_000_000 // of one count
	maxDigests  = 6_000_000 // of all counts of a report
)

// Tally is how many different things were seen. It is exact, unless there are more.
type Tally struct {
	N    int
	More bool
}

// String returns the number as people read it.
func (t Tally) String() string {
	if t.More {
		return fmt.Sprintf("more than %d", t.N)
	}
	return fmt.Sprint(t.N)
}

// of puts the number before a noun.
func (t Tally) of(noun string) string {
	if t.More {
		return t.String() + " " + noun + "s"
	}
	return things(t.N, noun)
}

// MarshalJSON returns the number, with a second key when there are more.
func (t Tally) MarshalJSON() ([]byte, error) {
	out := map[string]any{"count": t.N}
	if t.More {
		out["more"] = true
	}
	return json.Marshal(out)
}

// short stands for a thing among millions: two are taken for one about once in ten million reports.
type short uint64

func (d digest) short() short { return short(binary.BigEndian.Uint64(d[:])) }

func shortGroup(g chat.Group) short {
	return digestOf(string(g.Provider), string(g.Account), string(g.ID)).short()
}

func shortMember(g chat.Group, m chat.MemberID) short { return memberDigest(g, m).short() }

// budget is how many digests may still be kept.
type budget struct{ left int }

// distinct counts different things.
type distinct struct {
	seen map[short]struct{}
	more bool
}

// add counts a thing, and tells whether it is surely new.
func (d *distinct) add(k short, b *budget) bool {
	if _, ok := d.seen[k]; ok {
		return false
	}
	if len(d.seen) >= maxDistinct || b.left <= 0 {
		d.more = true
		return false
	}
	if d.seen == nil {
		d.seen = map[short]struct{}{}
	}
	b.left--
	d.seen[k] = struct{}{}
	return true
}

func (d *distinct) tally() Tally { return Tally{len(d.seen), d.more} }

// maxRecent bounds each of the two generations of a recent.
const maxRecent = 1 << 17

// recent knows the things that were new lately: the last maxRecent of them at least.
type recent struct{ young, old map[short]struct{} }

// isNew tells whether the thing is not remembered, and remembers it.
func (r *recent) isNew(k short) bool {
	_, young := r.young[k]
	_, old := r.old[k]
	if young || old {
		return false
	}
	if r.young == nil || len(r.young) >= maxRecent {
		r.old, r.young = r.young, map[short]struct{}{}
	}
	r.young[k] = struct{}{}
	return true
}
