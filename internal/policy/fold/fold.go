// Package fold shows a text as the matchers see it: one width, one case, nothing that a reader
// cannot see, and, where asked, nothing of what disguises words.
//
// It owns the folding table, the way back from a place in the folded text to the place in the
// original, and what single runes stand for. What looks like a Latin letter becomes one, whatever
// alphabet it is from, but never kana, hangul, Han or bopomofo. It knows no words, links or rules.
package fold

import (
	"encoding/binary"
	"unicode"
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
	// Lookalike makes ASCII letters and digits of what readers take for them, in texts and words
	// alike: mathematical, enclosed and full-width letters, regional indicators that are not a flag,
	// small capitals, letters with marks, and the Cyrillic, Greek and other letters of the same
	// shape ("а", "о", "р"). Digits of all scripts become ASCII ones, Arabic letters their plain
	// forms. Marks that stand as runes of their own go, with the Arabic tatweel and harakat; but и,
	// е, і, у, г and к with the mark that makes й, ё, ї, ў, ѓ or ќ become that letter, which is one of
	// its own and stays. The vowel signs of Thai, Lao, Khmer, Tibetan and the scripts of India stay,
	// and so do Han, kana, hangul and bopomofo whatever they look like.
	Lookalike
	// Spacing drops white space, punctuation and symbols. Who looks for words has to verify in the
	// original what stood between the letters (Letters).
	Spacing
	// Leet makes one letter of those that are written for one another, digits and signs among them:
	// "c4$!n0" becomes "casino". The classes are coarse (i and l are one) and ignore case; who looks
	// for words has to verify what stood there (Stands).
	Leet
	// Repeats makes one letter of a run: "caaasino" becomes "casino" and "book" becomes "bok". Who
	// looks for words has to verify that runs are long enough.
	Repeats
	// Blanks makes one space of a run of white space, whatever it is made of. It is slower than the
	// others, and changes nothing where there is none (Text.Runs).
	Blanks
)

// Default is what rules see through unless they say otherwise.
const Default = Width | Case | Invisible

// closely are the options by which a text is folded letter by letter.
const closely = Spacing | Leet | Repeats

// ref is a stretch of foldText.
type ref struct {
	at  uint16
	len uint8
}

func (r ref) text() string { return foldText[r.at : int(r.at)+int(r.len)] }

// entry says what one rune becomes; the zero entry leaves it alone, and so does each empty text.
type entry struct {
	width ref // its form of canonical width
	fold  ref // its case folding
	look  ref // what it looks like
	both  ref // what it looks like, with its case folded
	flags uint8
}

// What the flags of an entry say.
const (
	invisible = 1 << iota // no reader sees it
	loose                 // a mark that can be left out
	gap                   // white space, punctuation or a symbol
	composing             // a loose mark behind it may make another letter of it
	accented              // a letter with a mark
)

// segment is a stretch of the folded text that begins at byte folded and comes from the bytes
// [start, end) of the original. Where both have the same length they run side by side; else the
// segment is one rune that changed its length.
type segment struct{ folded, start, end uint32 }

// Text is one folded text with the way back to its original. It is reused from text to text, and
// then allocates nothing. It is not safe for concurrent use.
type Text struct {
	src      string
	buf      []byte
	opts     Options
	segments []segment
	letters  []Letter // instead of segments, when folded letter by letter
	ascii    [utf8.RuneSelf]byte
	asciiOf  Options // what ascii was made for
	white    bool    // the original has white space that is no space
}

// Bytes returns the folded text, which is valid UTF-8. It stands until the next Fold.
func (t *Text) Bytes() []byte { return t.buf }

// Source returns the original text.
func (t *Text) Source() string { return t.src }

// Reset lets go of the original text, so that a pooled Text does not keep it alive.
func (t *Text) Reset() {
	t.src, t.white = "", false
	t.buf, t.segments, t.letters = t.buf[:0], t.segments[:0], t.letters[:0]
}

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// Fold reads s. Bytes that are not UTF-8 become U+FFFD, one each.
func (t *Text) Fold(s string, o Options) {
	t.Reset()
	t.src, t.opts = s, o
	if o&closely != 0 {
		t.closely()
		return
	}
	if o&Blanks != 0 {
		t.blanks()
		return
	}
	still := uint16(firstFold)
	if o&Lookalike != 0 {
		still = firstLook
	}
	for i := 0; i < len(s); {
		if n := t.blocks(i, o); n > 0 {
			i += n
		} else if n := t.unchanged(i, still); n > 0 {
			i += n
		} else if c := s[i]; c >= ' ' && c < 0x7F {
			if o&Case != 0 && c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			t.copied(i, 1)
			t.buf = append(t.buf, c)
			i++
		} else {
			i += t.rune(i, o)
		}
	}
}

// blocks folds the blocks of 8 ASCII bytes that begin at byte i, and returns how many bytes it took.
func (t *Text) blocks(i int, o Options) int {
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
// returns how many bytes they have. Entries below still change nothing.
func (t *Text) unchanged(i int, still uint16) int {
	s, from := t.src, i
	for i < len(s) && s[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s[i:])
		e := lookup(r)
		if n == 1 || e >= still {
			break
		}
		t.white = t.white || e != 0 && unicode.IsSpace(r)
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
	g := read(t.src, i, o)
	t.white = t.white || g.kind == Space
	if g.kind != Hidden {
		t.replaced(i, g.size, len(g.text))
		t.buf = append(t.buf, g.text...)
	}
	return g.size
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
