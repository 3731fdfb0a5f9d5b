package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// byHand is what neither the parts nor Unicode's table say, or say otherwise than readers: small
// Cyrillic letters that look like small capitals, stylised Greek ones, Persian and Urdu forms of
// Arabic letters. An empty string leaves the rune alone.
var byHand = map[rune]string{
	'в': "b", 'В': "B", 'к': "k", 'К': "K", 'м': "m", 'М': "M", 'н': "h", 'Н': "H", 'т': "t", 'Т': "T",
	'г': "r", 'Г': "R", 'І': "I", 'Ӏ': "I", 'ӏ': "i",
	'б': "", 'Б': "", 'з': "", 'З': "", 'ч': "", 'Ч': "", 'ь': "", 'Ь': "", 'ш': "", 'Ш': "", 'ы': "", 'Ы': "",
	'ю': "", 'Ю': "", 'ћ': "", 'Ћ': "", 'џ': "", 'Џ': "", 'ѣ': "", 'Ѣ': "", 'ҍ': "", 'Ҍ': "",
	'β': "b", 'ε': "e", 'κ': "k", 'τ': "t", 'χ': "x", 'μ': "u", 'ω': "w", 'Ι': "I", 'θ': "", 'Θ': "", 'ϑ': "", 'ϴ': "",
	'ς': "", 'ϲ': "c", 'Ϲ': "C", 'ı': "i", 'ẞ': "", 'ß': "",
	'\u0671': "\u0627", '\u0649': "\u064a", '\u06cc': "\u064a", '\u06a9': "\u0643", '\u06aa': "\u0643",
	'\u06c1': "\u0647", '\u06be': "\u0647", '\u06d5': "\u0647",
	'🅰': "A", '🅱': "B", '🅾': "O", '🅿': "P",
}

// kept are letters of their own although they can be taken apart into a letter and a mark.
var kept = runeSet("йёїўѓќЙЁЇЎЃЌ")

func runeSet(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}

// lookScripts are the scripts whose letters people take for Latin ones. Those of scripts that are
// read as such, as Arabic, Hebrew, Thai and those of India, are not among them, whatever their
// shape; Han, kana, hangul and bopomofo never are.
func lookScripts() []*unicode.RangeTable {
	return []*unicode.RangeTable{
		unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Coptic, unicode.Cherokee, unicode.Lisu,
		unicode.Canadian_Aboriginal, unicode.Deseret, unicode.Tifinagh, unicode.Gothic, unicode.Old_Italic, unicode.Lycian,
		unicode.Carian, unicode.Lydian, unicode.Runic, unicode.Elbasan, unicode.Osage, unicode.Warang_Citi, unicode.Miao,
		unicode.Common,
	}
}

// ideographic tells whether a rune belongs to the writing of East Asia, in which nothing is Latin but
// the full-width forms.
func ideographic(r rune) bool {
	switch {
	case r >= 0xFF10 && r <= 0xFF19, r >= 0xFF21 && r <= 0xFF3A, r >= 0xFF41 && r <= 0xFF5A:
		return false
	case r >= 0x2E80 && r <= 0xA4CF, r >= 0xA960 && r <= 0xA97F, r >= 0xAC00 && r <= 0xD7FF, r >= 0xF900 && r <= 0xFAFF,
		r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFFEF, r >= 0x1AFF0 && r <= 0x1B2FF, r >= 0x1F200 && r <= 0x1F2FF:
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi)
}

// loose tells whether a rune is a mark that a reader can leave out: one that stands on letters of
// any script, or on Cyrillic, Arabic or Hebrew ones. Vowel signs of other scripts are letters to
// their readers, and the voiced marks of kana too. The Arabic tatweel only makes words longer.
func loose(r rune) bool {
	switch {
	case r == 0x0640, r >= 0x0300 && r <= 0x036F, r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF,
		r >= 0x20D0 && r <= 0x20FF, r >= 0xFE20 && r <= 0xFE2F:
		return true
	case r >= 0x064B && r <= 0x065F || r == 0x0670 || unicode.In(r, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew):
		return unicode.In(r, unicode.Mn, unicode.Me)
	}
	return false
}

// composing tells whether a loose mark behind the rune may make a kept letter of it.
func composing(r rune) bool {
	for k := range kept {
		if d := []rune(norm.NFD.String(string(k))); d[0] == r {
			return true
		}
	}
	return false
}

// gap tells whether a rune can stand between letters without being one.
func gap(r rune) bool {
	if r == 0x309B || r == 0x309C { // the voiced marks of half-width kana
		return false
	}
	return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Zs, r)
}

// ownScript returns the plain form of an Arabic or Hebrew letter: without marks, and not one of the
// forms that depend on the letter's place.
func ownScript(r rune) string {
	s := withoutMarks(norm.NFKD.String(string(r)))
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	if s == string(r) || strings.ContainsFunc(s, notLetter) || len([]rune(s)) > 4 {
		return ""
	}
	var b strings.Builder
	for _, x := range s {
		if plain := byHand[x]; plain != "" {
			b.WriteString(plain)
		} else {
			b.WriteRune(x)
		}
	}
	return b.String()
}

func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if loose(r) {
			return -1
		}
		return r
	}, s)
}

func basicCyrillic(r rune) bool { return r >= 0x0400 && r <= 0x045F }
