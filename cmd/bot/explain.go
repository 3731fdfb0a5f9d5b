package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/trial"
)

// explainCmd is bot explain.
type explainCmd struct {
	Event  string `arg:"" help:"A file with one recorded event, or several: the last is explained, those before it are judged first. - is the standard input."`
	Rules  string `placeholder:"FILE" help:"Rules file (default: BOT_RULES, else rules.yaml)."`
	Format string `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`
}

func (c *explainCmd) run(ctx context.Context, p process) error {
	c.Rules = rulesFile(c.Rules, p)
	rules, problems := app.ReadRules(c.Rules)
	if rules == nil {
		return refused(c.Rules, problems, p)
	}
	in, name, _, err := open(ctx, c.Event, p)
	if err != nil {
		return err
	}
	defer in.Close()
	events, err := trial.ReadAll(in, name)
	var bad *trial.BadEvent
	if errors.As(err, &bad) {
		fmt.Fprintln(p.stderr, bad)
		return &failure{code: exitInput, err: bad, said: true}
	}
	if err != nil {
		return &failure{code: exitEnvironment, err: err}
	}
	x, err := trial.Explain(ctx, rules, events)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(p, x)
	}
	newPrinter(p).Explanation(x)
	return nil
}
