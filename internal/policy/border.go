package policy

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// border says where in the text a word counts.
type border uint8

const (
	atWords  border = iota // between the borders of words, where the script has them
	anywhere               // also inside of other words
	whole                  // when the text is nothing else
)

func borderOf(name string) border {
	switch name {
	case "anywhere":
		return anywhere
	case "whole":
		return whole
	}
	return atWords
}

// allows tells whether a word may count that stands at [start, end) of the text.
func (b border) allows(text []byte, start, end int) bool {
	switch b {
	case anywhere:
		return true
	case whole:
		blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }
		word := bytes.TrimFunc(text[start:end], blank)
		return len(bytes.TrimFunc(text[:start], blank)) == 0 && len(bytes.TrimFunc(text[end:], blank)) == 0 &&
			(len(word) > 0 || start == 0 && end == len(text))
	}
	first, _ := utf8.DecodeRune(text[start:end])
	last, before := lastBase(text[start:end]), lastBase(text[:start])
	after := firstBase(text[end:])
	return !(joins(first) && joins(before)) && !(joins(last) && joins(after))
}

// joins tells whether the rune runs on into a neighbour that does as well: a letter or digit of a
// script that parts words by spaces.
func joins(r rune) bool { return match.Letter(r) && !match.Spaceless(r) }

// lastBase returns the last rune that is not a mark on the rune before; 0 when there is none.
func lastBase(text []byte) rune {
	for len(text) > 0 {
		r, n := utf8.DecodeLastRune(text)
		if r < utf8.RuneSelf || !unicode.IsMark(r) {
			return r
		}
		text = text[:len(text)-n]
	}
	return 0
}

// firstBase returns the first rune that is not a mark on the rune before; 0 when there is none.
func firstBase(text []byte) rune {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r < utf8.RuneSelf || !unicode.IsMark(r) {
			return r
		}
		text = text[n:]
	}
	return 0
}

// allowsIn tells whether a word may count that stands at [start, end) of an original text, and as
// which letters its ends read. A folded text without gaps has no borders, so that they are judged in
// the original; what the options hide is not there, and what looks like a letter is one.
func (b border) allowsIn(s string, start, end int, first, last rune, o fold.Options) bool {
	switch b {
	case anywhere:
		return true
	case whole:
		return letterless(s[:start], o) && letterless(s[end:], o)
	}
	return !(joins(first) && joins(letterBefore(s[:start], o))) && !(joins(last) && joins(letterAfter(s[end:], o)))
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
