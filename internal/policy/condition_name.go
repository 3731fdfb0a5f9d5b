package policy

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"go.yaml.in/yaml/v3"
)

// names are expressions over what people call themselves and their files. A name is short and there
// is one of it, so each expression simply runs.
type names []*regexp.Regexp

// nameFold is what is folded away of a name. Case is folded by the expressions themselves.
const nameFold = fold.Width | fold.Invisible

// names reads one expression or a list of them. They ignore case, and are folded as names are.
func (l *loader) names(n *yaml.Node, what string) names {
	out := names{}
	for _, item := range l.items(n, what) {
		s, ok := l.text(item, what)
		if !ok || l.taken.all || !l.borders(item, s) {
			continue
		}
		if len(s) > maxRegex {
			l.errorf(item, "", "a regex has %d bytes, more than %d", len(s), maxRegex)
			continue
		}
		tree, err := syntax.Parse(s, syntax.Perl|syntax.FoldCase)
		if err == nil {
			foldTree(tree, nameFold)
			if !l.affords(&l.taken.compiled, listed{node: item}, tree) {
				continue
			}
			var re *regexp.Regexp
			if re, err = regexp.Compile(tree.String()); err == nil {
				l.checkPattern(item)
				out = append(out, re)
				continue
			}
		}
		l.errorf(item, "the syntax is RE2's: no look-around, no back-references", "%v", err)
	}
	return out
}

// match tells whether one of the expressions matches a folded name.
func (s names) match(name *fold.Text) bool {
	b := name.Bytes()
	b = b[:min(len(b), maxRegexText)]
	for _, re := range s {
		if re.Match(b) {
			return true
		}
	}
	return false
}

// nameOf returns the member's name as expressions see it; nil when the event has none.
func (x *Exam) nameOf() *fold.Text {
	if x.e.Name == "" {
		return nil
	}
	if !x.named {
		x.name.Fold(x.e.Name, nameFold)
		x.named = true
	}
	return &x.name
}

// maxShownName is how many bytes of a name a trace shows.
const maxShownName = 64

// cut shortens a text to so many bytes, between two characters.
func cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size]
}
