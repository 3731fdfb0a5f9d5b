package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// atom is a word of a view; below 0 it is a set of bytes, of which one is in the text: index.bytes.
type atom struct {
	view int
	word int32
}

// index says which rules are worth a look at an event: those without a gate, and those of whose gate
// a word or a byte was found. It never changes once it is built.
type index struct {
	message, join []uint64        // bits: rules on such events that have no gate
	gated         []gated         // by view
	bytes         []byteSet       // what atoms below 0 stand for, -1 for the first
	byteIDs       map[byteSet]int // their places in bytes; nil once the index is built
	rules         []*rule         // all that are not off, in file order
}

// gated is the part of the index for one view.
type gated struct {
	words bool
	rules [][]int32 // by word: the rules that its being found opens
	bytes []opening
	all   []uint64 // bits: all of these rules
}

// opening is the rules that a byte's being found opens.
type opening struct {
	set   int // of index.bytes
	rules []uint64
}

// byteAtom returns the number of the atom that stands for a set of bytes.
func (x *index) byteAtom(s byteSet) int32 {
	i, ok := x.byteIDs[s]
	if !ok {
		if x.byteIDs == nil {
			x.byteIDs = map[byteSet]int{}
		}
		i = len(x.bytes)
		x.bytes, x.byteIDs[s] = append(x.bytes, s), i
	}
	return -1 - int32(i) //nolint:gosec // one for each regex at most
}

// build makes the index of the rules, once their views are complete.
func (x *index) build(rules []*rule, views []view) {
	x.byteIDs = nil
	for _, r := range rules {
		if r.mode != ModeOff {
			x.rules = append(x.rules, r)
		}
	}
	n := (len(x.rules) + 63) / 64
	x.message, x.join, x.gated = make([]uint64, n), make([]uint64, n), make([]gated, len(views))
	for i, r := range x.rules {
		atoms, ok := r.when.gate(nil)
		for _, k := range r.kinds {
			switch {
			case k == chat.Join:
				set(x.join, i)
			case !ok:
				set(x.message, i)
			}
		}
		if !ok {
			continue
		}
		for _, a := range atoms {
			x.gate(a, i, views)
		}
	}
}

// gate lets an atom open a rule.
func (x *index) gate(a atom, rule int, views []view) {
	g, n := &x.gated[a.view], len(x.message)
	if g.all == nil {
		g.all, g.rules = make([]uint64, n), make([][]int32, len(views[a.view].list))
	}
	set(g.all, rule)
	if a.word >= 0 {
		g.words = true
		g.rules[a.word] = append(g.rules[a.word], int32(rule)) //nolint:gosec // a file holds far fewer rules
		return
	}
	bytes := int(-1 - a.word)
	k := slices.IndexFunc(g.bytes, func(o opening) bool { return o.set == bytes })
	if k < 0 {
		k = len(g.bytes)
		g.bytes = append(g.bytes, opening{bytes, make([]uint64, n)})
	}
	set(g.bytes[k].rules, rule)
}

func set(bits []uint64, i int) { bits[i/64] |= 1 << (i % 64) }

// open returns the rules that are worth a look at the event, as bits in the examination's buffer.
func (x *Exam) open() []uint64 {
	ix := &x.r.index
	if x.e.Kind == chat.Join {
		return ix.join
	}
	bits := append(x.bits[:0], ix.message...)
	x.bits = bits
	if x.e.Text == "" {
		return bits
	}
	for v := range ix.gated {
		x.openGated(v, bits)
	}
	return bits
}

// openGated adds the rules that one view of the text opens. Where so many words are found that more
// may have been left out, it opens all.
func (x *Exam) openGated(v int, bits []uint64) {
	g := &x.r.index.gated[v]
	if g.words {
		hits, _ := x.hits(v)
		for _, h := range hits {
			for _, i := range g.rules[h.Word] {
				set(bits, int(i))
			}
		}
		if len(hits) >= match.MaxHits {
			unite(bits, g.all)
		}
	}
	for i := range g.bytes {
		if o := &g.bytes[i]; x.r.index.bytes[o.set].meets(x.present(v)) {
			unite(bits, o.rules)
		}
	}
}

// unite adds bits to others.
func unite(bits, more []uint64) {
	for i := range more {
		bits[i] |= more[i]
	}
}
