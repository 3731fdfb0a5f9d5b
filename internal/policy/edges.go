package policy

import (
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
)

// edges is how a stretch of an original text ends, and what stands beside it. A folded text without
// gaps has no borders, so that they are judged in the original; what the options hide is not there,
// and what looks like a letter is one.
type edges struct {
	first, last   rune // as which its ends read
	before, after rune // the letters beside it; 0: none
	cut           bool // it begins or ends within what is read as several letters
}

// edgesOf returns those of the letters that are looked at.
func (v *verifier) edgesOf(at span, first, last rune) edges {
	e := edges{first: first, last: last}
	if part := int(v.letters[0].Part); part > 0 {
		e.before, e.cut = fold.ReadPart(v.s, at.start, part-1, v.o).As, true
	} else {
		e.before = letterBefore(v.s[:at.start], v.o)
	}
	end := v.letters[len(v.letters)-1]
	if _, n := utf8.DecodeLastRuneInString(v.s[:at.end]); at.end-n > int(end.Start) { // the end of a run
		end.Start, end.Part = uint32(at.end-n), 0 //nolint:gosec // a place in a text
	}
	r := readLetter(v.s, v.o, end)
	for ok := true; ok; {
		_, _, ok = r.next()
	}
	if e.after = r.leftover(); e.after != 0 {
		e.cut = true
	} else {
		e.after = letterAfter(v.s[at.end:], v.o)
	}
	return e
}

// free tells whether both ends are borders of words.
func (e *edges) free() bool {
	return !(joins(e.first) && joins(e.before)) && !(joins(e.last) && joins(e.after))
}

// alone tells whether no letter stands beside it.
func (e *edges) alone() bool { return e.before == 0 && e.after == 0 }

// held tells whether a letter stands beside both ends.
func (e *edges) held() bool { return e.before != 0 && e.after != 0 }

// allows tells whether a word may count that stands there.
func (v *verifier) allows(b border, at span) bool {
	switch b {
	case anywhere:
		return true
	case whole:
		return !v.edges.cut && letterless(v.s[:at.start], v.o) && letterless(v.s[at.end:], v.o)
	}
	return v.edges.free()
}

// letterless tells whether a reader of words sees nothing in s.
func letterless(s string, o fold.Options) bool {
	for i := 0; i < len(s); {
		st := fold.Read(s, i, o)
		if st.Kind == fold.Char {
			return false
		}
		i += st.Size
	}
	return true
}

// letterBefore returns the letter at the end of s as it is read; 0 when s does not end in one.
func letterBefore(s string, o fold.Options) rune {
	for len(s) > 0 {
		r, n := utf8.DecodeLastRuneInString(s)
		st := fold.Read(s, len(s)-n, o)
		if st.Kind == fold.Char && !unicode.IsMark(r) {
			return st.As
		}
		if st.Kind == fold.Sign || st.Kind == fold.Space {
			return 0
		}
		s = s[:len(s)-n]
	}
	return 0
}

// letterAfter returns the letter at the beginning of s as it is read; 0 when s does not begin with one.
func letterAfter(s string, o fold.Options) rune {
	for i := 0; i < len(s); {
		r, _ := utf8.DecodeRuneInString(s[i:])
		st := fold.Read(s, i, o)
		if st.Kind == fold.Char && !unicode.IsMark(r) {
			return st.As
		}
		if st.Kind == fold.Sign || st.Kind == fold.Space {
			return 0
		}
		i += st.Size
	}
	return 0
}
