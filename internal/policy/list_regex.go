package policy

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"

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
	if strings.ContainsRune(text, '\b') {
		return nil, errBackspace
	}
	if len(text) > maxRegex {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(text), maxRegex)
	}
	return syntax.Parse(text, syntax.Perl)
}

// errBackspace is about what YAML makes of \b in double quotes. Folding takes it away like anything that nobody sees, and
// the expression would match within words, where its writer wanted their borders.
var errBackspace = errors.New(`it has a backspace, which YAML makes of \b in double quotes`)

// borders reports such an expression.
func (l *loader) borders(n *yaml.Node, text string) bool {
	if !strings.ContainsRune(text, '\b') {
		return true
	}
	l.errorf(n, fmt.Sprintf("use single quotes: '%s'", strings.ReplaceAll(text, "\b", `\b`)), "of a regex: %v", errBackspace)
	return false
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
