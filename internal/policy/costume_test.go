package policy

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// costume is one way to disguise a word; it returns false for a script that has no such way.
type costume struct {
	name string
	wear func(r *rand.Rand, script, word string) (string, bool)
}

// costumes are all ways that are measured.
func costumes() []costume {
	return []costume{
		{"width", wearWidth}, {"case", wearCase}, {"invisible", wearInvisible}, {"lookalike", wearLookalike},
		{"marks", wearMarks}, {"spacing", wearSpacing}, {"leet", wearLeet}, {"repeats", wearRepeats}, {"all at once", wearAll},
	}
}

// letters makes a word up letter by letter; the first letter that change alters counts, and one
// is chosen when none was.
func letters(r *rand.Rand, word string, chance int, change func(r rune, last bool) (string, bool)) (string, bool) {
	runes := []rune(word)
	changed := false
	for try := 0; try < 20; try++ {
		var b strings.Builder
		for i, c := range runes {
			last := i+1 == len(runes) || runes[i+1] == ' '
			if s, ok := change(c, last); ok && r.IntN(100) < chance {
				b.WriteString(s)
				changed = true
			} else {
				b.WriteRune(c)
			}
		}
		if changed {
			return b.String(), true
		}
	}
	return "", false
}

func wearWidth(r *rand.Rand, _, word string) (string, bool) {
	return letters(r, word, 70, func(c rune, _ bool) (string, bool) { return string(c + 0xFEE0), c > ' ' && c < 0x7F })
}

func wearCase(r *rand.Rand, _, word string) (string, bool) {
	return letters(r, word, 50, func(c rune, _ bool) (string, bool) { return string(unicode.ToUpper(c)), unicode.ToUpper(c) != c })
}

func wearInvisible(r *rand.Rand, _, word string) (string, bool) {
	return letters(r, word, 60, func(c rune, last bool) (string, bool) {
		return string(c) + pick(r, "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\ufe0f", "\u180e", "\x00"), !last
	})
}

// shapes are letters of the same shape. Those of one letter differ in script, style and marks.
var shapes = map[rune]string{
	'a': "аα𝐚𝒶ａⓐᴀáäɑ🅐🇦Ꭺ", 'b': "ƅЬ𝐛ⓑʙƀɓ🅑в", 'c': "сϲ𝐜ⓒᴄçćⅽ🅒ꓚ", 'd': "ԁ𝐝ⓓᴅđɗⅾ🅓", 'e': "еε𝐞ⓔᴇéêë🅔ҽ", 'f': "ƒ𝐟ⓕꜰ🅕ꬵ",
	'g': "ɡ𝐠ⓖɢğ🅖ց", 'h': "һн𝐡ⓗʜħ🅗հ", 'i': "іι𝐢ⓘɪíïⅰ🅘", 'j': "ј𝐣ⓙᴊϳ🅙", 'k': "кκ𝐤ⓚᴋ🅚ƙ", 'l': "𝐥ⓛʟłⅼ🅛ℓ", 'm': "м𝐦ⓜᴍⅿ🅜",
	'n': "η𝐧ⓝɴñո🅝", 'o': "оοσ𝐨ⓞᴏóöøօ🅞", 'p': "рρ𝐩ⓟᴘ🅟ƥ", 'r': "г𝐫ⓡʀř🅡", 's': "ѕ𝐬ⓢꜱšş🅢", 't': "тτ𝐭ⓣᴛţ🅣", 'u': "υ𝐮ⓤᴜúüս🅤",
	'v': "ν𝐯ⓥᴠⅴ🅥ѵ", 'w': "ω𝐰ⓦᴡԝ🅦", 'x': "хχ𝐱ⓧⅹ🅧", 'y': "уγ𝐲ⓨʏý🅨", 'z': "𝐳ⓩᴢžƶ🅩",
	'а': "aα𝐚áɑ", 'в': "Bʙ", 'е': "eéε𝐞", 'к': "kκ𝐤", 'м': "Mᴍ", 'н': "Hʜ", 'о': "oοσ𝐨", 'р': "pρ𝐩", 'с': "cϲ𝐜ⅽ", 'т': "Tᴛτ", 'у': "y𝐲γ",
	'х': "x𝐱χ", 'и': "ѝӥ", 'г': "r", 'ы': "ӹ", 'з': "ӟ",
	'ق': "ﻗﻘ", 'م': "ﻣﻤ", 'ا': "ﺍﺎأآإٱ", 'ر': "ﺭﺮ", 'ك': "کﻛڪ", 'ي': "یىﻳ", 'ه': "ہھﻫ", 'و': "ﻭﻮ", 'ز': "ﺯ", 'ن': "ﻧﻨ", 'ب': "ﺑ",
	'ح': "ﺣ", 'س': "ﺳ", 'ج': "ﺟ", 'ل': "ﻟ", 'ص': "ﺻ", 'ت': "ﺗ", 'د': "ﺩ", 'ض': "ﺿ", 'ش': "ﺷ", 'ط': "ﻃ",
}

