package fold

import (
	"unicode"
	"unicode/utf8"
)

// Kind says what a rune of a text is to a reader of words.
type Kind uint8

// The kinds of runes.
const (
	Sign   Kind = iota // punctuation or a symbol
	Space              // white space
	Char               // a letter, a digit, a mark that is kept, or what looks like one
	Hidden             // not seen, or a mark that can be left out
)

// glyph is one rune as it is folded, or a letter with the mark that makes another one of it.
type glyph struct {
	text string // what it becomes
	size int    // bytes of the original
	kind Kind
}

// read folds the rune at byte i of s, by all options but those that look at its neighbours.
func read(s string, i int, o Options) glyph {
	r, n := rune(s[i]), 1
	if r >= utf8.RuneSelf {
		r, n = utf8.DecodeRuneInString(s[i:])
	}
	g := glyph{text: s[i : i+n], size: n, kind: Char}
	if r == utf8.RuneError && n == 1 {
		g.text, g.kind = "\uFFFD", Sign
		return g
	}
	e := &foldEntries[lookup(r)]
	if o&Width != 0 && e.width.len != 0 {
		if o&Invisible != 0 && e.flags&invisible != 0 {
			g.kind = Hidden
			return g
		}
		g.text = e.width.text()
		r, _ = utf8.DecodeRuneInString(g.text)
		e = &foldEntries[lookup(r)]
	}
	if o&Invisible != 0 && e.flags&invisible != 0 || o&Lookalike != 0 && e.flags&loose != 0 {
		g.kind = Hidden
		return g
	}
	if o&Lookalike != 0 && e.flags&composing != 0 {
		if k, m := composed(r, s[i+n:]); m > 0 {
			g.text, g.size = string(k), n+m
			r, e = k, &foldEntries[lookup(k)]
		}
	}
	g.become(e, o, isFlag(r, s, i))
	if g.kind == Sign && unicode.IsSpace(r) {
		g.kind = Space
		if o&Blanks != 0 {
			g.text = " "
		}
	}
	return g
}

// become replaces the text by what the entry says.
func (g *glyph) become(e *entry, o Options, flag bool) {
	to := ref{}
	switch {
	case flag:
	case o&Lookalike != 0 && o&Case != 0:
		to = e.both
	case o&Lookalike != 0:
		to = e.look
	case o&Case != 0:
		to = e.fold
	}
	if to.len != 0 {
		g.text = to.text()
	}
	if e.flags&gap != 0 && (o&Lookalike == 0 || flag || e.look.len == 0) {
		g.kind = Sign
	}
}

// The letters that a Cyrillic letter and a loose mark make.
const (
	breve     = '\u0306'
	diaeresis = '\u0308'
	acute     = '\u0301'
)

// composed returns the letter that r makes with the mark at the beginning of rest, and the mark's
// length; 0: none.
func composed(r rune, rest string) (rune, int) {
	if len(rest) < 2 || rest[0] != 0xCC {
		return 0, 0
	}
	mark, n := utf8.DecodeRuneInString(rest)
	pairs := "ийИЙуўУЎ"
	switch mark {
	case breve:
	case diaeresis:
		pairs = "еёЕЁіїІЇ"
	case acute:
		pairs = "гѓГЃкќКЌ"
	default:
		return 0, 0
	}
	for len(pairs) > 0 {
		base, k := utf8.DecodeRuneInString(pairs)
		letter, m := utf8.DecodeRuneInString(pairs[k:])
		if base == r {
			return letter, n
		}
		pairs = pairs[k+m:]
	}
	return 0, 0
}

// isFlag tells whether the rune at byte i is one of two regional indicators that stand alone, as those
// of a country's flag do. More of them, or single ones, are letters.
func isFlag(r rune, s string, i int) bool {
	if !regional(r) {
		return false
	}
	run := 0
	for j := i; j >= 4 && run < 3; j -= 4 {
		if p, _ := utf8.DecodeRuneInString(s[j-4:]); !regional(p) {
			break
		}
		run++
	}
	for j := i; j+4 <= len(s) && run < 3; j += 4 {
		if p, _ := utf8.DecodeRuneInString(s[j:]); !regional(p) {
			break
		}
		run++
	}
	return run == 2
}

func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// lookup returns the entry of a rune. Runes past the table's end stay as they are.
func lookup(r rune) uint16 {
	if uint32(r) >= tableEnd {
		return 0
	}
	return foldBlocks[foldIndex[uint32(r)/blockSize]][uint32(r)%blockSize]
}
