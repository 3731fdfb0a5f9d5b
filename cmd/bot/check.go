package main

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/policy"
)

// checkCmd is bot check.
type checkCmd struct {
	Rules string `arg:"" optional:"" default:"rules.yaml" help:"Rules file."`
	Quiet bool   `short:"q" help:"Print errors and warnings only."`
}

func (c *checkCmd) run(p process) error {
	rules, problems := app.LoadRules(c.Rules)
	errors, warnings := 0, 0
	for _, problem := range problems {
		switch problem.Severity {
		case policy.SeverityError:
			errors++
		case policy.SeverityWarning:
			warnings++
		default:
			if c.Quiet {
				continue
			}
		}
		fmt.Fprintln(p.stdout, problem)
	}
	if errors > 0 {
		return &failure{exitInput, fmt.Errorf("%s: %s, %s", c.Rules, count(errors, "error"), count(warnings, "warning"))}
	}
	fmt.Fprintf(p.stdout, "%s: %s, %s\n", c.Rules, count(len(rules.Infos()), "rule"), count(warnings, "warning"))
	return nil
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
