package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// undoCmd is bot undo.
type undoCmd struct {
	deskFlags
	Case    string `arg:"" optional:"" help:"Short code or ID of the case to undo, with its parts."`
	Rule    string `placeholder:"RULE" help:"Undo what this rule did, from --since to --until."`
	Since   string `placeholder:"TIME" help:"20:00 (today), 2h (ago), 2026-11-20 20:00, or RFC 3339."`
	Until   string `placeholder:"TIME" help:"As --since; without it, until now."`
	Preview bool   `help:"Only say what would be done."`
	Yes     bool   `help:"Do not ask."`
}

// check finds a mistake of the command line before anything is opened.
func (c *undoCmd) check() error {
	switch {
	case c.Case == "" && (c.Rule == "" || c.Since == ""):
		return errors.New("nothing is named: say a case's code, or --rule and --since (and --until)")
	case c.Case != "" && c.Rule+c.Since+c.Until != "":
		return errors.New("a case is named, and a rule or a span of time too: keep one of both")
	case c.Preview && c.Yes:
		return errors.New("--preview does nothing, so --yes has nothing to agree to: keep one of both")
	}
	_, err := when(c.Since, time.Now())
	_, err2 := when(c.Until, time.Now())
	return errors.Join(err, err2)
}

func (c *undoCmd) operate(ctx context.Context, at *counter) error {
	now := time.Now()
	q := desk.UndoRequest{Case: c.Case, Rule: chat.RuleID(c.Rule), Preview: true}
	var err error
	if q.Since, err = when(c.Since, now); err != nil {
		return err
	}
	if q.Until, err = when(c.Until, now); err != nil {
		return err
	}
	plan, err := undoAll(ctx, at, q)
	if err != nil {
		return err
	}
	if plan.Found == 0 {
		return &failure{code: exitInput, err: fmt.Errorf("rule %q decided nothing from %s to %s %s%s", c.Rule, local(plan.Since), local(plan.Until), zone(now), at.meant(ctx, c.Rule))}
	}
	if c.Preview || !c.Yes || !at.json {
		if err := showUndo(at, &plan); err != nil {
			return err
		}
	}
	if c.Preview {
		return nil
	}
	if !c.Yes {
		if err := c.ask(ctx, at, plan.Found); err != nil {
			return err
		}
	}
	q.Preview, q.Until = false, plan.Until // what was decided meanwhile was not in the preview
	out, err := undoAll(ctx, at, q)
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, out)
	}
	fmt.Fprintf(at.stdout, "Undone: %s.", count(out.Undone, "case"))
	if out.Already > 0 {
		fmt.Fprintf(at.stdout, " Undone before: %d.", out.Already)
	}
	if out.Dropped > 0 {
		fmt.Fprintf(at.stdout, " Letters dropped: %d.", out.Dropped)
	}
	fmt.Fprintln(at.stdout, "\nbot case CODE shows how each stands.")
	at.later()
	return nil
}

// undoAll makes requests until nothing is left, and adds their answers up.
func undoAll(ctx context.Context, at *counter, q desk.UndoRequest) (desk.Undone, error) {
	var sum desk.Undone
	for first := true; ; first = false {
		out, err := at.Undo(ctx, q)
		if err != nil {
			if !first && !q.Preview {
				err = fmt.Errorf("%w (%d cases are undone; say it again to go on)", err, sum.Undone)
			}
			return sum, err
		}
		if first {
			sum = out
		} else {
			sum.Found, sum.Next = max(sum.Found, out.Found), out.Next
			sum.Undone, sum.Already, sum.Dropped = sum.Undone+out.Undone, sum.Already+out.Already, sum.Dropped+out.Dropped
			for step, n := range out.Steps {
				sum.Steps[step] += n
			}
			sum.Invite, sum.Invites = append(sum.Invite, out.Invite...), sum.Invites+out.Invites
		}
		if out.Next <= q.Skip {
			return sum, nil
		}
		q.Skip = out.Next
		if q.Rule != "" {
			q.Until = out.Until
		}
	}
}

// ask has the person confirm. Where nobody can answer, nothing is undone.
func (c *undoCmd) ask(ctx context.Context, at *counter, cases int) error {
	nobody := &failure{code: exitUsage, err: errors.New("nothing was undone, since nobody was there to be asked: say --yes, or --preview to look only")}
	if f, ok := at.stdin.(*os.File); at.json || ok && !isTerminal(f) {
		return nobody
	}
	fmt.Fprintf(at.stdout, "Undo %s? [y/N] ", count(cases, "case"))
	answer, err := bufio.NewReader(io.LimitReader(newPatient(ctx, at.stdin), 100)).ReadString('\n')
	if ctx.Err() != nil {
		fmt.Fprintln(at.stdout)
		return fmt.Errorf("%w: nothing was undone", errInterrupted)
	}
	if err != nil && answer == "" {
		fmt.Fprintln(at.stdout)
		return nobody
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &failure{code: exitInput, err: errors.New("nothing was undone")}
}
