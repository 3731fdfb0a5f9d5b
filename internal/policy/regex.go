package policy

import (
	"regexp"
	"regexp/syntax"
	"unicode"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"go.yaml.in/yaml/v3"
)

const (
	// maxRegex is how long a regex may be. Its compiled form can be a thousand times as long.
	maxRegex = 1000
	// maxRegexText is how much of a text regexes look at. They take about 50 ns for each byte,
	// and no provider carries longer messages (12 KB at Tencent).
	maxRegexText = 32 << 10
	// maxRegexMatches is how many matches in one text can be excused one by one.
	maxRegexMatches = 256
	// minLiteral is how short a literal may be and still be worth looking for first.
	minLiteral = 3
)

// regex is a compiled regular expression and the literal without which it cannot match.
type regex struct {
	re      *regexp.Regexp
	literal int32 // a word of the view; -1: there is none, the regex runs on each text
}

// regex compiles one expression. Where the view folds width or case, the expression is folded
// likewise, so that it matches what its writer sees.
func (l *loader) regex(n *yaml.Node, number int) (regex, bool) {
	s, ok := l.text(n, "a regex")
	if !ok {
		return regex{}, false
	}
	if len(s) > maxRegex {
		l.errorf(n, "", "a regex has %d bytes, more than %d", len(s), maxRegex)
		return regex{}, false
	}
	v := &l.out.views[number]
	flags := syntax.Perl
	if v.opts&fold.Case != 0 {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(s, flags)
	if err == nil {
		foldTree(tree, v.opts)
		var re *regexp.Regexp
		if re, err = regexp.Compile(tree.String()); err == nil {
			return regex{re, prefilter(tree, v)}, true
		}
	}
	l.errorf(n, "the syntax is RE2's: no look-around, no back-references", "%v", err)
	return regex{}, false
}

// foldTree folds the literals and classes of an expression as the text is folded.
func foldTree(re *syntax.Regexp, opts fold.Options) {
	opts &^= fold.Case
	switch re.Op {
	case syntax.OpLiteral:
		var folded []rune
		for _, r := range re.Rune {
			folded = append(folded, []rune(fold.String(string(r), opts))...)
		}
		if len(folded) == 0 {
			*re = syntax.Regexp{Op: syntax.OpEmptyMatch}
			return
		}
		re.Rune = folded
	case syntax.OpCharClass:
		re.Rune = foldClass(re.Rune, opts)
	}
	for _, sub := range re.Sub {
		foldTree(sub, opts)
	}
}

// foldClass adds the folded forms of the half-width and full-width runes (U+FF00 to U+FFEF) that a
// class names. A class of everything but a few names has them already.
func foldClass(pairs []rune, opts fold.Options) []rune {
	out := pairs
	for i := 0; i+1 < len(pairs); i += 2 {
		for r := max(pairs[i], 0xFF00); r <= min(pairs[i+1], 0xFFEF); r++ {
			for _, f := range fold.String(string(r), opts) {
				if pairs[i+1] < unicode.MaxRune && f != r {
					out = append(out, f, f)
				}
			}
		}
	}
	return out
}

// prefilter returns the word of the view that every match of the expression contains, or -1.
func prefilter(tree *syntax.Regexp, v *view) int32 {
	lit := required(tree, v.opts&fold.Case != 0)
	word := fold.String(lit, v.opts)
	if len(word) < minLiteral || len(word) > 100 {
		return -1
	}
	return v.word(word)
}

// required returns the longest literal that every match contains. Literals that ignore case count
// only where the view folds it.
func required(re *syntax.Regexp, folded bool) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 || folded {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0], folded)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0], folded)
		}
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if lit := required(sub, folded); len(lit) > len(best) {
				best = lit
			}
		}
		return best
	}
	return ""
}

// possible tells whether the text holds the literal that the expression needs.
func (r *regex) possible(x *Exam, view int) bool {
	if r.literal < 0 {
		return true
	}
	hits, _ := x.hits(view)
	for _, h := range hits {
		if h.Word == r.literal {
			return true
		}
	}
	return false
}

// find returns the matches in the text.
func (r *regex) find(text []byte) [][]int {
	return r.re.FindAllIndex(text[:min(len(text), maxRegexText)], maxRegexMatches)
}
