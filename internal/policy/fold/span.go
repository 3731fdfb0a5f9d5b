package fold

import "unicode/utf8"

// copied notes that the next n bytes of the folded text stand for the n bytes of the original
// from byte i on.
func (t *Text) copied(i, n int) {
	if k := len(t.segments) - 1; k >= 0 {
		s := &t.segments[k]
		if int(s.end) == i && len(t.buf)-int(s.folded) == int(s.end-s.start) {
			s.end += uint32(n)
			return
		}
	}
	t.segments = append(t.segments, segment{uint32(len(t.buf)), uint32(i), uint32(i + n)})
}

// replaced notes that the next to bytes of the folded text stand for the rune of from bytes at
// byte i of the original.
func (t *Text) replaced(i, from, to int) {
	if from == to {
		t.copied(i, from)
		return
	}
	t.segments = append(t.segments, segment{uint32(len(t.buf)), uint32(i), uint32(i + from)})
}

// Span returns the bytes of the original that the bytes [start, end) of the folded text come
// from. Both ends lie on borders of runes in the original, outwards of the runes that the span
// touches; of a run of which one letter was made, the whole run. An empty span gives an empty one.
func (t *Text) Span(start, end int) (from, to int) {
	start, end = max(start, 0), min(end, len(t.buf))
	if start >= end {
		return 0, 0
	}
	if t.opts&closely != 0 {
		return int(t.letters[t.letter(start, false)].Start), int(t.letters[t.letter(end-1, false)].End)
	}
	from, _, _ = t.origin(start)
	_, to, _ = t.origin(end - 1)
	return from, to
}

// origin returns the rune of the original that the byte at place f of the folded text comes from, and
// where in the folded text that rune begins.
func (t *Text) origin(f int) (from, to, at int) {
	lo, hi := 0, len(t.segments) // the segment sought is in [lo, hi)
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) >> 1); int(t.segments[mid].folded) <= f {
			lo = mid
		} else {
			hi = mid
		}
	}
	s := t.segments[lo]
	next := len(t.buf)
	if lo+1 < len(t.segments) {
		next = int(t.segments[lo+1].folded)
	}
	if next-int(s.folded) != int(s.end-s.start) {
		return int(s.start), int(s.end), int(s.folded)
	}
	from = int(s.start) + f - int(s.folded)
	for from > int(s.start) && !utf8.RuneStart(t.src[from]) {
		from--
	}
	_, n := utf8.DecodeRuneInString(t.src[from:])
	return from, from + n, int(s.folded) + from - int(s.start)
}

// Letter is one letter of the folded text: the one at byte At comes from the bytes [Start, End) of
// the original, which are one letter, or a run without anything visible between. Letters of one At
// are a run with something between ("c a a s"). Part is which of the letters that the rune at Start is
// read as comes first: of ﬁ, the f is 0 and the i is 1.
type Letter struct{ At, Start, End, Part uint32 }

// Letters adds the letters of the bytes [start, end) of the folded text to dst, in their order.
func (t *Text) Letters(dst []Letter, start, end int) []Letter {
	start, end = max(start, 0), min(end, len(t.buf))
	if start >= end {
		return dst
	}
	if t.opts&closely != 0 {
		return append(dst, t.letters[t.letter(start, false):t.letter(end-1, true)+1]...)
	}
	for at := start; at < end; {
		from, to, first := t.origin(at)
		dst = append(dst, Letter{uint32(at), uint32(from), uint32(to), uint32(utf8.RuneCount(t.buf[first:at]))})
		_, n := utf8.DecodeRune(t.buf[at:])
		at += n
	}
	return dst
}

// letter returns the number of the first, or the last, letter that the byte at place f of the folded
// text is part of.
func (t *Text) letter(f int, last bool) int {
	lo, hi := 0, len(t.letters)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); int(t.letters[mid].At) <= f {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	lo--
	for !last && lo > 0 && t.letters[lo-1].At == t.letters[lo].At {
		lo--
	}
	return lo
}

// String folds one text, such as a word of a list, and returns it.
func String(s string, o Options) string {
	var t Text
	t.Fold(s, o)
	return string(t.buf)
}
