package fold

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/width"
	"pgregory.net/rapid"
)

// oracle folds by golang.org/x/text, step by step.
func oracle(s string, o Options) string {
	s = string([]rune(s)) // each bad byte becomes U+FFFD
	if o&Invisible != 0 {
		s = strings.Map(dropInvisible, s)
	}
	if o&Width != 0 {
		s = width.Fold.String(s)
	}
	if o&Invisible != 0 {
		s = strings.Map(dropInvisible, s)
	}
	if o&Case != 0 {
		s = cases.Fold().String(s)
	}
	return s
}

func dropInvisible(r rune) rune {
	if !unicode.IsSpace(r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) &&
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}

func needsSameUnicode(t testing.TB) {
	t.Helper()
	for _, v := range []string{unicode.Version, width.UnicodeVersion, cases.UnicodeVersion} {
		if v != tableVersion {
			t.Skipf("the table is of Unicode %s and the oracle of %s: run go generate", tableVersion, v)
		}
	}
}

func TestEveryRuneFoldsAsTheOracleDoes(t *testing.T) {
	needsSameUnicode(t)
	for _, o := range []Options{Default, Case, Width | Invisible} {
		for r := rune(0); r <= 0xE1000; r++ {
			if r == 0x20000 {
				r = 0xE0000 // between them are ideographs and nothing
			}
			if !utf8.ValidRune(r) || unicode.Is(unicode.Cherokee, r) { // the oracle swaps Cherokee letters
				continue
			}
			if got, want := String(string(r), o), oracle(string(r), o); got != want {
				t.Fatalf("options %b: %U folds to %+q, want %+q", o, r, got, want)
			}
		}
	}
}

func TestOrbitsFoldTogether(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if next := unicode.SimpleFold(r); next != r && String(string(r), Case) != String(string(next), Case) {
			t.Errorf("%U and %U are the same letter to a regex, and fold to %+q and %+q",
				r, next, String(string(r), Case), String(string(next), Case))
		}
	}
}

func TestScriptsStayApart(t *testing.T) {
	for r := rune(0x2E80); r <= 0xFFEF; r++ {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			continue
		}
		for _, f := range String(string(r), Default) {
			if f < utf8.RuneSelf || unicode.Is(unicode.Latin, f) {
				t.Errorf("%U became the Latin %q", r, f)
			}
		}
	}
}

func TestFoldAndSpan(t *testing.T) {
	for _, tc := range []struct{ name, in, folded, find, original string }{
		{"ASCII in blocks of eight", "Hello, WORLD and ALL the rest", "hello, world and all the rest", "world", "WORLD"},
		{"full width", "看ＣＡＳＩＮＯ吧", "看casino吧", "casino", "ＣＡＳＩＮＯ"},
		{"invisible inside of a word", "каз\u200bи\u2060но", "казино", "казино", "каз\u200bи\u2060но"},
		{"invisible around a word", "\u200bab\u200b c", "ab c", "ab", "ab"},
		{"a rune that becomes two", "STRAẞE Weg", "strasse weg", "asse", "AẞE"},
		{"half of such a rune", "STRAẞE", "strasse", "as", "Aẞ"},
		{"same length, two runes for one", "straße", "strasse", "sse", "ße"},
		{"bad bytes", "a\xffB\xc3", "a\ufffdb\ufffd", "b", "B"},
		{"controls go and white space stays", "a\x00b\tc\nd\x7fe\x01fgh", "ab\tc\ndefgh", "ab\tc\ndefgh", "a\x00b\tc\nd\x7fe\x01fgh"},
		{"half-width kana", "ｶｼﾞﾉ", "カシ゛ノ", "ノ", "ﾉ"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var x Text
			x.Fold(tc.in, Default)
			if tc.name != "half-width kana" && string(x.Bytes()) != tc.folded {
				t.Fatalf("folded %+q, want %+q", x.Bytes(), tc.folded)
			}
			i := strings.Index(string(x.Bytes()), tc.find)
			if i < 0 {
				t.Fatalf("%+q is not in %+q", tc.find, x.Bytes())
			}
			from, to := x.Span(i, i+len(tc.find))
			if got := tc.in[from:to]; got != tc.original {
				t.Errorf("%q stands for %+q, want %+q", tc.find, got, tc.original)
			}
		})
	}
}

