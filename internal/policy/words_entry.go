package policy

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// unseen reports a word that can never be found, at its entry if that is known. A list that several
// conditions use has the same fault once.
func (l *loader) unseen(n *yaml.Node, w string, s *list) {
	p := Problem{File: l.src.Name, Line: n.Line, Column: n.Column, Severity: SeverityError,
		Text: fmt.Sprintf("the word %q of %s has nothing to see, or too much", w, s.label())}
	values := n // the condition, in which the rule's own list stands
	if s.name != "" {
		values = valueOf(l.listsNode, s.name)
	}
	if at := entryOf(values, w); at != nil {
		p.Line, p.Column = at.Line, at.Column
	} else if file, line := l.lineOf(valueOf(values, "file"), w); line > 0 {
		p.File, p.Line, p.Column = file, line, 1
	}
	for _, q := range l.problems {
		if q == p {
			return
		}
	}
	l.add(p)
}

// entryOf returns the entry of a list within the map of the list, or of the condition that has it.
func entryOf(n *yaml.Node, w string) *yaml.Node {
	for _, key := range []string{"values", "has_any", "has_all"} {
		values := valueOf(n, key)
		if values == nil || values.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range values.Content {
			if item.Kind == yaml.ScalarNode && item.Value == w {
				return item
			}
		}
	}
	return nil
}

// lineOf returns the line of a list file that has the word; 0: none has.
func (l *loader) lineOf(name *yaml.Node, w string) (string, int) {
	if name == nil {
		return "", 0
	}
	for i, file := range l.files {
		if file != name.Value || i+1 >= len(l.contents) {
			continue
		}
		line := 0
		for text := range bytes.Lines(bytes.TrimPrefix(l.contents[i+1], []byte("\ufeff"))) {
			if line++; strings.TrimSpace(string(text)) == w {
				return file, line
			}
		}
	}
	return "", 0
}
