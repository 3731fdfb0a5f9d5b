package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// testCmd is bot test.
type testCmd struct {
	Rules  string `arg:"" optional:"" help:"Rules file (default: BOT_RULES, else rules.yaml)."`
	Run    string `placeholder:"PATTERN" help:"Only tests of rules whose id fits this regular expression."`
	Format string `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`
}

func (c *testCmd) run(ctx context.Context, p process) error {
	pattern, err := regexp.Compile(c.Run)
	if err != nil {
		return &failure{code: exitUsage, err: fmt.Errorf("--run %q is not a regular expression: %w", c.Run, err)}
	}
	c.Rules = rulesFile(c.Rules, p)
	rules, results, problems, err := app.RunTests(ctx, c.Rules, func(t *policy.Test) bool { return pattern.MatchString(string(t.Rule)) })
	if err != nil {
		return err
	}
	if rules == nil {
		return refused(c.Rules, problems, p)
	}
	failed, tested := 0, map[chat.RuleID]bool{}
	for i := range results {
		tested[results[i].Test.Rule] = true
		if !results[i].Passed {
			failed++
		}
	}
	if c.Format == "json" {
		if err := c.json(results, len(tested), failed, p); err != nil {
			return err
		}
	} else {
		c.text(results, len(tested), failed, p)
	}
	if failed > 0 {
		return &failure{code: exitInput}
	}
	return nil
}

func (c *testCmd) text(results []trial.Result, rules, failed int, p process) {
	show := newPrinter(p)
	for i := range results {
		r := &results[i]
		if r.Passed {
			continue
		}
		fmt.Fprintf(p.stdout, "%s:%d:%d: %s\n", r.Test.File, r.Test.Line, r.Test.Column, r.Text())
		show.Failure(r)
		fmt.Fprintln(p.stdout)
	}
	switch {
	case len(results) == 0 && c.Run != "":
		fmt.Fprintf(p.stdout, "%s: no rule whose id fits %q has tests\n", c.Rules, c.Run)
	case len(results) == 0:
		fmt.Fprintf(p.stdout, "%s: no tests (write them under tests: in a rule)\n", c.Rules)
	case failed > 0:
		fmt.Fprintf(p.stdout, "%d of %s of %s failed\n", failed, count(len(results), "test"), count(rules, "rule"))
	default:
		fmt.Fprintf(p.stdout, "%s of %s passed\n", count(len(results), "test"), count(rules, "rule"))
	}
}

// testLine is one test in JSON.
type testLine struct {
	Rule    chat.RuleID    `json:"rule"`
	Test    int            `json:"test"`
	Note    string         `json:"note,omitempty"`
	File    string         `json:"file"`
	Line    int            `json:"line"`
	Column  int            `json:"column"`
	Expect  string         `json:"expect"`
	At      int            `json:"at,omitempty"`
	Passed  bool           `json:"passed"`
	First   int            `json:"first_match,omitempty"`
	Problem string         `json:"problem,omitempty"`
	Event   *chat.Event    `json:"event,omitempty"`
	Seen    *chat.RuleSeen `json:"seen,omitempty"`
}

func (c *testCmd) json(results []trial.Result, rules, failed int, p process) error {
	lines := []testLine{}
	for i := range results {
		r := &results[i]
		t := &r.Test
		line := testLine{
			Rule: t.Rule, Test: t.Number, Note: t.Note, File: t.File, Line: t.Line, Column: t.Column,
			Expect: "pass", At: t.At, Passed: r.Passed, First: r.First,
		}
		if t.Match {
			line.Expect = "match"
		}
		if !r.Passed {
			line.Problem, line.Event = r.Text(), &r.Event
			if seen, ok := r.Rule(); ok {
				line.Seen = &seen
			}
		}
		lines = append(lines, line)
	}
	return writeJSON(p, map[string]any{"tests": len(results), "rules": rules, "failed": failed, "results": lines})
}

// refused prints why rules are not taken.
func refused(name string, problems []policy.Problem, p process) error {
	refusals := 0
	for _, problem := range problems {
		if problem.Severity == policy.SeverityError {
			refusals++
			if problem.File != name { // a list file, which is named from the rules file's folder
				problem.File = filepath.Join(filepath.Dir(name), filepath.FromSlash(problem.File))
			}
			fmt.Fprintln(p.stderr, problem)
		}
	}
	return &failure{code: exitInput, err: fmt.Errorf("%s: %s%s", name, count(refusals, "error"), noFile(name))}
}

// noFile says what to do about a rules file that is not there.
func noFile(name string) string {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return " (name the rules file, or go to its folder)"
	}
	return ""
}

// newPrinter returns a printer in colours where a person reads them.
func newPrinter(p process) *trial.Printer {
	show := &trial.Printer{Out: p.stdout}
	if colours(p.stdout) {
		show.Paint = func(code, text string) string { return "\x1b[" + code + "m" + text + "\x1b[0m" }
	}
	return show
}

func writeJSON(p process, v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
