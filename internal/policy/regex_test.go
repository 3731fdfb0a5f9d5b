package policy

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/fold"
	"pgregory.net/rapid"
)

// loneRegex loads one expression for a view.
func loneRegex(t testing.TB, expression string, keys string) (*Rules, *text) {
	t.Helper()
	r := load(t, fmt.Sprintf("{version: 1, rules: [{id: r, on: message, mode: enforce, when: {text: {regex: '%s'%s}}, then: [remove: {}], ack: matches-everything}]}",
		strings.ReplaceAll(expression, "'", "''"), keys))
	return r, r.rules[0].when.of[0].(*text)
}

func TestWhatRegexesNeed(t *testing.T) {
	for expression, want := range map[string]string{
		`casino`:                         "[casino]",
		`(?:casino|赌博)\s+(bonus|gift)`:   "[casino 赌博] [bonus gift]",
		`free\s+(?:money|coins)\b.{0,9}`: "[coins money] [free]",
		`ba[rz]aar`:                      "[baraar bazaar]",
		`colou?rs`:                       "[colors colours]",
		`t\.me/[a-z0-9]+`:                "[t.me/]",
		`(abc)+d*(?:efgh)?`:              "[abc]",
		`(x|yes)no`:                      "[xno yesno]",
		`\d{6}`:                          "",
		`a*`:                             "",
		`(long|a)?`:                      "",
		`(?:longer|a)`:                   "",
		`(?:wei|薇)xin\d{4}`:              "[weixin 薇xin]",
		`.*`:                             "",
	} {
		_, c := loneRegex(t, expression, "")
		v := c.regexes[0]
		list := []string{}
		r, _ := loneRegex(t, expression, "")
		if len(v.triggers) > 0 {
			var words []string
			for _, id := range v.triggers {
				words = append(words, r.views[c.view].list[id])
			}
			list = append(list, fmt.Sprint(words))
		}
		for _, clause := range v.clauses {
			list = append(list, fmt.Sprint(clause))
		}
		if got := strings.Join(list, " "); got != want {
			t.Errorf("%s needs %s, want %s", expression, got, want)
		}
	}
}

func TestBytesThatRegexesNeed(t *testing.T) {
	for expression, tc := range map[string]struct{ runs, not string }{
		`\d{6}`:       {"call 123456", "call me"},
		`\$\s*\d+`:    {"for $ 5", "for 5"},
		`[A-F]{3}\d`:  {"abc1", "1"},
		`(?:₿|€)\s?x`: {"₿x", "$x"},
		`(\d|@)+`:     {"a@b", "a b"},
	} {
		r, c := loneRegex(t, expression, "")
		for text, want := range map[string]bool{tc.runs: true, tc.not: false} {
			x := r.Examine(message(text))
			if got := c.regexes[0].possible(x, c.view); got != want {
				t.Errorf("%s runs on %q: %t", expression, text, got)
			}
			x.Release()
		}
	}
}

// expression makes up a regex.
func expression(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{"a", "b", "ab", "Ba", "abc", "赌", "赌博", "к", "К", "ß", "ẞ", "k", "\u212a", "ſ", "s", "ss", "ｂ", "1", "12", ".", "[ab]", "[^a]", "[a-c]",
		"[A-Z]", `\d`, `\w`, `\s`, `\b`, "^", "$", "(?i)a", "(?-i)B", " ", "", `\p{Han}`, "[k赌1]", "а", "В", "[вВ]", "и", "й", "é", "e", `\x{FFFD}`})
	if depth == 0 {
		return leaf
	}
	sub := expression(depth - 1)
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(sub, 1, 4).Draw(t, "parts")
		switch rapid.SampledFrom([]string{"leaf", "all", "all", "any", "star", "plus", "quest", "repeat", "lazy"}).Draw(t, "kind") {
		case "all":
			return strings.Join(parts, "")
		case "any":
			return "(?:" + strings.Join(parts, "|") + ")"
		case "star":
			return "(?:" + parts[0] + ")*"
		case "plus":
			return "(" + parts[0] + ")+"
		case "quest":
			return "(?:" + parts[0] + ")?"
		case "repeat":
			return "(?:" + parts[0] + ")" + rapid.SampledFrom([]string{"{2}", "{1,3}", "{0,2}", "{2,}"}).Draw(t, "times")
		case "lazy":
			return "(?:" + parts[0] + ")+?"
		}
		return parts[0]
	})
}

