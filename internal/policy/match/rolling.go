package match

import (
	"math/bits"
	"slices"
)

// rolling is the search whose cost does not depend on what the text is made of: one rolling hash
// over the text for each length that a word has. It is slower than the windows on ordinary text
// and is what a text falls back to that was made to be slow.
type rolling struct {
	lengths []int
	drop    []uint64 // per length: the weight of the byte that leaves the hash
	slots   []hashSlot
	mask    uint64
}

type hashSlot struct {
	hash uint64
	word int32 // plus 1; 0 is a free slot
}

// rollBase is the multiplier of the hash; any odd number of full width does.
const rollBase = 0x9E3779B97F4A7C55

func newRolling(words []string) rolling {
	var r rolling
	logSlots := bits.Len(uint(len(words))) + 1
	r.slots = make([]hashSlot, 1<<logSlots)
	r.mask = 1<<logSlots - 1
	for i, w := range words {
		if !slices.Contains(r.lengths, len(w)) {
			r.lengths = append(r.lengths, len(w))
		}
		h := uint64(0)
		for j := range len(w) {
			h = h*rollBase + uint64(w[j]) + 1
		}
		at := r.place(h, len(w))
		for r.slots[at].word != 0 {
			at = (at + 1) & r.mask
		}
		r.slots[at] = hashSlot{h, int32(i + 1)}
	}
	slices.Sort(r.lengths)
	for _, n := range r.lengths {
		weight := uint64(1)
		for range n - 1 {
			weight *= rollBase
		}
		r.drop = append(r.drop, weight)
	}
	return r
}

func (r *rolling) place(h uint64, n int) uint64 { return mix(h^uint64(n)) >> 20 & r.mask }

// append adds the occurrences of all words in text to dst, at most MaxHits of them.
func (r *rolling) append(m *Words, dst []Hit, text []byte) []Hit {
	limit := len(dst) + MaxHits
	for k, n := range r.lengths {
		h := uint64(0)
		for i, b := range text {
			if i >= n {
				h -= (uint64(text[i-n]) + 1) * r.drop[k]
			}
			h = h*rollBase + uint64(b) + 1
			if i < n-1 {
				continue
			}
			start := i + 1 - n
			word := r.find(m, h, text[start:i+1])
			if word < 0 {
				continue
			}
			if len(dst) >= limit {
				return dst
			}
			dst = append(dst, Hit{word, int32(start), int32(i + 1)})
		}
	}
	return dst
}

// find returns the word that is the given bytes, or -1.
func (r *rolling) find(m *Words, h uint64, text []byte) int32 {
	for at := r.place(h, len(text)); r.slots[at].word != 0; at = (at + 1) & r.mask {
		if s := r.slots[at]; s.hash == h && m.words[s.word-1] == string(text) {
			return s.word - 1
		}
	}
	return -1
}
