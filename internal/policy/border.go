package policy

import (
	"bytes"
	"unicode"
	"unicode/utf8"

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