// checkPrefilter wants a rule to match exactly where its expression, run on the folded text, does.
func checkPrefilter(t interface {
	Fatalf(string, ...any)
	Helper()
}, expression, keys, said string) {
	t.Helper()
	r, problems := Load(Source{Name: "rules.yaml", Data: fmt.Appendf(nil,
		"{version: 1, rules: [{id: r, on: message, mode: enforce, when: {text: {regex: %q%s}}, then: [remove: {}], ack: matches-everything}]}", expression, keys)}, testNow)
	if r == nil {
		if _, err := regexp.Compile(expression); err == nil && len(expression) > 0 && !strings.ContainsFunc(expression, unicode.IsControl) && len(expression) < 100 {
			t.Fatalf("%q is refused: %v", expression, problems)
		}
		return
	}
	c := r.rules[0].when.of[0].(*text)
	folded := fold.String(said, r.views[c.reView].opts)
	want := said != "" && c.regexes[0].re.MatchString(folded)
	if got := r.Evaluate(message(said), chat.Facts{}).Case != nil; got != want {
		t.Fatalf("%q on %q: matches %t, want %t (needs %v, %v, %v)", expression, said, got, want, c.regexes[0].triggers, c.regexes[0].clauses, c.regexes[0].leads)
	}
}

func TestPrefilterLosesNoMatch(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", "ab", "aB", "abc", "赌", "赌博", "к", "К", "ß", "ẞ", "ss", "k", "\u212a", "ſ", "s", "ｂ", "Ｂ", "1", "12", " ", "\n", "c", "\u200b", "\xff", "x", "а", "В", "в", "и\u0306", "й", "é", "e\u0301", "𝐚", "Ⓑ"})
	rapid.Check(t, func(t *rapid.T) {
		checkPrefilter(t, expression(rapid.IntRange(0, 3).Draw(t, "depth")).Draw(t, "expression"),
			rapid.SampledFrom([]string{"", "", ", see_through: [width]", ", see_through: [case]", ", see_through: [width, case, invisible, lookalike]", ", see_through: [lookalike, case]", ", see_through: []"}).Draw(t, "folding"),
			strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "text"), ""))
	})
}

func FuzzPrefilter(f *testing.F) {
	f.Add(`(?:casino|赌博)\s+\d+`, "Casino 500")
	f.Add(`ba[rz]+|x{2,3}y?`, "xxy")
	f.Add(`[^\x00-\x7F]k`, "\u212ak")
	f.Fuzz(func(t *testing.T, expression, text string) {
		if len(expression) > 200 || len(text) > 1000 || strings.ContainsFunc(expression, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return
		}
		checkPrefilter(t, expression, "", text)
	})
}

// Words are looked for in another folding of the text than regexes. What a regex finds must fold to
// what is looked for, rune by rune.
func TestRunesFoldAlikeForWordsAndRegexes(t *testing.T) {
	for _, opts := range []fold.Options{fold.Default, perRuneFold, fold.Case, fold.Lookalike | fold.Case} {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			want := fold.String(string(r), opts)
			for o := unicode.SimpleFold(r); o != r && opts&fold.Lookalike == 0; o = unicode.SimpleFold(o) {
				if got := fold.String(string(o), opts); got != want {
					t.Errorf("%U folds to %q and %U to %q", r, want, o, got)
				}
			}
			if got := fold.String(fold.String(string(r), opts&^fold.Case), opts); got != want {
				t.Errorf("%U folds to %q at once, and to %q step by step", r, want, got)
			}
		}
	}
}

func TestRegexesSeeThroughLookalikes(t *testing.T) {
	for _, tc := range []struct {
		expression, text string
		want             bool
	}{
		{"вася", "вася", true}, {"вася", "ВАСЯ", true}, {"вася", "вaся", true}, {"вася", "петя", false},
		{"ηλιος", "ηλιος", true}, {"ηλιος", "ΗΛΙΟΣ", true},
		{"casino", "cаsіno", true}, {"[c-d]asino", "сasino", true}, {"казино[а-я]", "казинoа", true}, {"казино[а-я]", "казино1", false},
	} {
		r, _ := loneRegex(t, tc.expression, ", see_through: [width, case, invisible, lookalike]")
		if got := r.Evaluate(message(tc.text), chat.Facts{}).Case != nil; got != tc.want {
			t.Errorf("%s on %q: matches %t", tc.expression, tc.text, got)
		}
	}
}

func TestLongTextsAreCutBetweenRunes(t *testing.T) {
	_, c := loneRegex(t, `\x{FFFD}`, "")
	if m := c.regexes[0].find([]byte(strings.Repeat("赌", maxRegexText))); m != nil {
		t.Errorf("half a rune was found: %v", m)
	}
}
