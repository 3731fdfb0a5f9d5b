package policy

import (
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
)

// length counts the runes of a text, without marks and without what nobody sees. What a reader takes
// for one character may still be several, such as an emoji of a family.
func length(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] >= ' ' && s[i] < 0x7F {
			n++
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.In(r, unicode.Mn, unicode.Me) && fold.Read(s, i, fold.Invisible).Kind != fold.Hidden {
			n++
		}
		i += size
	}
	return n
}

// capitals returns the share of capitals among the letters that have a case, in percent.
func capitals(s string) int {
	upper, lower := 0, 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && (r < 'A' || r > 'z'):
		case unicode.IsUpper(r), unicode.IsTitle(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	if upper+lower < minCased {
		return 0
	}
	return (upper*100 + upper + lower - 1) / (upper + lower) // rounded up: 70.1 % is over 70 %
}

// ordinaryMarks is how many marks languages put on one letter at most: Vietnamese has two, such as
// in ế, where they stand as runes of their own.
const ordinaryMarks = 2

// marks counts the combining marks on the letters of all scripts, without those of the scripts that
// write with them (Arabic, Hebrew, Thai, those of India), without keycaps, and without the first two
// accents on a Latin, Greek or Cyrillic letter.
func marks(s string) int {
	n, onLetter := 0, 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			onLetter = 0
			if unicode.IsLetter(r) {
				onLetter = ordinaryMarks
			}
		case accent(r) && onLetter > 0:
			onLetter--
		case freeMark(r):
			n++
		case !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			onLetter = 0
			if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
				onLetter = ordinaryMarks
			}
		}
	}
	return n
}

// accent tells whether a mark is one that languages put above or below letters.
func accent(r rune) bool {
	switch {
	case r >= 0x0300 && r <= 0x030C, r >= 0x0323 && r <= 0x0328, r == 0x030F, r == 0x0311, r == 0x0313, r == 0x0314,
		r == 0x031B, r == 0x032D, r == 0x032E, r == 0x0330, r == 0x0331, r == 0x0342, r == 0x0345:
		return true
	}
	return false
}

// freeMark tells whether a mark can stand on letters of any script.
func freeMark(r rune) bool {
	switch {
	case r >= 0x0300 && r <= 0x036F, r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF, r >= 0x20D0 && r <= 0x20FF && r != keycap,
		r >= 0xFE20 && r <= 0xFE2F, r == 0x0488, r == 0x0489, r >= 0xA670 && r <= 0xA672:
		return unicode.In(r, unicode.Mn, unicode.Me) && r != 0x034F
	}
	return false
}
