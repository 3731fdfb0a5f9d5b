package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"cel.dev/cel-go/cel"
	"go.yaml.in/yaml/v3"
)

// What a rules file may hold. The limits are checked before anything is made of the file.
const (
	maxFile     = MaxFile
	maxListFile = MaxListFile
	maxDepth    = 32
	maxProblems = 200
)

// loader reads one rules file. It goes on after an error, so that all of them are reported at
// once; what it returns is used only when there was none.
type loader struct {
	src       Source
	now       time.Time
	problems  []Problem
	errors    int // found so far, whether they are among problems or not
	stops     stops
	suspects  []suspect
	written   []string // of the file, once somebody has asked for one
	lists     map[string]*list
	calendars map[string]*calendar
	files     []string
	contents  [][]byte // of the rules file and of files, for the hash
	out       *Rules
	defaults  defaults
	cur       *ruleContext // the rule that is being read
	cel       *cel.Env     // nil until the first expression

	ended      error // why nothing is read any more; nil: the loader goes on
	testEvents int   // of all tests so far

	taken taken // by the regexes so far

	listsNode, calendarsNode *yaml.Node // the sections; nil: there is none
	timeout                  *yaml.Node // on_timeout where it says block; else nil
	top                      *yaml.Node // the key of defaults, else that of rules
}

// stopped tells whether nobody waits for the rules any more.
func (l *loader) stopped() bool {
	if l.ended == nil && l.src.Stop != nil {
		l.ended = l.src.Stop()
	}
	return l.ended != nil
}

// report notes a problem at a node of the rules file.
func (l *loader) report(severity string, n *yaml.Node, hint, format string, args ...any) {
	p := Problem{File: l.src.Name, Severity: severity, Text: fmt.Sprintf(format, args...), Hint: hint, Line: 1, Column: 1}
	if n != nil {
		p.Line, p.Column = max(n.Line, 1), max(n.Column, 1)
	}
	l.add(p)
}

// add notes a problem, unless there are so many that nobody reads on.
func (l *loader) add(p Problem) {
	if p.Severity == SeverityError {
		l.errors++
	}
	switch {
	case len(l.problems) < maxProblems || p.Severity != SeverityError && len(l.problems) < 10*maxProblems:
		l.problems = append(l.problems, p)
	case p.Severity == SeverityError && !HasErrors(l.problems):
		l.problems = append(l.problems[:0], p)
	}
}

func (l *loader) errorf(n *yaml.Node, hint, format string, args ...any) {
	l.report(SeverityError, n, hint, format, args...)
}

func (l *loader) warnf(n *yaml.Node, hint, format string, args ...any) {
	l.report(SeverityWarning, n, hint, format, args...)
}

// document parses the file into nodes and returns its one top-level map, or nil.
func (l *loader) document() *yaml.Node {
	data := l.src.Data
	if len(data) > maxFile {
		l.errorf(nil, "move long lists into files of their own", "the file has %d bytes, more than %d", len(data), maxFile)
		return nil
	}
	if line, column, ok := tooDeep(data); ok {
		l.add(Problem{File: l.src.Name, Line: line, Column: column, Severity: SeverityError,
			Text: fmt.Sprintf("maps and lists are nested more than %d deep", maxDepth)})
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			l.errorf(nil, "", "the file is empty")
		} else {
			l.syntax(err)
		}
		return nil
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			l.syntax(err)
		} else {
			l.errorf(&second, "remove the line ---", "the file holds a second document")
		}
		return nil
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		l.errorf(nil, "", "the file is empty")
		return nil
	}
	if !l.bounded(doc.Content[0], 1) {
		return nil
	}
	return doc.Content[0]
}

// bounded refuses aliases, anchors and deep nesting.
func (l *loader) bounded(n *yaml.Node, depth int) bool {
	switch {
	case depth > maxDepth:
		l.errorf(n, "", "maps and lists are nested more than %d deep", maxDepth)
		return false
	case n.Kind == yaml.AliasNode:
		l.errorf(n, "write the value out, name a list, or quote it if it is a text", "aliases (*%s) are not read", n.Value)
		return false
	case n.Anchor != "":
		hint := "write the value out, or name a list"
		if n.Kind == yaml.ScalarNode && n.Value == "" {
			hint = fmt.Sprintf("quote it if it is a text: %q", "&"+n.Anchor)
		}
		l.errorf(n, hint, "anchors (&%s) are not read", n.Anchor)
	}
	ok := true
	for _, c := range n.Content {
		ok = l.bounded(c, depth+1) && ok
	}
	return ok
}

// tooDeep finds brackets nested deeper than any rules file needs, before a parser recurses into
// them. It counts brackets that stand in texts too, and therefore allows many more than maxDepth;
// the exact limit is checked on the nodes.
func tooDeep(data []byte) (line, column int, found bool) {
	depth, line, column := 0, 1, 0
	for _, c := range data {
		column++
		switch c {
		case '[', '{':
			if depth++; depth > 8*maxDepth {
				return line, column, true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		case '\n':
			line, column = line+1, 0
		}
	}
	return 0, 0, false
}
