package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxComments bounds how many comments are tried as the cause of a syntax error.
const maxComments = 8

// lost is a # that may have been meant as text.
type lost struct {
	line, column int
	at           int // the byte in the file
	hint         string
}

// lostComment finds the first # that was meant as text within brackets and takes them away: what ends
// the brackets is then a part of the comment, and the parsers go on to some later line. That it is
// to blame shows when the file reads otherwise with a letter in its place, and the others mended.
func lostComment(data []byte) (l lost, ok bool) {
	found := commentsInBrackets(data)
	mended := bytes.Clone(data)
	for _, c := range found {
		mended[c.at] = 'x'
	}
	best := syntaxError(mended)
	for _, c := range found {
		mended[c.at] = '#'
		if syntaxError(mended) != best {
			return c, true
		}
		mended[c.at] = 'x'
	}
	return lost{}, false
}

// syntaxError says why YAML does not read the file; empty: it does.
func syntaxError(data []byte) string {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		switch err := dec.Decode(&yaml.Node{}); {
		case errors.Is(err, io.EOF):
			return ""
		case err != nil:
			return err.Error()
		}
	}
}

// commentsInBrackets finds the lines with such a comment.
func commentsInBrackets(data []byte) (found []lost) {
	from, number := 0, 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimRight(string(line), "\r\n")
		if column, hint, ok := commentInBrackets(text); ok && len(found) < maxComments {
			found = append(found, lost{number, column, from + offset(text, column), hint})
		}
		from += len(line)
	}
	return found
}

// offset returns the byte at which a column of a line begins. The line may be no UTF-8.
func offset(line string, column int) int {
	for i := range line {
		if column--; column == 0 {
			return i
		}
	}
	return len(line)
}

// commentInBrackets finds a comment in a line that takes the end of brackets that the line opens.
func commentInBrackets(line string) (column int, hint string, ok bool) {
	if len(line) > 10_000 || !strings.Contains(line, "#") {
		return 0, "", false
	}
	s := scanner{line: []rune(line), begins: true}
	for s.at < len(s.line) {
		if s.comment() {
			if s.depth == 0 || !closes(string(s.line[s.at:])) {
				return 0, "", false
			}
			return s.at + 1, fmt.Sprintf("# begins a comment, which takes the rest of the line: quote %q", s.word(s.at)), true
		}
		s.step()
	}
	return 0, "", false
}

// closes tells whether a text ends brackets that it does not open.
func closes(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth < 0 {
				return true
			}
		}
	}
	return false
}
