package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/policy"
)

func TestAnnotationsEscapeWhatGitHubWouldRead(t *testing.T) {
	for want, p := range map[string]policy.Problem{
		"::error file=rules.yaml,line=3,col=7::what is wrong (do this)": {
			File: "rules.yaml", Line: 3, Column: 7, Severity: "error", Text: "what is wrong", Hint: "do this"},
		"::notice file=a%3Ab%2Cc%25.yaml,line=1,col=1::100%25 of%0Atwo lines, a: b": {
			File: "a:b,c%.yaml", Severity: "note", Text: "100% of\ntwo lines, a: b"},
		"::warning file=r.yaml,line=2,col=1::x%0D%0A::error::y": {
			File: "r.yaml", Line: 2, Column: 1, Severity: "warning", Text: "x\r\n::error::y"},
	} {
		if got := annotation(p); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestExcerptsMarkThePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	long := strings.Repeat("x", 300) + "HERE" + strings.Repeat("y", 300)
	if err := os.WriteFile(file, []byte("one: two\r\n  - 赌博 казино x\n\tt\x1b[31m\n"+long), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		line, column int
		want         string
	}{
		"a letter":                 {1, 6, "      1 | one: two\n        |      ^\n"},
		"behind wide characters":   {2, 8, "      2 |   - 赌博 казино x\n        |          ^\n"},
		"control characters":       {3, 2, "      3 |  t\ufffd[31m\n        |  ^\n"},
		"in the middle of a line":  {4, 301, "      4 | " + long[240:360] + "\n        | " + strings.Repeat(" ", 60) + "^\n"},
		"behind the end of a line": {1, 99, "      1 | one: two\n        |         ^\n"},
		"no such line":             {9, 1, ""},
	} {
		var out strings.Builder
		x := newExcerpts(&out)
		x.on = true
		x.excerpt(policy.Problem{File: file, Line: c.line, Column: c.column, Severity: "error"})
		if out.String() != c.want {
			t.Errorf("%s: got\n%q\nwant\n%q", name, out.String(), c.want)
		}
	}
}

func TestOnlyATerminalSeesExcerptsAndColours(t *testing.T) {
	var out strings.Builder
	x := newExcerpts(&out)
	p := policy.Problem{File: "rules.yaml", Line: 1, Column: 1, Severity: "error", Text: "wrong"}
	if x.excerpt(p); out.Len() > 0 || x.paint(p) != p.String() {
		t.Errorf("got %q and %q", out.String(), x.paint(p))
	}
	x.on, x.colour = true, true
	if got := x.paint(p); got != "rules.yaml:1:1: \x1b[31merror\x1b[0m: wrong" {
		t.Errorf("got %q", got)
	}
	x.excerpt(policy.Problem{File: "rules.yaml", Line: 1, Column: 1, Severity: "note"})
	if out.Len() > 0 {
		t.Errorf("a note has the excerpt %q", out.String())
	}
}
