package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// replayGC makes a replay collect its garbage early: what its windows hold is all that it needs.
const replayGC = 30

// replayCmd is bot replay.
type replayCmd struct {
	Events    string `arg:"" help:"Recorded events, one JSON object in each line; - is the standard input."`
	Rules     string `placeholder:"FILE" help:"Rules file (default: BOT_RULES, else rules.yaml)."`
	Against   string `placeholder:"FILE" help:"Other rules to compare with, such as those in force."`
	Format    string `enum:"text,json" default:"text" placeholder:"text|json" help:"How to print: text for people (the default), or one JSON document."`
	Samples   int    `default:"3" placeholder:"N" help:"Events to show for each rule (default 3)."`
	AsWritten bool   `help:"Let rules in shadow only watch. Otherwise they are judged as if they were enforced, but stop no others; those of --against never are."`
	ShowText  bool   `help:"Show the text of messages in samples."`
	SkipBad   bool   `help:"Pass over lines that are no events, instead of refusing the file."`
}

func (c *replayCmd) run(ctx context.Context, p process) error {
	if c.Samples < 0 || c.Samples > 1000 {
		return &failure{code: exitUsage, err: fmt.Errorf("--samples %d is not 0 to 1000", c.Samples)}
	}
	c.Rules = rulesFile(c.Rules, p)
	debug.SetGCPercent(replayGC)
	cfg := trial.ReplayConfig{Samples: c.Samples, ShowText: c.ShowText, SkipBad: c.SkipBad, Rehearsed: !c.AsWritten}
	read := app.RehearseRules
	if c.AsWritten {
		read = app.ReadRules
	}
	for _, file := range []struct {
		name string
		read func(string) (*policy.Rules, []policy.Problem)
		to   **policy.Rules
	}{{c.Rules, read, &cfg.Rules}, {c.Against, app.ReadRules, &cfg.Against}} {
		if file.name == "" {
			continue
		}
		rules, problems := file.read(file.name)
		if rules == nil {
			return refused(file.name, problems, p)
		}
		*file.to = rules
	}
	in, name, size, err := open(ctx, c.Events, p)
	if err != nil {
		return err
	}
	defer in.Close()
	bar := newBar(size, p)
	report, err := trial.Replay(ctx, trial.NewReader(io.TeeReader(in, bar), name), cfg)
	_ = bar.Finish() // it is only for the eye
	if err != nil {
		return &failure{code: exitEnvironment, err: err}
	}
	for _, bad := range report.Bad {
		fmt.Fprintln(p.stderr, bad)
	}
	if more := report.Events.Bad - len(report.Bad); more > 0 {
		fmt.Fprintf(p.stderr, "%s: %d more bad lines\n", name, more)
	}
	if report.Events.Bad > 0 && !c.SkipBad {
		return &failure{code: exitInput, err: fmt.Errorf("%s: %s (--skip-bad passes over them)", name, count(report.Events.Bad, "bad line"))}
	}
	return c.show(report, p)
}

func (c *replayCmd) show(report *trial.Report, p process) error {
	if c.Format == "json" {
		if err := writeJSON(p, report); err != nil {
			return err
		}
	} else {
		newPrinter(p).Report(report)
	}
	if report.Interrupted {
		return fmt.Errorf("%w after %s", errInterrupted, count(report.Events.Total, "event"))
	}
	return nil
}

// newBar returns a progress bar on the standard error, for a person who watches.
func newBar(size int64, p process) *progressbar.ProgressBar {
	if !isTerminal(p.stderr) || !colours(p.stderr) {
		return progressbar.DefaultBytesSilent(size)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(fileOf(p.stderr)), progressbar.OptionSetDescription("replaying"),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30))
}
