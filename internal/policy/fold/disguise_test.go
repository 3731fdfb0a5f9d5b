package fold

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// everything is all options.
const everything = Width | Case | Invisible | Lookalike | Spacing | Leet | Repeats

func TestDisguisesFold(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		opts     Options
		want     string
	}{
		{"Cyrillic and Greek letters of Latin shape", "cаsіnо ΒΟΝΥЅ казино КАЗИHО", Lookalike, "casino BONYS kaзиho KAЗИHO"},
		{"both cases of them are one", "в н к м т г В Н К М Т Г", Lookalike | Case, "b h k m t r b h k m t r"},
		{"mathematical and enclosed letters", "𝐜𝒶𝔰𝖎𝚗𝟎 ⓒⓐⓢⓘⓝⓞ 🅲🅰🅢 ⒜ ⑴", Lookalike | Case, "casin0 casino cas a 1"},
		{"regional indicators but no flags", "🇨🇦🇸🇮🇳🇴 🇺🇸 🇨 🇦", Lookalike | Case, "casino 🇺🇸 c a"},
		{"small capitals and strokes", "ᴄᴀꜱɪɴᴏ đøł ʙꜰʜ", Lookalike, "casino dol bfh"},
		{"full width without the option", "ＡＢｃ１", Lookalike, "ABc1"},
		{"accents, as one rune or two", "ċàšïñö c\u0327a\u0301", Lookalike, "casino ca"},
		{"marks over one another", "c\u0338\u0336a\u0489b\u20dd", Lookalike, "cab"},
		{"letters with marks that are letters of their own", "йёїўѓќ и\u0306е\u0308 І\u0308", Lookalike, "йёїўѓќ йё Ї"},
		{"and those that are not", "ѝӥӧ и\u0301и\u0308", Lookalike, "ииo ии"},
		{"Arabic without tatweel, harakat and forms", "قـمـار قِمَار ﻗﻤﺎﺭ أإآٱ یىک", Lookalike, "قمار قمار قمار اااا ييك"},
		{"digits of all scripts", "٠١٢ ۳۴۵ ५६ ๗๘ ９", Lookalike, "012 345 56 78 9"},
		{"vowel signs stay", "กำไร ไพ่ हिन्दी ខ្មែរ བོད་ か\u3099", Lookalike, "กำไร ไพ่ हिन्दी ខ្មែរ བོད་ か\u3099"},
		{"nothing of East Asia is Latin", "千山万水几乙口ニー丨〇ㄥ工人ㅣㅇ", everything, "千山万水几乙口ニー丨〇ㄥ工人ㅣㅇ"},
		{"signs are not letters", "2×3 № ™ ½ ∞", Lookalike, "2×3 № ™ ½ ∞"},
		{"spaces, punctuation, symbols, emoji", "c a.s-i_n*o🔥!", Spacing, "casino"},
		{"half-width kana keep their voice", "ｶﾞ ガ", Width | Spacing, "カ\u3099ガ"},
		{"digits and signs for letters", "c4$!n0 €ur0 pa$$", Leet, "casino euro pass"},
		{"Cyrillic ones", "к@3ин0 ч6", Leet, "кaeинo ab"},
		{"a sign of a sentence is none", "hello! +7 taxi! 5$ a+b", Leet, "heiio! +t taxi! ss atb"},
		{"what stands between all letters is no letter", "c!a!s!i!n!o s|e|x b@n@n@", Leet | Spacing, "casinosexbanana"},
		{"signs that stand alone among letters", "c @ s ! n 0, free $ money", Leet | Spacing, "casinofreemoney"},
		{"runs", "caaasino  赌赌博 book", Repeats, "casino 赌博 bok"},
		{"a letter at the end of one word and the beginning of the next", "topic casino", Repeats | Spacing, "topiccasino"},
		{"runs of letters that stand alone", "c a a s", Repeats | Spacing, "cas"},
		{"all at once", "с.4.ｓ.ⅰ.n.0", everything, "casino"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := String(tc.in, tc.opts); got != tc.want {
				t.Errorf("%q folds to %q, want %q", tc.in, got, tc.want)
			}
			check(t, tc.in, tc.opts)
		})
	}
}

func TestNothingOfEastAsiaBecomesLatin(t *testing.T) {
	for r := rune(0x80); r <= 0x3FFFF; r++ {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi) &&
			(r < 0x2E80 || r > 0xA4CF) && (r < 0x1F200 || r > 0x1F2FF) {
			continue
		}
		for _, o := range []Options{Lookalike, Lookalike | Default, everything &^ Spacing} {
			for _, f := range String(string(r), o) {
				if f < utf8.RuneSelf && r != 0x3000 || unicode.In(f, unicode.Latin, unicode.Cyrillic, unicode.Greek) {
					t.Errorf("options %b: %U became %q", o, r, f)
				}
			}
		}
	}
}

