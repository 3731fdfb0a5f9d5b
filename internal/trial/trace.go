package trial

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// Brief says in a line why a rule did not match.
func Brief(s chat.RuleSeen) string {
	switch {
	case s.Scope != "":
		return s.Scope
	case s.Hidden != "":
		return fmt.Sprintf("hidden by stop of rule %q", s.Hidden)
	}
	for _, x := range s.Exceptions {
		if x.Used && s.Outcome == "excused" {
			return "excused by the exception " + exceptionName(x)
		}
	}
	var parts []string
	for _, c := range s.Conditions {
		if c.Holds == "yes" {
			continue
		}
		part := c.What + ": " + c.Holds
		if c.Value != "" {
			part = c.What + ": " + c.Value
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func exceptionName(x chat.ExceptionSeen) string {
	if x.Name == "" {
		return "without a name"
	}
	return fmt.Sprintf("%q", x.Name)
}

// Printer writes what rules saw, for people.
type Printer struct {
	Out io.Writer
	// Paint puts a text into a colour of the terminal, by its code; nil: no colours.
	Paint  func(code, text string) string
	indent string
}

// Colours, as terminals number them.
const (
	green, red, yellow, bold, dim = "32", "31", "33", "1", "2"
)

func (p *Printer) paint(code, text string) string {
	if p.Paint == nil {
		return text
	}
	return p.Paint(code, text)
}

// line is one condition, as a line of a table.
type line struct {
	depth             int
	holds             string
	what, want, value string
	found             string
}

// Rule writes what one rule saw in an event with this text.
func (p *Printer) Rule(s chat.RuleSeen, text string) {
	outcome, code := s.Outcome, dim
	switch s.Outcome {
	case "match":
		code = green
	case "hidden":
		outcome, code = fmt.Sprintf("hidden by stop of rule %q, else a match", s.Hidden), yellow
	case "excused":
		code = yellow
	case "out of scope":
		outcome = "out of scope, " + s.Scope
	}
	fmt.Fprintf(p.Out, "%srule %s (%s): %s\n", p.indent, p.paint(bold, fmt.Sprintf("%q", s.Rule)), s.Mode, p.paint(code, outcome))
	p.table(lines(nil, s.Conditions, 1, text))
	for _, x := range s.Exceptions {
		state := "not used"
		switch {
		case x.Expired:
			state = "expired"
		case x.Used && s.Outcome == "excused":
			state = p.paint(yellow, "excuses the event")
		case x.Used:
			state = p.paint(yellow, "excuses what it covers")
		}
		fmt.Fprintf(p.Out, "%s  exception %s: %s\n", p.indent, exceptionName(x), state)
		p.table(lines(nil, x.Conditions, 2, text))
	}
}

func lines(out []line, seen []chat.Seen, depth int, text string) []line {
	for _, s := range seen {
		out = append(out, line{depth: depth, holds: s.Holds, what: s.What, want: s.Want, value: s.Value, found: quoted(s.Spans, text)})
		out = lines(out, s.Of, depth+1, text)
	}
	return out
}

// table writes lines in columns.
func (p *Printer) table(rows []line) {
	what, want := 0, 0
	for _, r := range rows {
		what, want = max(what, 2*r.depth+width(r.what)), max(want, width(r.want))
	}
	for _, r := range rows {
		mark := p.paint(red, "✗ no     ")
		switch r.holds {
		case "yes":
			mark = p.paint(green, "✓ yes    ")
		case "unknown":
			mark = p.paint(yellow, "? unknown")
		}
		cells := p.indent + strings.Repeat("  ", r.depth) + mark + "  " + pad(r.what, what-2*r.depth)
		if want > 0 {
			cells += "  " + pad(r.want, want)
		}
		if r.value != "" {
			cells += "  " + r.value
		}
		if r.found != "" {
			cells += "  " + p.paint(bold, r.found)
		}
		fmt.Fprintln(p.Out, strings.TrimRight(cells, " "))
	}
}

func width(s string) int { return utf8.RuneCountInString(s) }

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-width(s))) }

// Bounds of what is quoted of a text.
const (
	maxQuotes = 4
	maxQuote  = 64 // bytes
)

// quoted returns stretches of a text as an operator may read them.
func quoted(spans [][2]int, text string) string {
	var parts []string
	for _, s := range spans {
		if s[0] < 0 || s[1] > len(text) || s[0] >= s[1] {
			continue
		}
		if len(parts) == maxQuotes {
			return strings.Join(append(parts, "…"), " ")
		}
		q, more := text[s[0]:s[1]], ""
		for len(q) > maxQuote {
			_, n := utf8.DecodeLastRuneInString(q)
			q, more = q[:len(q)-n], "…"
		}
		parts = append(parts, fmt.Sprintf("%q", q)+more)
	}
	return strings.Join(parts, " ")
}

// Failure writes what decided a test that failed: the event, and what its rule saw.
func (p *Printer) Failure(r *Result) {
	if r.Test.Note != "" {
		fmt.Fprintf(p.Out, "  %s\n", r.Test.Note)
	}
	fmt.Fprintf(p.Out, "  event %d of %d: %s\n", r.Number, len(r.Test.Events()), describe(&r.Event))
	s, ok := r.Rule()
	if !ok {
		fmt.Fprintln(p.Out, "  nobody judges it: the member is exempt")
		return
	}
	inner := *p
	inner.indent = "  "
	inner.Rule(s, r.Event.Text)
}
