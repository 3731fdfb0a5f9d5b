package match

import "math/bits"

// windows is a set of windows: a blocked Bloom table in front of an open-addressed table from the
// window to the words that it stands for.
type windows struct {
	used  bool
	bloom []uint64
	shift uint8
	slots []slot
	mask  uint64
}

type slot struct {
	window uint64
	chain  int32 // first word, plus 1; 0 is a free slot
}

// mix spreads a window over 64 bits; the upper ones depend on all of it.
func mix(v uint64) uint64 { return v * 0x9E3779B97F4A7C15 }

// newWindows makes room for n windows: 32 Bloom bits each, and slots at most half full.
func newWindows(n int) windows {
	if n == 0 {
		return windows{}
	}
	logWords := max(bits.Len(uint(n))-1, 3) // n/2 to n words of 64 bits
	logSlots := bits.Len(uint(n)) + 1
	return windows{
		used:  true,
		bloom: make([]uint64, 1<<logWords),
		shift: uint8(64 - logWords),
		slots: make([]slot, 1<<logSlots),
		mask:  1<<logSlots - 1,
	}
}

// probe gives the window's place in the Bloom table and the two bits that stand for it there.
func (t *windows) probe(v uint64) (word, pattern uint64) {
	h := mix(v)
	return h >> t.shift, 1<<(h>>20&63) | 1<<(h>>26&63)
}

// maybe tells whether the window may be in the set.
func (t *windows) maybe(v uint64) bool {
	h := mix(v)
	pattern := uint64(1)<<(h>>20&63) | uint64(1)<<(h>>26&63)
	return t.bloom[h>>t.shift]&pattern == pattern
}

// get returns the chain of the window, or 0.
func (t *windows) get(v uint64) int32 {
	for i := mix(v) >> 17 & t.mask; ; i = (i + 1) & t.mask {
		if s := &t.slots[i]; s.chain == 0 || s.window == v {
			return s.chain
		}
	}
}

// put makes chain the first of the window's words and returns the one that was first before.
func (t *windows) put(v uint64, chain int32) int32 {
	word, pattern := t.probe(v)
	t.bloom[word] |= pattern
	i := mix(v) >> 17 & t.mask
	for t.slots[i].chain != 0 && t.slots[i].window != v {
		i = (i + 1) & t.mask
	}
	old := t.slots[i].chain
	t.slots[i] = slot{v, chain}
	return old
}
