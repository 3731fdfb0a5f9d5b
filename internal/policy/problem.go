package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// Severities of a Problem.
const (
	SeverityError   = "error"   // the file is refused
	SeverityWarning = "warning" // the file is taken, and something in it is probably a mistake
	SeverityNote    = "note"    // what the file amounts to
)

// Problem is one finding about a rules file, at the place that it is about.
type Problem struct {
	File     string `json:"file"`
	Line     int    `json:"line"` // from 1; 0 when the file as a whole is meant
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Text     string `json:"text"`
	Hint     string `json:"hint,omitempty"` // what to do about it; may be empty
}

// String returns the problem as one line that editors and terminals can jump from.
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Severity, p.Text)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// HasErrors tells whether any of the problems is an error.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == SeverityError })
}

// sortProblems puts problems in reading order: by file in the order that they were read, then by
// place. Problems of one place keep the order in which they were found.
func sortProblems(main string, problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.File != b.File {
			if a.File == main {
				return -1
			}
			if b.File == main {
				return 1
			}
			return cmp.Compare(a.File, b.File)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
