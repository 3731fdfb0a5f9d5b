package fold

import "unicode/utf8"

// hand writes a folded text letter by letter. What it writes depends on what it wrote last.
type hand struct {
	*Text
	last    rune // the letter written last; -1: none
	piece   int  // letters since the last gap, a run being one of them
	singles int  // letters before that piece that stand alone one after the other
	gapped  bool // there is a gap behind the last letter
	inWord  bool // the rune before is a letter, or a sign that stands for one
	chain   int  // signs before this byte stand between letters ("c!a!s!i!n!o")
	broken  int  // before this byte, such signs do not
	part    int  // which of the letters that a rune is read as is written now
}

// closely folds the text by options that look at more than one rune.
func (t *Text) closely() {
	t.prepare()
	h := hand{Text: t, last: -1}
	s, o := t.src, t.opts
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if to := t.ascii[c]; to != 0 {
				h.put(i, i+1, rune(to))
				h.inWord = true
				i++
				continue
			}
			if c == ' ' && o&Spacing != 0 {
				h.gapped, h.inWord = true, false
				i++
				continue
			}
		} else if r, n := utf8.DecodeRuneInString(s[i:]); n > 1 && lookup(r) == 0 && (o&Leet == 0 || r > lastCyrillic) {
			h.put(i, i+n, r)
			h.inWord = true
			i += n
			continue
		}
		i += h.other(i)
	}
}

// prepare makes the table of what ASCII letters and digits become; 0 is everything else.
func (t *Text) prepare() {
	o := t.opts&(Case|Leet) | Spacing // a table that was made is not that of no options
	if t.asciiOf == o {
		return
	}
	t.asciiOf = o
	for c := range t.ascii {
		b := byte(c)
		if b >= 'A' && b <= 'Z' && o&(Case|Leet) != 0 {
			b += 'a' - 'A'
		}
		switch {
		case (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9'):
			b = 0
		case o&Leet != 0:
			b = byte(class(rune(b)))
		}
		t.ascii[c] = b
	}
}

// put writes the letter that stands at the bytes [from, to) of the original, unless it goes on with a
// run. A run goes on behind a gap when the letters on both sides stand alone.
func (h *hand) put(from, to int, r rune) {
	if r == h.last && h.opts&Repeats != 0 {
		k := len(h.letters) - 1
		if !h.gapped {
			h.letters[k].End = uint32(to)
			return
		}
		if h.piece == 1 && (to >= len(h.src) || h.kind(h.skip(to)) != Char) {
			h.letters = append(h.letters, Letter{h.letters[k].At, uint32(from), uint32(to), uint32(h.part)})
			h.gapped = false
			return
		}
	}
	if h.gapped {
		if h.singles++; h.piece != 1 {
			h.singles = 0
		}
		h.gapped, h.piece = false, 0
	}
	h.piece++
	h.last = r
	h.letters = append(h.letters, Letter{uint32(len(h.buf)), uint32(from), uint32(to), uint32(h.part)})
	if r < utf8.RuneSelf {
		h.buf = append(h.buf, byte(r))
		return
	}
	h.buf = utf8.AppendRune(h.buf, r)
}

// other folds the rune at byte i that is neither an ASCII letter or digit nor a letter that stays as
// it is, and returns how many bytes it took.
func (h *hand) other(i int) int {
	g := read(h.src, i, h.opts)
	switch {
	case g.kind == Hidden:
		return g.size
	case g.kind == Char:
		for _, r := range g.text {
			if h.opts&Leet != 0 {
				r = class(r)
			}
			h.put(i, i+g.size, r)
			h.part++
		}
		h.inWord, h.part = true, 0
		return g.size
	}
	if h.opts&Leet != 0 && g.kind == Sign {
		if r, _ := utf8.DecodeRuneInString(g.text); signs(r) != 0 && h.stands(i, g, r) {
			h.put(i, i+g.size, signs(r))
			h.inWord = true
			return g.size
		}
	}
	h.inWord, h.white = false, h.white || g.kind == Space && h.src[i] != ' '
	if g.kind == Space && h.opts&Blanks != 0 && h.last == ' ' {
		return g.size
	}
	if h.opts&Spacing != 0 {
		h.gapped = true
		return g.size
	}
	for _, r := range g.text {
		h.put(i, i+g.size, r)
		h.part++
	}
	h.part = 0
	return g.size
}

// kind returns what the rune at byte i is; a sign at the end of the text.
func (h *hand) kind(i int) Kind {
	if i >= len(h.src) {
		return Sign
	}
	return read(h.src, i, h.opts).kind
}
