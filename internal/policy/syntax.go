package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// syntax reports that the file is not YAML. The parser that reads the rules often names only the
// line where the broken part begins, so a second one is asked for the exact place.
func (l *loader) syntax(err error) {
	p := Problem{File: l.src.Name, Line: 1, Column: 1, Severity: SeverityError, Text: "not YAML: " + err.Error()}
	if m := regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`).FindStringSubmatch(err.Error()); m != nil {
		p.Text = "not YAML: " + m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			p.Line = line
		}
	}
	var placed interface {
		error
		GetToken() *token.Token
		GetMessage() string
	}
	if calm(string(l.src.Data)) {
		if _, err := parser.ParseBytes(l.src.Data, 0); errors.As(err, &placed) && placed.GetToken() != nil && placed.GetToken().Position != nil {
			at := placed.GetToken().Position
			p.Line, p.Column, p.Text = max(at.Line, 1), max(at.Column, 1), fmt.Sprintf("not YAML: %s", placed.GetMessage())
		}
	}
	p.Text = strings.ReplaceAll(p.Text, "\t", `\t`)
	l.explain(&p)
	l.add(p)
}

// explain looks at the line of a syntax error, and at those around it, for what people write who mean
// a text: the parsers report it where they lose their way, which can be some lines off.
func (l *loader) explain(p *Problem) {
	if calm(string(l.src.Data)) {
		if c, ok := lostComment(l.src.Data); ok {
			p.Line, p.Column, p.Hint = c.line, c.column, c.hint
			return
		}
	}
	lines := strings.Split(string(l.src.Data), "\n")
	places := []int{p.Line, p.Line - 1, p.Line + 1, p.Line + 2}
	if strings.Contains(p.Text, "unknown anchor") { // which comes without a line
		places = places[:0]
		for at := range lines {
			places = append(places, at+1)
		}
	}
	if strings.Contains(p.Text, "unknown escape") {
		p.Hint = `write \\ for \, or use single quotes`
		return
	}
	for _, look := range []func(string) (int, string, bool){trap, glued} {
		for _, at := range places {
			if at < 1 || at > len(lines) || len(lines[at-1]) > 10_000 {
				continue
			}
			if column, hint, ok := look(strings.TrimRight(lines[at-1], "\r")); ok {
				p.Line, p.Column, p.Hint = at, column, hint
				return
			}
		}
	}
}

// calm tells whether a broken file looks like one that a person wrote. The second parser is slow on
// what was made to be slow, and a better place is worth nothing there.
func calm(data string) bool {
	for line := range strings.SplitSeq(data, "\n") {
		if len(line)-len(strings.TrimLeft(line, " -?:\t")) > 4*maxDepth {
			return false
		}
	}
	return len(data) <= maxFile/4
}
