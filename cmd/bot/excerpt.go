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
	on := isTerminal(w)
	return &excerpts{w: w, on: on, colour: on && !noColour(), files: map[string][]string{}}
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
	shown := line[from:min(len(line), from+maxExcerpt)]
	cells := 0
	for _, r := range line[from:at] {
		cells += cellsOf(r)
	}
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar // a control sequence in the file is not for the terminal
		}
		return r
	}, string(shown))
	fmt.Fprintf(x.w, "  %5d | %s\n        | %s^\n", p.Line, text, strings.Repeat(" ", cells))
}

// cellsOf returns how many cells of a terminal a character fills, roughly: the blocks that are wide
// as a whole (https://www.unicode.org/reports/tr11/, Unicode 17).
func cellsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
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
