package policy

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"pgregory.net/rapid"
)

// FuzzWordAndText wants no text to break what looks for words, whatever the words are, all that is
// found to lie in the text, on borders of runes, and each word to find itself.
func FuzzWordAndText(f *testing.F) {
	for _, s := range [][3]string{
		{"₨", "casino", "Rs 500"}, {"ﻻ", "لا", "ﻻلا"}, {"ﬁn", "fin", "ﬁﬁn"}, {"Ⅳxyz", "IV", "IVxyz"}, {"straße", "ss", "STRASSE"}, {"w w w", "a a", "a a a"},
		{"18+", "🔥 sale", "«18++»"}, {"fﬁi", "⑿㉑", "⑿㉑⑿"}, {"αΒ", "νίκη", "ΝΊΚΗ\xff"}, {"c!a!s!i!n!o", "$ale", "c!a!s!i!n!o $ale"}, {"и\u0306", "🇨🇦", "🇨🇦🇸й"},
	} {
		f.Add(s[0], s[1], s[2], uint16(1<<7-1), uint8(0))
		f.Add(s[0], "", s[2], uint16(fold.Lookalike), uint8(1))
	}
	f.Fuzz(func(t *testing.T, first, second, text string, options uint16, where uint8) {
		words := []string{first, second}
		if second == "" {
			words = words[:1]
		}
		through := throughOf(fold.Options(options))
		match := []string{"word", "anywhere", "whole"}[where%3]
		if rules := wordRules(words, through, match); rules != nil {
			for _, s := range []string{text, first + text, text + second, first + " " + second} {
				inText(t, rules, s)
			}
		}
		for _, w := range words {
			if rules := wordRules([]string{w}, through, "anywhere"); rules != nil && len(inText(t, rules, w)) == 0 {
				t.Fatalf("%+q does not find itself through %s", w, through)
			}
		}
	})
}

// wordRules returns rules that look for the words; nil when they are refused.
func wordRules(words []string, through, match string) *Rules {
	var values []string
	for _, w := range words {
		if !utf8.ValidString(w) {
			return nil
		}
		values = append(values, fmt.Sprintf("%q", w))
	}
	rules, _ := Load(Source{Name: "rules.yaml", Data: []byte(fmt.Sprintf(
		"version: 1\nrules:\n  - {id: r, on: message, when: {text: {has_any: [%s], see_through: %s, match: %s}}, then: [alert: {}]}\n", strings.Join(values, ", "), through, match))}, testNow)
	return rules
}

// inText returns what was found in a text, and wants it to be there.
func inText(t *testing.T, rules *Rules, s string) []span {
	t.Helper()
	x := rules.Examine(message(s))
	defer x.Release()
	found := rules.rules[0].when.spans(x, nil)
	border := map[int]bool{len(s): true}
	for i := range s {
		border[i] = true
	}
	for _, at := range found {
		if at.start >= at.end || !border[at.start] || !border[at.end] {
			t.Fatalf("in %+q %v was found, which is not on borders of runes", s, at)
		}
	}
	return found
}

func TestWordsFindThemselves(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "a", "s", "i", "l", "I", "B", "1", "1", "2", "88", " ", " ", "  ", ".", "!", "|", "+", "$", "@", "'", ", ", "…", "-", "赌", "博", "к", "е", "\u0308", "О",
		"\u0301", "\u200b", "α", "Β", "Σ", "ς", "ﬁ", "ﬀ", "ﬃ", "ß", "⑿", "㉑", "₨", "Ⅲ", "ﻻ", "ل", "ا", "🇨", "🇦", "🔥", "İ", "ŉ", "ǰ", "ᾷ", "도", "ก", "ำ", "か\u3099", "𝐜", "½"})
	rapid.Check(t, func(t *rapid.T) {
		w := strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "word"), "")
		through := throughOf(fold.Options(rapid.IntRange(0, 1<<7-1).Draw(t, "options")))
		rules := wordRules([]string{w}, through, "anywhere")
		if rules == nil {
			return
		}
		x := rules.Examine(message(w))
		defer x.Release()
		if rules.rules[0].when.holds(x) != yes {
			t.Fatalf("%+q does not find itself through %s", w, through)
		}
	})
}
