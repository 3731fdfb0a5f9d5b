package policy

import "github.com/groupguard/groupguard/internal/chat"

// atom is a word of a view.
type atom struct {
	view int
	word int32
}

// index says which rules are worth a look at an event: those without a gate, and those of whose gate
// a word was found. It never changes.
type index struct {
	message, join []uint64 // bits: rules on such events that have no gate
	gated         []gated  // by view
	rules         []*rule  // all that are not off, in file order
}

// gated is the part of the index for one view.
type gated struct {
	used  bool
	rules [][]int32 // by word: the rules that its being found opens
}

// build makes the index of the rules, once their views are complete.
func (x *index) build(rules []*rule, views []view) {
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
			g := &x.gated[a.view]
			if g.rules == nil {
				g.used, g.rules = true, make([][]int32, len(views[a.view].list))
			}
			g.rules[a.word] = append(g.rules[a.word], int32(i)) //nolint:gosec // a file holds far fewer rules
		}
	}
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
		if !ix.gated[v].used {
			continue
		}
		hits, _ := x.hits(v)
		for _, h := range hits {
			for _, i := range ix.gated[v].rules[h.Word] {
				set(bits, int(i))
			}
		}
	}
	return bits
}