// Scripts that are read as such have no Latin letters in them; their digits become ASCII ones.
func TestOtherScriptsStayWhatTheyAre(t *testing.T) {
	tables := []*unicode.RangeTable{
		unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Georgian, unicode.Ethiopic, unicode.Mongolian, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
		unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	}
	for r := rune(0x80); r <= 0x1FFFF; r++ {
		if !unicode.In(r, tables...) {
			continue
		}
		for _, f := range String(string(r), Lookalike|Default) {
			if unicode.In(f, unicode.Latin, unicode.Cyrillic, unicode.Greek) || f < utf8.RuneSelf && unicode.IsDigit(f) != unicode.IsDigit(r) {
				t.Errorf("%U became %q", r, f)
			}
		}
	}
}

func TestVowelSignsStay(t *testing.T) {
	tables := []*unicode.RangeTable{
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	}
	for r := rune(0x80); r <= 0x1FFFF; r++ {
		if unicode.In(r, tables...) && unicode.IsMark(r) && String(string(r), everything&^Invisible) != string(r) {
			t.Errorf("%U became %q", r, String(string(r), everything))
		}
	}
}

// The letters of one alphabet stay apart, or its words would become others.
func TestLettersOfOneAlphabetStayApart(t *testing.T) {
	for _, alphabet := range []string{"абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџѓќѕ", "abcdefghijklmnopqrstuvwxyz0123456789", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "אבגדהוזחטיכךלמםנןסעפףצץקרשת"} {
		seen := map[string]rune{}
		for _, r := range alphabet {
			f := String(string(r), Lookalike|Default)
			if first, twice := seen[f]; twice {
				t.Errorf("%c and %c are both %q", first, r, f)
			}
			seen[f] = r
		}
	}
}

func TestCasesOfALetterLookAlike(t *testing.T) {
	for r := rune(0x80); r <= 0x1FFFF; r++ {
		lower := unicode.ToLower(r)
		if lower == r || unicode.ToUpper(lower) != r || unicode.In(r, unicode.Greek, unicode.Cherokee) || unicode.Is(unicode.So, r) {
			continue
		}
		if a, b := String(string(r), Lookalike|Case), String(string(lower), Lookalike|Case); a != b {
			t.Errorf("%c folds to %q and %c to %q", r, a, lower, b)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	piece := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9@$!|+ .]{0,12}`),
		rapid.SampledFrom([]string{"赌博", "ＡＢ", "\u200b", "ß", "ﬃ", "е\u0308", "🇺🇸", "c!a!s!i", "казино", "ﾊﾟ", "\xff", "\u0345", "ا\u0654", "İ", "fﬁi", "⑿㉑"}))
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		o := Options(rapid.IntRange(0, int(everything)).Draw(t, "options"))
		check(t, s, o)
		same(t, s, o)
	})
}

// same wants a folded text to fold to itself. It does not where options look at neighbours that are
// others the second time: a sign beside a letter, equal letters on both sides of a gap, two flags
// with something invisible between.
func same(t interface{ Fatalf(string, ...any) }, s string, o Options) {
	if o&Leet != 0 && o&Spacing == 0 || o&Repeats != 0 && o&Spacing != 0 || strings.ContainsFunc(s, regional) {
		return
	}
	once := String(s, o)
	if twice := String(once, o); twice != once {
		t.Fatalf("options %b: %+q folds to %+q, and that to %+q", o, s, once, twice)
	}
}

// checkLetters wants the letters of the whole text to be in order, to begin on borders of runes of the
// original, and to be all of the folded text.
func checkLetters(t interface{ Fatalf(string, ...any) }, x *Text) {
	last := Letter{}
	at := 0
	for i, l := range x.Letters(nil, 0, len(x.Bytes())) {
		if l.Start >= l.End || int(l.End) > len(x.Source()) || !utf8.RuneStart(x.Source()[l.Start]) && utf8.ValidString(x.Source()) ||
			l.Start < last.Start || i > 0 && l.At < last.At || int(l.At) > at {
			t.Fatalf("%+q: letter %d of %+q is %v after %v", x.Source(), i, x.Bytes(), l, last)
		}
		r, _ := utf8.DecodeRune(x.Bytes()[l.At:])
		if as := ReadPart(x.Source(), int(l.Start), int(l.Part), x.opts).As; as != r && x.opts&Leet == 0 {
			t.Fatalf("%+q: letter %d of %+q is %q, and is read as %q", x.Source(), i, x.Bytes(), r, as)
		}
		if i == 0 || l.At != last.At {
			_, n := utf8.DecodeRune(x.Bytes()[l.At:])
			at += n
		}
		last = l
	}
	if at != len(x.Bytes()) {
		t.Fatalf("%+q: the letters of %+q end at byte %d", x.Source(), x.Bytes(), at)
	}
}
