package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/policy"
)

// checkCmd is bot check.
type checkCmd struct {
	Rules  string `arg:"" optional:"" help:"Rules file (default: BOT_RULES, else rules.yaml)."`
	Quiet  bool   `short:"q" help:"Print errors and warnings only."`
	Format string `enum:"text,json,github" default:"text" placeholder:"text|json|github" help:"How to print: text for people (the default), one JSON document, or annotations for a workflow on GitHub."`
}

func (c *checkCmd) run(p process) error {
	c.Rules = rulesFile(c.Rules, p)
	rules, all := app.LoadRules(c.Rules)
	out := admin.Checked{File: c.Rules, Problems: []policy.Problem{}, Rules: []policy.RuleInfo{}}
	for _, problem := range all {
		if problem.File != c.Rules { // a list file, which is named from the rules file's folder
			problem.File = filepath.Join(filepath.Dir(c.Rules), filepath.FromSlash(problem.File))
		}
		switch problem.Severity {
		case policy.SeverityError:
			out.Counts.Errors++
		case policy.SeverityWarning:
			out.Counts.Warnings++
		default:
			out.Counts.Notes++
			if c.Quiet {
				continue
			}
		}
		out.Problems = append(out.Problems, problem)
	}
	if rules != nil {
		out.Rules, out.Hash = rules.Infos(), rules.Hash()
		out.Counts.Rules = len(out.Rules)
	}
	if err := c.print(p, &out); err != nil {
		return err
	}
	if out.Counts.Errors == 0 {
		return nil
	}
	return &failure{code: exitInput, err: fmt.Errorf("%s: %s, %s%s", c.Rules, count(out.Counts.Errors, "error"), count(out.Counts.Warnings, "warning"), noFile(c.Rules))}
}

func (c *checkCmd) print(p process, out *admin.Checked) error {
	w := p.stdout
	switch c.Format {
	case "json":
		return writeJSON(p, out)
	case "github":
		for _, problem := range out.Problems {
			fmt.Fprintln(w, annotation(problem))
		}
		return nil
	}
	show := newExcerpts(w)
	for _, problem := range out.Problems {
		fmt.Fprintln(w, show.paint(problem))
		show.excerpt(problem)
	}
	if out.Counts.Errors == 0 {
		fmt.Fprintf(w, "%s: %s, %s\n", c.Rules, count(out.Counts.Rules, "rule"), count(out.Counts.Warnings, "warning"))
	}
	return nil
}

// annotation writes a problem as a command of a GitHub workflow
// (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions, 2025).
func annotation(p policy.Problem) string {
	kind := p.Severity
	if kind == policy.SeverityNote {
		kind = "notice"
	}
	text := p.Text
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d::%s", kind, property.Replace(p.File), max(p.Line, 1), max(p.Column, 1), data.Replace(text))
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
