// Package fold shows a text as the matchers see it: one width, one case, and nothing that a
// reader cannot see.
//
// It owns the folding table and the way back from a place in the folded text to the place in the
// original. It folds runes only within their own script (full-width Latin becomes Latin; kana,
// hangul and Han never do), and knows no words, links or rules.
package fold

import (
	"encoding/binary"
	"unicode/utf8"
)

//go:generate go run ./gen

// Options is the set of differences that folding takes away.
type Options uint16

// The differences. More may follow, so an Options is compared as a set.
const (
	// Width makes full-width and half-width forms those of ordinary text: "ＡＢＣ" becomes "ABC".
	Width Options = 1 << iota
	// Case folds upper and lower case as Unicode's full case folding does: "ß" becomes "ss".
	Case
	// Invisible drops what no reader sees: zero-width characters, controls other than white
	// space, variation selectors, fillers.
	Invisible
)

// Default is what rules see through unless they say otherwise.
const Default = Width | Case | Invisible

// entry says what one rune becomes; the zero entry leaves it alone.
type entry struct {
	width     rune   // its form of canonical width, or 0
	at        uint16 // its case folding within foldText
	len       uint8  // 0: it folds to itself
	invisible bool
}

// segment is a stretch of the folded text that begins at byte folded and comes from the bytes
// [start, end) of the original. Where both have the same length they run side by side; else the
// segment is one rune that changed its length.
type segment struct{ folded, start, end uint32 }

// Text is one folded text with the way back to its original. It is reused from text to text, and
// then allocates nothing. It is not safe for concurrent use.
type Text struct {
	src      string
	buf      []byte
	segments []segment
}

// Bytes returns the folded text, which is valid UTF-8. It stands until the next Fold.
func (t *Text) Bytes() []byte { return t.buf }

// Source returns the original text.
func (t *Text) Source() string { return t.src }

// Reset lets go of the original text, so that a pooled Text does not keep it alive.
func (t *Text) Reset() {
	t.src = ""
	t.buf, t.segments = t.buf[:0], t.segments[:0]
}

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// Fold reads s. Bytes that are not UTF-8 become U+FFFD, one each.
func (t *Text) Fold(s string, o Options) {
	t.Reset()
	t.src = s
	for i := 0; i < len(s); {
		if n := t.ascii(i, o); n > 0 {
			i += n
		} else if n := t.unchanged(i); n > 0 {
			i += n
		} else {
			i += t.rune(i, o)
		}
	}
}

// ascii folds the blocks of 8 ASCII bytes that begin at byte i, and returns how many bytes it took.
func (t *Text) ascii(i int, o Options) int {
	s, buf, from := t.src, t.buf, i
	for ; len(s)-i >= 8; i += 8 {
		v := load(s, i)
		if v&highBits != 0 || !plain(v) {
			break
		}
		if o&Case != 0 {
			v = lower(v)
		}
		buf = binary.LittleEndian.AppendUint64(buf, v)
	}
	if i > from {
		t.copied(from, i-from)
		t.buf = buf
	}
	return i - from
}

// unchanged takes the runes from byte i on that are not ASCII and stay as they are, such as Han, and
// returns how many bytes they have.
func (t *Text) unchanged(i int) int {
	s, from := t.src, i
	for i < len(s) && s[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s[i:])
		if n == 1 || lookup(r) != 0 {
			break
		}
		i += n
	}
	if i > from {
		t.copied(from, i-from)
		t.buf = append(t.buf, s[from:i]...)
	}
	return i - from
}

// rune folds the rune at byte i of the original and returns how many bytes it took.
func (t *Text) rune(i int, o Options) int {
	r, n := rune(t.src[i]), 1
	if r >= utf8.RuneSelf {
		r, n = utf8.DecodeRuneInString(t.src[i:])
	}
	e := &foldEntries[lookup(r)]
	if o&Width != 0 && e.width != 0 {
		r = e.width
		if o&Invisible != 0 && e.invisible {
			return n
		}
		e = &foldEntries[lookup(r)]
	}
	if o&Invisible != 0 && e.invisible {
		return n
	}
	if o&Case != 0 && e.len != 0 {
		f := foldText[e.at : int(e.at)+int(e.len)]
		t.replaced(i, n, len(f))
		t.buf = append(t.buf, f...)
		return n
	}
	t.replaced(i, n, utf8.RuneLen(r))
	t.buf = utf8.AppendRune(t.buf, r)
	return n
}

// lookup returns the entry of a rune. Runes past the table's end stay as they are.
func lookup(r rune) uint16 {
	if uint32(r) >= tableEnd {
		return 0
	}
	return foldBlocks[foldIndex[uint32(r)/blockSize]][uint32(r)%blockSize]
}

// load reads 8 bytes, the first one lowest.
func load(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// plain tells whether none of 8 ASCII bytes is a control character; one that is takes the slow
// way, where line feeds and tabs stay and the others go.
func plain(v uint64) bool {
	below := (v | highBits) - ones*0x20 // the high bit falls where a byte is under 0x20
	return below&highBits == highBits && ((v^ones*0x7f)+ones*0x7f)&highBits == highBits
}

// lower folds the case of 8 ASCII bytes at once.
func lower(v uint64) uint64 {
	fromA := v + ones*(0x80-'A')
	pastZ := v + ones*(0x80-'Z'-1)
	return v | ((fromA&^pastZ)&highBits)>>2
}