func TestEmptySpans(t *testing.T) {
	var x Text
	x.Fold("\u200b", Default)
	for _, s := range [][2]int{{0, 0}, {0, 5}, {-1, 3}, {2, 1}} {
		if from, to := x.Span(s[0], s[1]); from != 0 || to != 0 {
			t.Errorf("span %v of an empty text is %d to %d", s, from, to)
		}
	}
}

func TestFoldAllocatesNothing(t *testing.T) {
	var x Text
	in := strings.Repeat("Free CASINO ｂｏｎｕｓ 来赌博吧 \u200bказИно straße ", 8)
	for _, o := range []Options{Default, Default | Lookalike, everything} {
		x.Fold(in, o)
		if n := testing.AllocsPerRun(100, func() { x.Fold(in, o) }); n != 0 {
			t.Errorf("options %b: folding into a grown buffer allocates %v times", o, n)
		}
	}
}

// check tells what is wrong with the folding of s and the way back.
func check(t interface{ Fatalf(string, ...any) }, s string, o Options) {
	var x Text
	x.Fold(s, o)
	folded := string(x.Bytes())
	if !utf8.ValidString(folded) {
		t.Fatalf("%+q folds to %+q, which is not UTF-8", s, folded)
	}
	border := map[int]bool{len(s): true}
	for i := range s {
		border[i] = true
	}
	last := 0
	for i, r := range folded {
		from, to := x.Span(i, i+utf8.RuneLen(r))
		if !border[from] || !border[to] || from >= to || from < last {
			t.Fatalf("%+q: rune %d of %+q stands for %d to %d", s, i, folded, from, to)
		}
		last = from
		if o&Leet == 0 && !strings.ContainsFunc(s, regional) && !strings.ContainsRune(String(s[from:to], o), r) {
			t.Fatalf("%+q: %q does not come from %+q", s, r, s[from:to])
		}
	}
	checkLetters(t, &x)
	if i, j := len(folded)/3, len(folded)*2/3; i < j { // within runes as well
		if from, to := x.Span(i, j); !border[from] || !border[to] {
			t.Fatalf("%+q: bytes %d to %d stand for %d to %d, inside of a rune", s, i, j, from, to)
		}
	}
}

func TestTextsFoldAsTheOracleDoes(t *testing.T) {
	needsSameUnicode(t)
	piece := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z ]{0,20}`),
		rapid.SampledFrom([]string{"赌博", "ＡＢ", "\u200b", "ß", "ﬃ", "ſ", "ﾊﾟ", "\xff\xc0", "İ", "\u0345"}))
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		o := Options(rapid.IntRange(0, int(Default)).Draw(t, "options"))
		if got, want := String(s, o), oracle(s, o); got != want && !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cherokee, r) }) {
			t.Fatalf("%+q folds to %+q, want %+q", s, got, want)
		}
		check(t, s, o)
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{
		"", "Hello World ABC", "ＡＢＣ\u200b赌博", "\xff\xfeß", "ﬃ\u0301", "STRAẞE\x00\x7f\t", "с.4.ｓ.ⅰ.n.0", "c!a!s!i!n!o|a|b", "и\u0306е\u0308", "🇨🇦🇸 🇺🇸",
		"c a a  s $ @ + b", "topic casino ccc asino", "قـمـار ﻗ",
	} {
		f.Add(s, uint16(Default))
		f.Add(s, uint16(everything))
	}
	f.Fuzz(func(t *testing.T, s string, o uint16) {
		check(t, s, Options(o)&everything)
		same(t, s, Options(o)&everything)
	})
}

func BenchmarkFold(b *testing.B) {
	for name, in := range map[string]string{
		"english": "hey are we still meeting at the usual place tomorrow? I can bring the documents",
		"chinese": "明天下午三点我们在老地方见面吧记得带上文件和钥匙谢谢大家的支持",
		"evasive": "Сдeлaй ｆｒｅｅ cаsino\u200b b\u2060onus рrямо сейчас",
	} {
		b.Run(name, func(b *testing.B) {
			var x Text
			b.ReportAllocs()
			for b.Loop() {
				x.Fold(in, Default)
			}
		})
		b.Run(name+"/everything", func(b *testing.B) {
			var x Text
			b.ReportAllocs()
			for b.Loop() {
				x.Fold(in, everything)
			}
		})
	}
}
