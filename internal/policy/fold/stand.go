package fold

import "unicode/utf8"

// Stand is a letter as it is written in a text.
type Stand struct {
	Own  rune // in its own alphabet: its width and case folded if the options say so, nothing else
	As   rune // what it is read as
	Size int  // bytes
	Kind Kind
	More bool // it is read as more letters behind this one, as ﬁ is, which is read as f and i
	Runs bool // and makes one run with the next of them, if the options make runs one letter
}

// Read returns what stands at byte i of s, as the first letter that it is read as.
func Read(s string, i int, o Options) Stand { return ReadPart(s, i, 0, o) }

// ReadPart returns what stands at byte i of s as one of the letters that it is read as, of which the
// first is 0. What is read as several letters, and is no letter of its own with their number, has
// those as its own: a word and a text with them are the same.
func ReadPart(s string, i, part int, o Options) Stand {
	g := read(s, i, o)
	own := g
	if o&Lookalike != 0 {
		plain := read(s, i, o&^Lookalike)
		if g.size <= plain.size && (len(g.text) != 1 || !Digit(rune(g.text[0]))) {
			own = plain
		}
	}
	as, n := utf8.DecodeRuneInString(g.text)
	if n < len(g.text) {
		return g.part(own.text, part, o)
	}
	r, _ := utf8.DecodeRuneInString(own.text)
	return Stand{Own: r, As: as, Size: g.size, Kind: g.kind}
}

// part returns one of the letters that the glyph is read as, or the last one.
func (g *glyph) part(own string, part int, o Options) Stand {
	if utf8.RuneCountInString(own) != utf8.RuneCountInString(g.text) {
		own = g.text
	}
	rest := g.text
	for ; part > 0; part-- {
		_, n := utf8.DecodeRuneInString(rest)
		if n == len(rest) {
			break
		}
		_, k := utf8.DecodeRuneInString(own)
		rest, own = rest[n:], own[k:]
	}
	st := Stand{Size: g.size, Kind: g.kind}
	st.Own, _ = utf8.DecodeRuneInString(own)
	as, n := utf8.DecodeRuneInString(rest)
	if st.As = as; n < len(rest) {
		next, _ := utf8.DecodeRuneInString(rest[n:])
		st.More, st.Runs = true, o&Repeats != 0 && (as == next || o&Leet != 0 && class(as) == class(next))
	}
	return st
}
