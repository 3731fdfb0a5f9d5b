package policy

import (
	"regexp/syntax"
	"slices"

	"github.com/groupguard/groupguard/internal/policy/fold"
)

// Bounds of what is made of an expression, so that a short one cannot make much.
const (
	maxExact    = 16   // texts that a part of an expression may match and still be multiplied out
	maxLiteral  = 64   // bytes of a literal
	maxChoices  = 64   // literals one of which must be there
	maxClass    = 1024 // runes of a class
	maxLead     = 64   // bytes one of which must be there: more of them say little
	maxClauses  = 4
	minLiteral  = 3 // bytes of a literal that is worth looking for
	perRuneFold = fold.Width | fold.Case | fold.Invisible | fold.Lookalike
)

// needs is what every text that a part of an expression matches must hold, folded as the view folds.
type needs struct {
	exact   []string   // the part matches one of these and nothing else; nil: unknown
	clauses [][]string // of each, one must be there
	leads   []byteSet  // of each, one byte must be there
}

// needsOf finds out what the texts need that an expression matches. The view must fold rune by rune
// (perRuneFold), so that the folding of a part stands in the folding of the whole.
func needsOf(re *syntax.Regexp, opts fold.Options) needs {
	n := needsOfPart(re, opts)
	n.close()
	return n
}

func needsOfPart(re *syntax.Regexp, opts fold.Options) needs {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return needs{exact: []string{""}}
	case syntax.OpLiteral:
		return needsOfLiteral(re, opts)
	case syntax.OpCharClass:
		return needsOfClass(re.Rune, opts)
	case syntax.OpCapture:
		return needsOfPart(re.Sub[0], opts)
	case syntax.OpPlus:
		return needsOf(re.Sub[0], opts)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needsOf(re.Sub[0], opts)
		}
	case syntax.OpQuest:
		if n := needsOfPart(re.Sub[0], opts); n.exact != nil {
			return needs{exact: distinct(append([]string{""}, n.exact...))}
		}
	case syntax.OpConcat:
		return needsOfAll(re.Sub, opts)
	case syntax.OpAlternate:
		return needsOfAny(re.Sub, opts)
	}
	return needs{}
}

// needsOfLiteral folds a literal. One that ignores case says nothing where the view does not fold it.
func needsOfLiteral(re *syntax.Regexp, opts fold.Options) needs {
	if re.Flags&syntax.FoldCase != 0 && opts&fold.Case == 0 {
		return needs{}
	}
	s := fold.String(string(re.Rune), opts)
	if len(s) <= maxLiteral {
		return needs{exact: []string{s}}
	}
	n := needs{exact: []string{s[:maxLiteral]}}
	n.close()
	return n
}

func needsOfClass(pairs []rune, opts fold.Options) needs {
	var runes []rune
	for i := 0; i+1 < len(pairs); i += 2 {
		if int(pairs[i+1]-pairs[i])+len(runes) >= maxClass {
			return needs{}
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			runes = append(runes, r)
		}
	}
	var exact []string
	var lead byteSet
	for _, r := range runes {
		s := fold.String(string(r), opts)
		if s == "" { // no text of the view has it
			return needs{}
		}
		lead.add(s[0])
		if len(exact) <= maxExact && !slices.Contains(exact, s) {
			exact = append(exact, s)
		}
	}
	if len(runes) > 0 && len(exact) <= maxExact {
		return needs{exact: exact}
	}
	return needs{leads: leads(lead)}
}

// needsOfAll is what a sequence needs: everything that its parts do. Neighbours that match few texts
// are taken together.
func needsOfAll(parts []*syntax.Regexp, opts fold.Options) needs {
	out, run, all := needs{}, []string{""}, true
	for _, part := range parts {
		n := needsOfPart(part, opts)
		if n.exact != nil {
			if product, ok := multiply(run, n.exact); ok {
				run = product
				continue
			}
		}
		out.take(run)
		out.clauses, out.leads = append(out.clauses, n.clauses...), append(out.leads, n.leads...)
		if run, all = []string{""}, false; n.exact != nil {
			run = n.exact
		}
	}
	if all {
		return needs{exact: run}
	}
	out.take(run)
	return out
}

func multiply(a, b []string) ([]string, bool) {
	var out []string
	for _, x := range a {
		for _, y := range b {
			if out = append(out, x+y); len(x)+len(y) > maxLiteral || len(out) > 4*maxExact {
				return nil, false
			}
		}
	}
	out = distinct(out)
	return out, len(out) <= maxExact
}

// needsOfAny is what all of several alternatives need: for each, the best that it needs.
func needsOfAny(parts []*syntax.Regexp, opts fold.Options) needs {
	var exact, clause []string
	var lead byteSet
	exacts, clauses, leading := true, true, true
	for _, part := range parts {
		n := needsOfPart(part, opts)
		if exacts = exacts && n.exact != nil; exacts {
			exact = append(exact, n.exact...)
		}
		n.close()
		if clauses = clauses && len(n.clauses) > 0; clauses {
			clause = append(clause, slices.MaxFunc(n.clauses, byRarity)...)
		}
		if leading = leading && len(n.leads) > 0; leading {
			lead = lead.with(slices.MinFunc(n.leads, byLikelihood))
		}
	}
	if exact = distinct(exact); exacts && len(exact) <= maxExact {
		return needs{exact: exact}
	}
	out := needs{}
	if clause = distinct(clause); clauses && len(clause) <= maxChoices {
		out.clauses = [][]string{clause}
	}
	if leading {
		out.leads = leads(lead)
	}
	return out
}

// close turns what is matched exactly into what must be there.
func (n *needs) close() {
	n.take(n.exact)
	n.exact = nil
}

// take adds that one of the texts must be there.
func (n *needs) take(texts []string) {
	var lead byteSet
	short := len(texts) == 0
	for _, s := range texts {
		if s == "" {
			return
		}
		lead.add(s[0])
		short = short || len(s) < minLiteral
	}
	if len(texts) > 0 {
		n.leads = append(n.leads, leads(lead)...)
	}
	if !short {
		n.clauses = append(n.clauses, texts)
	}
}

// leads returns the set, if it is small enough to say something.
func leads(s byteSet) []byteSet {
	if n := s.size(); n == 0 || n > maxLead {
		return nil
	}
	return []byteSet{s}
}

func distinct(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
