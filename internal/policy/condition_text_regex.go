package policy

import "github.com/groupguard/groupguard/internal/policy/fold"

// regexFold is what regexes see through. Spacing, leet and repeats would fold the expression's own
// letters together, and what it says about spaces and repetition would mean nothing. Case is folded
// by a flag of the expression and not in the text, where classes such as [A-Z] must find capitals.
const regexFold = fold.Width | fold.Case | fold.Invisible | fold.Lookalike

// anyRegex tells whether one of the regexes matches where nothing is excused, or there are none.
func (c *text) anyRegex(x *Exam, set []regex) bool {
	return len(set) == 0 || c.eachMatch(x, set, func(s span) bool { return !s.within(x.excused) })
}

// matched adds where the regexes match.
func (c *text) matched(x *Exam, set []regex, dst []span) []span {
	c.eachMatch(x, set, func(s span) bool {
		dst = append(dst, s)
		return false
	})
	return dst
}

// eachMatch calls stop with the matches until it says so, and tells whether it did.
func (c *text) eachMatch(x *Exam, set []regex, stop func(span) bool) bool {
	for i := range set {
		if !set[i].possible(x, c.reWords) {
			continue
		}
		t := x.text(c.reView)
		for _, m := range set[i].find(t.Bytes()) {
			if stop(original(t, m[0], m[1])) {
				return true
			}
		}
	}
	return false
}

// regexGate adds the words one of which the text must hold for one of the regexes to match; false
// when there are no such words.
func (c *text) regexGate(set []regex, dst []atom) ([]atom, bool) {
	from := len(dst)
	for i := range set {
		var ok bool
		if dst, ok = set[i].gate(c.reWords, dst); !ok {
			return dst[:from], false
		}
	}
	return dst, len(set) > 0
}
