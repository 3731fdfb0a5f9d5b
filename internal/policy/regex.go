package policy

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
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
)

// regex is a compiled regular expression, and what a text needs for it to match. The rarest of the
// literals that it needs are words of the view and open the rule; the others, and bytes that must be
// there, are looked for before the expression runs. Most expressions run on hardly any text.
type regex struct {
	re       *regexp.Regexp
	literal  int32      // the only one of triggers; -1: there are none, or several
	triggers []int32    // words of the view, one of which must be there; empty: none need be
	clauses  [][]string // of each, one must be in the text as the view shows it
	leads    []byteSet  // of each, one byte must be there
	lead     int32      // the rarest of leads as an atom; 0: there are none
}

// regex compiles one expression. Where the view folds width or case, the expression is folded
// likewise, so that it matches what its writer sees.
func (l *loader) regex(n *yaml.Node, number int) (regex, bool) {
	s, ok := l.text(n, "a regex")
	if !ok || l.taken.all || !l.borders(n, s) {
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
		if !l.affords(&l.taken.compiled, listed{node: n}, tree) {
			return regex{}, false
		}
		var re *regexp.Regexp
		if re, err = regexp.Compile(tree.String()); err == nil {
			out := regex{re: re}
			out.prefilter(tree, v, &l.out.index)
			l.taken.compiled += out.soughtSize()
			return out, true
		}
	}
	l.errorf(n, "the syntax is RE2's: no look-around, no back-references", "%v", err)
	return regex{}, false
}

// prefilter finds what the expression needs. What the view folds by more than one rune at a time is
// not looked into: there, the folding of a literal need not stand in that of the text.
func (r *regex) prefilter(tree *syntax.Regexp, v *view, ix *index) {
	r.literal = -1
	if v.opts&^perRuneFold != 0 {
		return
	}
	n := needsOf(tree, v.opts)
	slices.SortStableFunc(n.clauses, func(a, b []string) int { return byRarity(b, a) })
	for i, clause := range n.clauses[:min(len(n.clauses), maxClauses)] {
		if i > 0 {
			r.clauses = append(r.clauses, clause)
			continue
		}
		for _, s := range clause {
			r.triggers = append(r.triggers, v.word(s))
		}
	}
	if len(r.triggers) == 1 {
		r.literal = r.triggers[0]
	}
	slices.SortStableFunc(n.leads, byLikelihood)
	if r.leads = n.leads[:min(len(n.leads), maxClauses)]; len(r.leads) > 0 {
		r.lead = ix.byteAtom(r.leads[0])
	}
}

// possible tells whether the text holds what the expression needs.
func (r *regex) possible(x *Exam, view int) bool {
	if len(r.triggers) > 0 && !r.triggered(x, view) {
		return false
	}
	if len(r.leads) > 0 {
		there := x.present(view)
		for i := range r.leads {
			if !r.leads[i].meets(there) {
				return false
			}
		}
	}
	for _, clause := range r.clauses {
		if !holdsAny(x.text(view).Bytes(), clause) {
			return false
		}
	}
	return true
}

// triggered tells whether one of the words was found, or may have been: of very many, not all are.
func (r *regex) triggered(x *Exam, view int) bool {
	hits, _ := x.hits(view)
	for _, h := range hits {
		if slices.Contains(r.triggers, h.Word) {
			return true
		}
	}
	return len(hits) >= match.MaxHits
}

func holdsAny(text []byte, literals []string) bool {
	for _, s := range literals {
		if bytes.Contains(text, []byte(s)) {
			return true
		}
	}
	return false
}

// gate adds the words one of which the text must hold, or else the bytes; false when there are none.
func (r *regex) gate(view int, dst []atom) ([]atom, bool) {
	for _, id := range r.triggers {
		dst = append(dst, atom{view, id})
	}
	if len(r.triggers) == 0 && r.lead < 0 {
		dst = append(dst, atom{view, r.lead})
	}
	return dst, len(r.triggers) > 0 || r.lead < 0
}

// presence is the bytes that a view of the text holds.
type presence struct {
	made  bool
	view  int
	bytes byteSet
}

// present returns the bytes of the text as the view shows it. Those of the view that was last asked
// for are kept.
func (x *Exam) present(view int) *byteSet {
	p := &x.presence
	if !p.made || p.view != view {
		*p = presence{made: true, view: view}
		for _, b := range x.text(view).Bytes() {
			p.bytes.add(b)
		}
	}
	return &p.bytes
}

// find returns the matches in the text, of which only the beginning is looked at when it is very long.
func (r *regex) find(text []byte) [][]int {
	if len(text) > maxRegexText {
		end := maxRegexText
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return r.re.FindAllIndex(text, maxRegexMatches)
}
