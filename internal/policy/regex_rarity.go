package policy

import (
	"math/bits"
	"strings"
)

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(b byte) { s[b>>6] |= 1 << (b & 63) }

func (s *byteSet) size() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

func (s *byteSet) meets(o *byteSet) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

func (s byteSet) with(o byteSet) byteSet {
	for i := range s {
		s[i] |= o[i]
	}
	return s
}

// byRarity orders clauses by how rarely one of their literals probably stands in a text.
func byRarity(a, b []string) int { return rarity(a) - rarity(b) }

func rarity(clause []string) int {
	least := 1 << 20
	for _, s := range clause {
		sum := 0
		for _, b := range []byte(s) {
			sum += 9 - commonness(b)
		}
		least = min(least, sum)
	}
	return least - 4*bits.Len(uint(len(clause)))
}

// commonness says roughly how often a byte stands in texts, from 1 to 5.
func commonness(b byte) int {
	switch {
	case b == ' ':
		return 5
	case strings.IndexByte("etaoinsrh", b) >= 0:
		return 4
	case b >= 'a' && b <= 'z':
		return 3
	case b >= 0xE4 && b <= 0xE9: // most of Han
		return 2
	}
	return 1
}

// likelihood says roughly how likely a text is to hold a byte of the set, for comparing sets.
func (s *byteSet) likelihood() int {
	sum := 0
	for b := range 256 {
		if s[b>>6]>>(b&63)&1 != 0 {
			sum += 1 << (2 * commonness(byte(b)))
		}
	}
	return sum
}

func byLikelihood(a, b byteSet) int { return a.likelihood() - b.likelihood() }