func wearLookalike(r *rand.Rand, _, word string) (string, bool) {
	return letters(r, word, 50, func(c rune, _ bool) (string, bool) {
		like := []rune(shapes[c])
		if len(like) == 0 {
			return "", false
		}
		return string(pick(r, like...)), true
	})
}

// wearMarks puts loose marks on letters, but none that make another letter of an alphabet.
func wearMarks(r *rand.Rand, script, word string) (string, bool) {
	return letters(r, word, 60, func(c rune, _ bool) (string, bool) {
		s := string(c)
		for range 1 + r.IntN(3) {
			if script == "arabic" {
				s += pick(r, "\u064b", "\u064e", "\u064f", "\u0650", "\u0651", "\u0652", "\u0670", "\u0640")
			} else {
				s += pick(r, "\u0302", "\u0307", "\u030a", "\u0323", "\u0332", "\u0335", "\u0336", "\u0337", "\u0338", "\u0489", "\u20d2")
			}
		}
		return s, c != ' '
	})
}

// wearSpacing puts the same gap between all letters; between the words of several, a wider one. Who
// parts two letters in Chinese text by what parts clauses there puts the same around them, or else
// nobody could tell them from the end of one clause and the beginning of another.
func wearSpacing(r *rand.Rand, script, word string) (string, bool) {
	gap := pick(r, " ", "  ", ".", "-", "_", "*", "·", "~", "🔥", "❤️", "/", "|", "\n", " . ", " - ", "\u3000")
	if script == "han" && gap == "\n" { // the sentences around it are not on lines of their own
		gap = "*"
	}
	var parts []string
	for part := range strings.FieldsSeq(word) {
		parts = append(parts, strings.Join(clusters(part), gap))
	}
	spaced := strings.Join(parts, pick(r, gap, gap+gap, gap+" "+gap))
	if script == "han" && len(clusters(word)) == 2 && strings.ContainsAny(gap, " .\u3000") {
		spaced = gap + spaced + gap
	}
	return spaced, true
}

// clusters parts a word into its letters, each with the marks on it and what cannot be seen behind it.
func clusters(word string) []string {
	var out []string
	for _, c := range word {
		if len(out) > 0 && (unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf, unicode.Cc) || c == 0x0640) {
			out[len(out)-1] += string(c)
		} else {
			out = append(out, string(c))
		}
	}
	return out
}

// digits are what is written for letters. A sign at a word's end is what it is: "taxi" is not "tax!".
var digits = map[rune]string{
	'a': "4@", 'b': "8", 'e': "3€", 'g': "9", 'i': "1!|", 'l': "1|", 'o': "0", 's': "5$", 't': "7+", 'z': "2", 'c': "¢", 'y': "¥",
	'а': "4@", 'б': "6", 'в': "8", 'е': "3", 'з': "3", 'о': "0", 'т': "7", 'ч': "4",
}

func wearLeet(r *rand.Rand, script, word string) (string, bool) {
	if script == "han" || script == "arabic" {
		return "", false
	}
	for {
		s, ok := letters(r, word, 60, func(c rune, last bool) (string, bool) {
			like := []rune(digits[c])
			if len(like) == 0 {
				return "", false
			}
			to := pick(r, like...)
			return string(to), !last || to != '!' && to != '+'
		})
		if !ok || readable(s) {
			return s, ok
		}
	}
}

// readable tells whether more than one letter is left: "53x" is a number to every reader.
func readable(s string) bool {
	n := 0
	for _, c := range s {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n > 1
}

func wearRepeats(r *rand.Rand, _, word string) (string, bool) {
	return letters(r, word, 50, func(c rune, _ bool) (string, bool) { return strings.Repeat(string(c), 2+r.IntN(4)), c != ' ' })
}

// wearAll wears several costumes over one another.
func wearAll(r *rand.Rand, script, word string) (string, bool) {
	s := word
	for _, wear := range []func(*rand.Rand, string, string) (string, bool){wearCase, wearLeet, wearRepeats, wearLookalike, wearMarks, wearInvisible} {
		if to, ok := wear(r, script, s); ok && r.IntN(3) > 0 {
			s = to
		}
	}
	if r.IntN(2) == 0 {
		s, _ = wearSpacing(r, script, s)
	}
	return s, true
}
