package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/groupguard/groupguard/internal/policy"
)

// reloadCmd is bot reload.
type reloadCmd struct {
	deskFlags
}

// rulesRefused is what a running bot says of rules that it does not take.
type rulesRefused struct {
	text     string
	problems []policy.Problem
}

func (r *rulesRefused) Error() string { return r.text }

// run has a running bot read its rules again.
func (c *reloadCmd) run(ctx context.Context, p process) error {
	r, err := c.running(ctx, p)
	if err != nil {
		return err
	}
	if r == nil {
		return c.nobody(ctx, p)
	}
	var done struct {
		Status string `json:"status"`
		Hash   string `json:"hash"`
	}
	err = r.ask(ctx, http.MethodPost, "reload", nil, &done)
	var bad *rulesRefused
	if errors.As(err, &bad) {
		if c.Format == "json" {
			if err := writeJSON(p, map[string]any{"status": "refused", "problems": bad.problems}); err != nil {
				return err
			}
		}
		for _, problem := range bad.problems {
			fmt.Fprintln(p.stderr, problem)
		}
		return &failure{code: exitInput, err: err}
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(p, done)
	}
	fmt.Fprintf(p.stdout, "The rules were read again and are in force (hash %s).\n", done.Hash)
	return nil
}

// nobody says why no bot could be asked.
func (c *reloadCmd) nobody(ctx context.Context, p process) error {
	text := "no bot answers that could read its rules again: name its admin port with --addr HOST:PORT and set BOT_ADMIN_TOKEN"
	if cfg, err := c.settings(p); err == nil {
		if there := answering(ctx, cfg); there != "" {
			text = there
		}
	}
	return &failure{code: exitEnvironment, err: errors.New(text + "; a bot reads a changed file by itself")}
}

// running returns the bot that runs, as open does, and nil when none is named or answers.
func (f *deskFlags) running(ctx context.Context, p process) (*remote, error) {
	cfg, err := f.settings(p)
	if err != nil {
		return nil, err
	}
	token := cfg.AdminToken.Reveal()
	if f.Addr != nil {
		if token == "" {
			return nil, &failure{code: exitEnvironment, err: fmt.Errorf("asking the bot at %s: its token is needed (BOT_ADMIN_TOKEN)", *f.Addr)}
		}
		return newRemote(*f.Addr, token)
	}
	if token == "" {
		return nil, nil
	}
	r, err := newRemote(cfg.AdminListen, token)
	if err != nil || !r.answers(ctx) {
		return nil, err
	}
	return r, nil
}
