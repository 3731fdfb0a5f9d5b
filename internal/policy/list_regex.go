package policy

import (
	"fmt"
	"regexp/syntax"

	"go.yaml.in/yaml/v3"
)

// listed is an entry of a list of the kind regex. How it is folded depends on where it is used, so it
// is compiled there.
type listed struct {
	node *yaml.Node // the entry; one that stands for the line, if it comes from a file
	file string     // the list file; empty: the rules file
}

// listedAt returns the entry in a line of a list file.
func listedAt(file string, line int, text string) listed {
	return listed{node: &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Tag: "!!str", Value: text, Line: line, Column: 1}, file: file}
}

// checkRegex tells what is wrong with an expression, wherever it is going to be used.
func checkRegex(text string) (*syntax.Regexp, error) {
	if len(text) > maxRegex {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(text), maxRegex)
	}
	return syntax.Parse(text, syntax.Perl)
}

// keepRegex takes what was added last to a list of the kind regex, and tells whether there may be more.
func (l *loader) keepRegex(s *list, at listed) bool {
	s.regexes = append(s.regexes, at)
	return l.affords(&l.taken.listed, at, s.last)
}

// listRegexes compiles the entries of a list of the kind regex for a view. What a view's folding
// makes of an entry can be wrong though the entry is right; that is reported at the entry.
func (l *loader) listRegexes(s *list, view int) []regex {
	var out []regex
	for _, entry := range s.regexes {
		if l.taken.all || l.stopped() {
			return nil
		}
		before := len(l.problems)
		if re, ok := l.regex(entry.node, view); ok {
			out = append(out, re)
		}
		for i := before; i < len(l.problems) && entry.file != ""; i++ {
			l.problems[i].File = entry.file
		}
	}
	return out
}
