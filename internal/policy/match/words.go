package match

import (
	"encoding/binary"
	"fmt"
)

// MaxWord is the length in bytes that a word may have.
const MaxWord = 256

// MaxHits is how many hits one search returns at most. A chat message of 12 KB reaches it only
// when its words lie within one another.
const MaxHits = 1 << 14

// Hit is one occurrence of a word: the bytes [Start, End) of the text.
type Hit struct {
	Word       int32
	Start, End int32
}

// Words finds all occurrences of many words in one pass. It never changes, and may be used by any
// number of goroutines at once.
//
// Each word is represented by the window of its bytes (6, or 3 for words under 6) that is rarest
// among all the words. A position of the text whose window may be one of them, says a Bloom
// table, is looked up and the whole word compared. Words of 1 or 2 bytes are found by their first
// byte. A text made to pass the Bloom table again and again is searched by rolling hashes
// instead, whose cost does not depend on the text.
type Words struct {
	words []string
	short [256]int32 // first word that begins with the byte, plus 1
	next  []int32    // next word with the same window or first byte, plus 1
	off   []uint16   // where the window stands in the word
	long  windows    // words of 6 bytes or more
	mid   windows    // words of 3 to 5 bytes

	hasShort bool
	byHash   rolling
}

const (
	longWindow = 6
	midWindow  = 3
	longMask   = 1<<(8*longWindow) - 1
	midMask    = 1<<(8*midWindow) - 1
)

// NewWords builds the search for the given words, which must be distinct. A word's index in the
// slice is its number in hits.
func NewWords(words []string) (*Words, error) {
	m := &Words{words: words, next: make([]int32, len(words)), off: make([]uint16, len(words))}
	seen := make(map[string]struct{}, len(words))
	longs, mids := 0, 0
	for i, w := range words {
		if w == "" || len(w) > MaxWord {
			return nil, fmt.Errorf("word %d has %d bytes, not 1 to %d", i, len(w), MaxWord)
		}
		if _, twice := seen[w]; twice {
			return nil, fmt.Errorf("word %d stands twice in the list", i)
		}
		seen[w] = struct{}{}
		if len(w) >= longWindow {
			longs++
		} else if len(w) >= midWindow {
			mids++
		}
	}
	m.long, m.mid = newWindows(longs), newWindows(mids)
	grams := trigrams(words)
	for i, w := range words {
		m.add(int32(i), w, grams)
	}
	m.byHash = newRolling(words)
	return m, nil
}

// add puts one word under its window or its first byte.
func (m *Words) add(i int32, w string, grams map[uint32]int32) {
	if len(w) < midWindow {
		m.hasShort = true
		m.next[i] = m.short[w[0]]
		m.short[w[0]] = i + 1
		return
	}
	t, size := &m.mid, midWindow
	if len(w) >= longWindow {
		t, size = &m.long, longWindow
	}
	off := rarest(w, size, grams)
	m.off[i] = uint16(off)
	m.next[i] = t.put(window(w[off:off+size]), i+1)
}

// trigrams counts the three-byte sequences of all words.
func trigrams(words []string) map[uint32]int32 {
	grams := make(map[uint32]int32)
	for _, w := range words {
		for i := 0; i+3 <= len(w); i++ {
			grams[uint32(window(w[i:i+3]))]++
		}
	}
	return grams
}

// rarest returns where the window stands that shares the fewest trigrams with other words.
func rarest(w string, size int, grams map[uint32]int32) int {
	best, at := int64(-1), 0
	for i := 0; i+size <= len(w); i++ {
		score := int64(1)
		for j := i; j+3 <= i+size; j += 3 {
			score *= int64(grams[uint32(window(w[j:j+3]))])
		}
		if best < 0 || score < best {
			best, at = score, i
		}
	}
	return at
}

// window packs up to 8 bytes, the first one lowest.
func window(w string) uint64 {
	var v uint64
	for i := len(w) - 1; i >= 0; i-- {
		v = v<<8 | uint64(w[i])
	}
	return v
}

// Len returns how many words there are.
func (m *Words) Len() int { return len(m.words) }

// Append adds the occurrences of all words in text to dst, in no set order, overlapping ones too,
// at most MaxHits of them.
func (m *Words) Append(dst []Hit, text []byte) []Hit {
	if len(m.words) == 0 {
		return dst
	}
	s := search{m: m, text: text, hits: dst, base: len(dst), budget: 64 + 2*len(text)}
	if s.run() {
		return s.hits
	}
	return m.byHash.append(m, dst, text)
}

// search is one pass over one text.
type search struct {
	m      *Words
	text   []byte
	hits   []Hit
	base   int
	budget int // comparisons left
}

// run tells whether the pass came to its end within its budget.
func (s *search) run() bool {
	m, text, i := s.m, s.text, 0
	useLong, useMid := m.long.used, m.mid.used
	for ; i+8 <= len(text); i++ {
		v := binary.LittleEndian.Uint64(text[i:])
		if useLong && m.long.maybe(v&longMask) && !s.verify(m.long.get(v&longMask), i) {
			return false
		}
		if useMid && m.mid.maybe(v&midMask) && !s.verify(m.mid.get(v&midMask), i) {
			return false
		}
		if m.hasShort && m.short[byte(v)] != 0 && !s.verify(m.short[byte(v)], i) {
			return false
		}
	}
	return s.tail(i)
}

// tail searches the last bytes, where 8 cannot be read at once.
func (s *search) tail(i int) bool {
	m, text := s.m, s.text
	for ; i < len(text); i++ {
		var last [8]byte
		n := copy(last[:], text[i:])
		v := binary.LittleEndian.Uint64(last[:])
		if m.long.used && n >= longWindow && !s.verify(m.long.get(v&longMask), i) {
			return false
		}
		if m.mid.used && n >= midWindow && !s.verify(m.mid.get(v&midMask), i) {
			return false
		}
		if !s.verify(m.short[text[i]], i) {
			return false
		}
	}
	return true
}

// verify compares the words of one chain with the text around byte i, and tells whether the
// budget still holds.
func (s *search) verify(chain int32, i int) bool {
	for ; chain != 0; chain = s.m.next[chain-1] {
		if s.budget--; s.budget < 0 {
			return false
		}
		w := s.m.words[chain-1]
		start := i - int(s.m.off[chain-1])
		if start < 0 || len(s.text)-start < len(w) || string(s.text[start:start+len(w)]) != w {
			continue
		}
		if len(s.hits)-s.base >= MaxHits {
			return true
		}
		s.hits = append(s.hits, Hit{chain - 1, int32(start), int32(start + len(w))})
	}
	return true
}
