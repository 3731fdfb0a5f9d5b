package policy

import (
	"regexp/syntax"
	"unicode"

	"github.com/groupguard/groupguard/internal/policy/fold"
)

// foldTree folds the literals and classes of an expression as the text is folded.
func foldTree(re *syntax.Regexp, opts fold.Options) {
	opts &^= fold.Case
	switch re.Op {
	case syntax.OpLiteral:
		if opts&fold.Lookalike != 0 && re.Flags&syntax.FoldCase != 0 {
			*re = alike(re.Rune, opts)
			return
		}
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

// alike is a literal that ignores case where lookalikes are folded, which capitals and small letters
// may look like different ones: В becomes B, and в stays.
func alike(literal []rune, opts fold.Options) syntax.Regexp {
	all := syntax.Regexp{Op: syntax.OpConcat}
	for _, r := range literal {
		forms := []string{fold.String(string(r), opts)}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			forms = append(forms, fold.String(string(o), opts))
		}
		one := syntax.Regexp{Op: syntax.OpAlternate}
		for _, form := range distinct(forms) {
			one.Sub = append(one.Sub, &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune(form)})
			if form == "" {
				one.Sub[len(one.Sub)-1].Op = syntax.OpEmptyMatch
			}
		}
		all.Sub = append(all.Sub, &one)
	}
	return all
}

// maxFolded is how many runes of a class are folded one by one.
const maxFolded = 4096

// foldClass adds the folded forms of the runes that a class names: of the half-width and full-width
// ones (U+FF00 to U+FFEF), and of all where lookalikes are folded. A class of everything but a few
// names has them already.
func foldClass(pairs []rune, opts fold.Options) []rune {
	out, n := pairs, 0
	for i := 0; i+1 < len(pairs); i += 2 {
		n += int(pairs[i+1]-pairs[i]) + 1
	}
	from, to := rune(0xFF00), rune(0xFFEF)
	if opts&fold.Lookalike != 0 && n <= maxFolded {
		from, to = 0, unicode.MaxRune
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		for r := max(pairs[i], from); r <= min(pairs[i+1], to); r++ {
			for _, f := range fold.String(string(r), opts) {
				if pairs[i+1] < unicode.MaxRune && f != r {
					out = append(out, f, f)
				}
			}
		}
	}
	return out
}
