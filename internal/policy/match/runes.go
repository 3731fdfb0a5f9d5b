package match

import (
	"unicode"
	"unicode/utf8"
)

// Spaceless tells whether the rune is of a script that is written without spaces between words
// (or, as hangul, hangs endings on them), so that a word's end cannot be seen.
func Spaceless(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3040 && r <= 0x30FF, r >= 0xAC00 && r <= 0xD7A3:
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// Letter tells whether the rune belongs to a word: a letter, a digit, or a mark on one.
func Letter(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlnum(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// hostRune returns how many bytes of text the rune at byte i takes that may stand in a label of a
// host; 0: it may not. Of a percent sign it takes only one that encodes a byte.
func hostRune(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	c := text[i]
	if c < utf8.RuneSelf {
		if isAlnum(c) || c == '-' || c == '_' {
			return 1
		}
		if c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			return 3
		}
		return 0
	}
	r, n := utf8.DecodeRune(text[i:])
	if r >= 0x4E00 && r <= 0x9FFF || r != utf8.RuneError && Letter(r) {
		return n
	}
	return 0
}

// dot returns how many bytes the dot at byte i takes, which may be defanged or, between Latin
// letters, the ideographic full stop; 0: there is none.
func dot(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	rest := text[i:]
	switch c := rest[0]; {
	case c == '.':
		return 1
	case c == '[' || c == '(' || c == '{':
		closing := c + 2 // of brackets and braces in ASCII
		if c == '(' {
			closing = ')'
		}
		if len(rest) > 2 && rest[1] == '.' && rest[2] == closing {
			return 3
		}
		if len(rest) > 4 && lower(rest[1]) == 'd' && lower(rest[2]) == 'o' && lower(rest[3]) == 't' && rest[4] == closing {
			return 5
		}
	case c == 0xE3 && len(rest) > 3 && rest[1] == 0x80 && rest[2] == 0x82: // U+3002
		if i > 0 && isAlnum(text[i-1]) && isAlnum(rest[3]) {
			return 3
		}
	}
	return 0
}

func endsAuthority(c byte) bool {
	return c <= ' ' || c == '/' || c == '\\' || c == '?' || c == '#' || c == '<' || c == '>' || c == '"' || c == '`'
}

func isAlpha(c byte) bool { return lower(c) >= 'a' && lower(c) <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlnum(c byte) bool { return isAlpha(c) || isDigit(c) }

func isHex(c byte) bool { return isDigit(c) || lower(c) >= 'a' && lower(c) <= 'f' }

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func lowerASCII(b []byte) []byte {
	for i, c := range b {
		b[i] = lower(c)
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
