package policy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readFile reads the entries of a list file: one in each line, # begins a comment line.
func (l *loader) readFile(s *list, n *yaml.Node) {
	name, ok := l.text(n, "file")
	if !ok {
		return
	}
	if !fs.ValidPath(name) || strings.Contains(name, `\`) || name == "." {
		l.errorf(n, "such as lists/words.txt, without .. and not from the root", "%q does not name a file below the rules file", name)
		return
	}
	if l.src.ReadFile == nil {
		l.errorf(n, "", "list files cannot be read here")
		return
	}
	data, err := l.src.ReadFile(name)
	switch {
	case err != nil:
		l.errorf(n, "", "reading the list file %q: %v", name, err)
		return
	case len(data) > maxListFile:
		l.errorf(n, "", "the list file %q has %d bytes, more than %d", name, len(data), maxListFile)
		return
	}
	if !slices.Contains(l.files, name) {
		l.files = append(l.files, name)
		l.contents = append(l.contents, data)
	}
	l.lines(s, name, n, data)
}

func (l *loader) lines(s *list, name string, n *yaml.Node, data []byte) {
	before := len(s.entries)
	sc := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	for line := 1; sc.Scan() && !l.stopped(); line++ {
		text := strings.TrimSpace(sc.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		err := errors.New("it is not UTF-8")
		if utf8.ValidString(text) {
			err = s.add(text)
		}
		if err != nil {
			l.add(Problem{File: name, Line: line, Column: 1, Severity: SeverityError,
				Text: fmt.Sprintf("%q cannot be in a list of the kind %s: %v", text, s.kind, err)})
			continue
		}
		if s.kind == regexList && !l.keepRegex(s, listedAt(name, line, text)) {
			return
		}
		l.checkLine(s, name, line, text)
	}
	if sc.Err() != nil {
		l.errorf(n, "", "the list file %q has a line that is too long", name)
	}
	if len(s.entries) == before && sc.Err() == nil {
		l.errorf(n, "", "the list file %q holds no entry", name)
	}
}

// checkLine reports what is strange about a line that is an entry.
func (l *loader) checkLine(s *list, name string, line int, text string) {
	what, hint := oddEntry(s.kind, text)
	if what == "" && (s.kind == wordList || s.kind == regexList) {
		what, hint = oddLine(text)
	}
	if what == "" {
		return
	}
	severity := SeverityWarning
	if s.kind == memberList && oddID(text) != "" { // nobody would be exempt by it
		severity = SeverityError
	}
	l.add(Problem{File: name, Line: line, Column: 1, Severity: severity, Text: fmt.Sprintf("%q %s", text, what), Hint: hint})
}

// oddLine says what is strange about a line of a list file, which is an entry from its beginning to its end.
func oddLine(text string) (what, hint string) {
	first, last := text[0], text[len(text)-1]
	_, quoted := withinQuotes(text)
	switch {
	case strings.Contains(text, " # ") || strings.Contains(text, "\t# "): // nobody writes a space within #1
		return "is one entry, # and all that is behind it", "give the comment a line of its own"
	case quoted, len(text) > 1 && first == last && (first == '"' || first == '\''):
		return "is one entry, with its quotes", "write it without"
	case strings.HasPrefix(text, "- "):
		return "is one entry, with its dash", "write it without"
	}
	return "", ""
}
