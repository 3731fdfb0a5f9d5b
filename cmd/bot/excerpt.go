package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/groupguard/groupguard/internal/policy"
)

// excerpts shows on a terminal the line that a problem is about, with a mark under the place.
type excerpts struct {
	w      io.Writer
	on     bool // a person looks on
	colour bool
	files  map[string][]string // lines by file name
}

func newExcerpts(w io.Writer) *excerpts {
	return &excerpts{w: w, on: isTerminal(w), colour: colours(w), files: map[string][]string{}}
}

// paint writes a problem as one line, its severity in a colour.
func (x *excerpts) paint(p policy.Problem) string {
	s := p.String()
	if !x.colour {
		return s
	}
	code := map[string]string{policy.SeverityError: "31", policy.SeverityWarning: "33"}[p.Severity]
	if code == "" {
		code = "36"
	}
	return strings.Replace(s, ": "+p.Severity+": ", ": \x1b["+code+"m"+p.Severity+"\x1b[0m: ", 1)
}

// maxExcerpt is how many columns of a line are shown.
const maxExcerpt = 120

// excerpt shows the line of an error or a warning. Problems count columns in runes, and terminals in
// cells, of which a Chinese character fills two.
func (x *excerpts) excerpt(p policy.Problem) {
	if !x.on || p.Severity == policy.SeverityNote {
		return
	}
	lines := x.lines(p.File)
	if p.Line < 1 || p.Line > len(lines) {
		return
	}
	line := []rune(lines[p.Line-1])
	at := min(max(p.Column-1, 0), len(line))
	from := max(at-maxExcerpt/2, 0)
	to := min(len(line), from+maxExcerpt)
	fmt.Fprintf(x.w, "  %5d | %s\n        | %s^\n", p.Line, oneLine(line[from:to]), strings.Repeat(" ", cells(oneLine(line[from:at]))))
}

// oneLine is a stretch of a line as a terminal can show it.
func oneLine(line []rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !shown(r):
			return unicode.ReplacementChar // a control sequence in the file is not for the terminal
		}
		return r
	}, string(line))
}

// lines returns the lines of a file; none when it cannot be read.
func (x *excerpts) lines(name string) []string {
	lines, known := x.files[name]
	if !known {
		data, err := os.ReadFile(name) // #nosec G304 -- the file that the person asked to check
		if err == nil {
			lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		}
		x.files[name] = lines
	}
	return lines
}
