package fold

import (
	"strings"
	"unicode/utf8"
)

// stands tells whether the sign at byte i stands for a letter. It does at the side of a letter of an
// alphabet whose letters are written so, and alone beside letters that stand alone; but "!" and "+" not
// behind a word, where they are what they are, "+" not before a number, and none where it is what
// stands between all letters.
func (h *hand) stands(i int, g glyph, r rune) bool {
	next := i + g.size
	after := h.leads(next)
	behind := h.inWord && alphabetic(h.last)
	switch {
	case r == '|' && h.barred(i), h.chained(i, g, r):
		return false
	case after && r == '+' && !behind && h.src[next] >= '0' && h.src[next] <= '9':
		return false
	case after:
		return true
	case behind:
		return r != '!' && r != '+' && r != '¡' && r != '†'
	}
	before := 0
	if h.gapped && h.piece == 1 && alphabetic(h.last) {
		before = h.singles + 1
	}
	around := before + h.singlesBehind(next)
	if r == '+' { // "b + c" is a sum
		return before > 0 && around > max(before, 2)
	}
	return before >= 2 && r != '!' || around >= 2
}

// alphabetic tells whether signs are written for letters beside the given one: the Latin, Greek and
// Cyrillic alphabets are below.
func alphabetic(r rune) bool { return r < 0x0530 }

// leads tells whether a letter beside which signs are letters begins at byte i, or signs before one.
func (h *hand) leads(i int) bool {
	for n := 0; n < 32 && i < len(h.src); n++ {
		g := read(h.src, i, h.opts)
		r, _ := utf8.DecodeRuneInString(g.text)
		if g.kind == Char {
			return alphabetic(r)
		}
		if g.kind != Hidden && signs(r) == 0 {
			return false
		}
		i += g.size
	}
	return false
}

// singlesBehind counts the letters, and signs that may stand for one, that follow at byte i with white
// space or other signs around each, up to 2.
func (h *hand) singlesBehind(i int) int {
	n, gaps := 0, 0
	for steps := 0; steps < 32 && i < len(h.src); steps++ {
		g := read(h.src, i, h.opts)
		r, _ := utf8.DecodeRuneInString(g.text)
		switch {
		case g.kind == Char && (gaps == 0 || !alphabetic(r) || h.kind(h.behind(i)) == Char):
			return n
		case g.kind == Char, g.kind == Sign && signs(r) != 0 && gaps > 0:
			if n++; n == 2 {
				return n
			}
			gaps = 0
		case g.kind != Hidden:
			gaps++
		}
		i += g.size
	}
	return n
}

// chained tells whether the sign at byte i is one of several that stand between single letters,
// "c!a!s!i!n!o" being a word with gaps, and "b@n@n@" one with signs for letters. Two signs are enough
// of those that more often part letters than stand for one.
func (h *hand) chained(i int, g glyph, r rune) bool {
	if i < h.chain {
		return true
	}
	sign := h.src[i : i+g.size]
	if i < h.broken || !h.inWord || h.piece != 1 {
		return false
	}
	n, j, least := 0, i, 3
	if r == '!' || r == '+' {
		least = 2
	}
	for strings.HasPrefix(h.src[j:], sign) {
		k := j + g.size
		if h.kind(k) != Char {
			h.broken = j
			return false
		}
		n, j = n+1, h.behind(k)
	}
	if n < least || h.kind(j) == Char {
		h.broken = j
		return false
	}
	h.chain = j
	return true
}

// barred tells whether the bar at byte i parts letters, as another one does that stands one or two
// letters before or behind it.
func (h *hand) barred(i int) bool {
	seen := 0
	for j, steps := i, 0; j > 0 && steps < 32; steps++ {
		_, n := utf8.DecodeLastRuneInString(h.src[:j])
		j -= n
		if over, is := h.bar(j, &seen); over {
			if is {
				return true
			}
			break
		}
	}
	seen = 0
	for j, steps := i+1, 0; j < len(h.src) && steps < 32; steps++ {
		if over, is := h.bar(j, &seen); over {
			return is
		}
		j += read(h.src, j, h.opts).size
	}
	return false
}

// bar looks at the rune at byte i on the way to another bar, of which letters were seen: whether the
// way is over, and whether the bar was found.
func (h *hand) bar(i int, seen *int) (over, is bool) {
	if h.src[i] == '|' {
		return *seen > 0, *seen > 0
	}
	g := read(h.src, i, h.opts)
	r, _ := utf8.DecodeRuneInString(g.text)
	switch {
	case g.kind == Char, g.kind == Sign && signs(r) != 0:
		*seen++
		return *seen > 2, false
	}
	return g.kind == Sign, false
}

// behind returns where the letter at byte i ends, with what cannot be seen behind it.
func (h *hand) behind(i int) int {
	return h.skip(i + read(h.src, i, h.opts).size)
}

// skip returns where what cannot be seen at byte i ends.
func (h *hand) skip(i int) int {
	for i < len(h.src) && h.kind(i) == Hidden {
		i += read(h.src, i, h.opts).size
	}
	return i
}
