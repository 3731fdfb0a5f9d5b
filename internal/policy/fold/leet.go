package fold

import "unicode"

// lastCyrillic is the last rune outside of ASCII that a class has.
const lastCyrillic = 'я' + 0x50

// class returns the letter that stands for all that are written for one another with the given
// letter or digit. Classes are coarse, and ignore case.
func class(r rune) rune {
	switch r {
	case '0', 'O', 'о', 'О':
		return 'o'
	case '1', 'I', 'l', 'L', 'і', 'І':
		return 'i'
	case '2', 'Z':
		return 'z'
	case '3', 'E', 'з', 'З', 'е', 'Е':
		return 'e'
	case '4', 'A', 'ч', 'Ч', 'а', 'А':
		return 'a'
	case '5', 'S':
		return 's'
	case '6', '8', 'B', 'б', 'Б', 'в', 'В':
		return 'b'
	case '7', 'T', 'т', 'Т':
		return 't'
	case '9', 'G':
		return 'g'
	}
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// signs returns the class of the letter that a sign is written for; 0: none.
func signs(r rune) rune {
	switch r {
	case '@':
		return 'a'
	case '$', '§':
		return 's'
	case '!', '|', '¡', '£':
		return 'i'
	case '+', '†':
		return 't'
	case '€':
		return 'e'
	case '¢', '©':
		return 'c'
	case '®':
		return 'r'
	case '¥':
		return 'y'
	case '₿':
		return 'b'
	}
	return 0
}

// Digit tells whether the rune is an ASCII digit.
func Digit(r rune) bool { return r >= '0' && r <= '9' }

// Swaps tells whether a letter may be written for another of its class: signs and digits may, for all
// letters of their class. Letters of one alphabet are never written for one another; those of two
// are when they look alike, which is the case when the options folded them to one.
func Swaps(a, b rune, o Options) bool {
	switch {
	case a == b:
		return true
	case Digit(a) && Digit(b):
		return false
	case Digit(a) || Digit(b) || signs(a) != 0 || signs(b) != 0:
		return o&Leet != 0
	case o&Lookalike == 0:
		return false
	}
	x, y := Alphabet(a), Alphabet(b)
	return x == nil || x != y
}

// Alphabet returns the alphabet that a plain letter belongs to; nil for forms of letters, letters
// with marks, and alphabets in which no two letters are folded to one.
func Alphabet(r rune) *unicode.RangeTable {
	if r < 0x80 {
		return unicode.Latin
	}
	if foldEntries[lookup(r)].flags&accented != 0 {
		return nil
	}
	for _, t := range []*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Armenian} {
		if unicode.Is(t, r) {
			return t
		}
	}
	return nil
}
