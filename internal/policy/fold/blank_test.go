package fold

import (
	"testing"

	"pgregory.net/rapid"
)

func TestBlanksAreOne(t *testing.T) {
	for _, o := range []Options{Blanks, Default | Blanks, Lookalike | Blanks, Leet | Blanks, Repeats | Blanks} {
		for in, want := range map[string]string{
			"a b": "a b", "a  b": "a b", "a\t\nb": "a b", "\r\na\u00a0 b ": " a b ", "赌\u3000\u2003博": "赌 博",
		} {
			if got := String(in, o); got != want {
				t.Errorf("%q folds to %q by %b, want %q", in, got, o, want)
			}
			check(t, in, o)
		}
	}
	if got := String("a \u200b b", Default|Blanks); got != "a b" {
		t.Errorf("with what cannot be seen between: %q", got)
	}
}

func TestRuns(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "a b c": false, "我们 今天，去。": false, "naïve “café” — ok": false, "a  b": true, "a\nb": true, "a\u00a0b": true, "a\u3000b": true,
		"a \u200b b": true, "a\u200b b": false, "ends\t": true, "a\u1680b\u2028": true,
	} {
		var x Text
		if x.Fold(in, Default); x.Runs() != want {
			t.Errorf("%q: %t", in, !want)
		}
	}
}

// A text without runs folds as it does without the option, and one with them keeps its places.
func TestBlanksChangeNothingElse(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{" ", "a", "B", "赌", "\t", "\u00a0", "\u200b", "ﬁ", "🇨🇦", "e\u0301", "и\u0306", "!"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		in := ""
		for _, p := range rapid.SliceOfN(piece, 0, 12).Draw(t, "text") {
			in += p
		}
		o := Options(rapid.IntRange(0, int(Blanks)-1).Draw(t, "options"))
		check(t, in, o|Blanks)
		var x Text
		if x.Fold(in, o); !x.Runs() && String(in, o|Blanks) != String(in, o) {
			t.Fatalf("%q by %b is taken for a text without runs", in, o)
		}
	})
}
