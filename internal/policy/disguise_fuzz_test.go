package policy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever the text is, what was found lies in it, on borders of runes, and in order.
func TestWhatIsFoundLiesInTheText(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{"casino", "c", "a", "s", "i", "n", "o", " ", ".", "!", "|", "@", "赌", "博", "к", "а", "з", "и", "н", "о", "\u0306", "\u200b",
		"\n", "ﬁ", "ß", "🇨🇦", "free", "money", "188", "1", "8", "\xff", "ق", "م", "ا", "ر"}), rapid.String())
	for _, more := range []string{"", ", match: anywhere", ", match: whole"} {
		rules := hunting(t, everything, more, "casino", "казино", "赌博", "free money", "188bet", "قمار", "fish", "straße", "аии", "188", "νίκη")
		rapid.Check(t, func(t *rapid.T) {
			s := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), "")
			x := rules.Examine(message(s))
			defer x.Release()
			for _, at := range rules.rules[0].when.spans(x, nil) {
				if at.start < 0 || at.end > len(s) || at.start >= at.end || utf8.ValidString(s) && !utf8.ValidString(s[at.start:at.end]) {
					t.Fatalf("%+q: found %v", s, at)
				}
			}
		})
	}
}

// A word that stands alone in a text is found whatever else is seen through.
func TestPlainWordsAreAlwaysFound(t *testing.T) {
	for _, s := range stocks(t) {
		for i := 0; i+40 < len(s.words); i += 40 {
			var words []string
			for _, w := range s.words[i : i+40] {
				if utf8.RuneCountInString(w) > 1 && !strings.ContainsAny(w, `"\`) {
					words = append(words, w)
				}
			}
			rules := hunting(t, everything, "", words...)
			for _, w := range words {
				if got := foundIn(rules, "1) "+w+", "); len(got) == 0 || got[0] != w {
					t.Errorf("%q: found %q", w, got)
				}
			}
		}
	}
}
