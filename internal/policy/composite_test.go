package policy

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
)

// A character that reads as several letters is those letters, in words and in texts.
func TestCharactersThatReadAsSeveralLetters(t *testing.T) {
	for _, tc := range []struct{ through, more, word, text, found string }{
		{"[lookalike]", "", "₨", "Rs 500 ₨", "Rs|₨"},
		{"[lookalike]", "", "ﻻ", "لا ﻻ", "لا|ﻻ"},
		{"[lookalike]", "", "ﬁn", "fin ﬁn fln", "fin|ﬁn"},
		{"[lookalike]", "", "Ⅳxyz", "IVxyz Ⅳxyz", "IVxyz|Ⅳxyz"},
		{"[lookalike]", "", "fin", "ﬁn", "ﬁn"},
		{"[case, spacing]", "", "straße", "STRASSE s t r a s s e strase", "STRASSE|s t r a s s e"},
		{"[case, spacing]", "", "ß", "ss s", "ss"},
		{everything, "", "straße", "strase straße strasssse", "straße|strasssse"},
		{everything, "", "⑿", "12 ⑿ 1 2 112", "12|⑿"},
		{everything, "", "12", "⑿", "⑿"},
		{everything, "", "oﬃce", "office oﬃce 0ff1ce ofice o.ﬃ.c.e", "office|oﬃce|0ff1ce|o.ﬃ.c.e"},
		{everything, "", "ﬁi", "fii ﬁi fi", "fii|ﬁi"},
		{everything, "", "fﬁ", "ffi ﬃ fi ﬁ", "ffi|ﬃ"},
		// within such a character there is no border of words
		{"[lookalike]", "", "in", "ﬁn", ""},
		{"[lookalike]", "", "of", "oﬃ", ""},
		{everything, "", "in", "ﬁn", ""},
		{everything, "", "of", "oﬁ", ""},
		{everything, ", match: anywhere", "in", "ﬁn", "ﬁn"},
		{everything, ", match: anywhere", "of", "oﬁ", "oﬁ"},
		{everything, ", match: whole", "in", "ﬁn", ""},
		{everything, ", match: whole", "ﬁn", " fin!", "fin"},
	} {
		if got := strings.Join(foundIn(hunting(t, tc.through, tc.more, tc.word), tc.text), "|"); got != tc.found {
			t.Errorf("%q in %q through %s%s: found %q, want %q", tc.word, tc.text, tc.through, tc.more, got, tc.found)
		}
	}
}

// throughOf returns the options as a rule has them.
func throughOf(o fold.Options) string {
	var names []string
	for i, name := range disguiseNames() {
		if o&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// severals returns the characters that read as several letters, with those letters.
func severals(of []rune, o fold.Options) (characters, letters []string) {
	for _, r := range of {
		if s := fold.String(string(r), o&^(fold.Spacing|fold.Leet|fold.Repeats)); utf8.RuneCountInString(s) > 1 {
			characters, letters = append(characters, string(r)), append(letters, s)
		}
	}
	return characters, letters
}

func TestEveryCharacterThatReadsAsSeveralLettersIsFound(t *testing.T) {
	var all []rune
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		if s := string(r); fold.String(s, fold.Case|fold.Width) != s || fold.String(s, fold.Lookalike) != s {
			all = append(all, r)
		}
	}
	for _, o := range []fold.Options{
		fold.Case, fold.Lookalike, fold.Lookalike | fold.Case, fold.Case | fold.Spacing, fold.Case | fold.Leet, fold.Case | fold.Repeats,
		fold.Lookalike | fold.Spacing, fold.Lookalike | fold.Leet, fold.Lookalike | fold.Repeats, 1<<len(disguiseNames()) - 1,
	} {
		characters, letters := severals(all, o)
		if len(characters) < 100 {
			t.Errorf("through %s only %d characters read as several letters", throughOf(o), len(characters))
		}
		for _, more := range []string{"", "xyz"} {
			file := "version: 1\nrules:\n" // a rule for each, as others may be found in the same text
			for i, c := range characters {
				file += fmt.Sprintf("  - {id: r%d, on: message, when: {text: {has_any: [%q], see_through: %s}}, then: [alert: {}]}\n", i, c+more, throughOf(o))
			}
			rules := load(t, file)
			for i, c := range characters {
				for _, text := range []string{c + more, letters[i] + more} {
					for _, around := range []string{"%s", "see %s, now"} {
						if got := foundBy(rules, i, fmt.Sprintf(around, text)); len(got) != 1 || got[0] != text {
							t.Errorf("%+q in %+q through %s: found %+q", c+more, fmt.Sprintf(around, text), throughOf(o), got)
						}
					}
				}
			}
		}
	}
}
