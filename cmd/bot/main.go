// Command bot is Groupguard: it removes members who break a group's rules from groups on Tencent
// Cloud Chat and on WhatsApp through Alibaba CAMS.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // calendars name time zones, and the image has no files of them

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitDone        = 0
	exitInput       = 1 // the input is at fault: rules, recorded events, a case that is not there
	exitUsage       = 2
	exitEnvironment = 3   // the environment is at fault: settings, ports, stores, files
	exitHungUp      = 129 // SIGHUP, as shells number it
	exitInterrupted = 130 // the person interrupted what had not ended, as shells number it
)

// cli is the command line. The flags of run are added from the table of settings.
type cli struct {
	Demo        demoCmd        `cmd:"" group:"service" help:"Run the service with simulated providers and sample traffic."`
	Sim         simCmd         `cmd:"" group:"service" help:"Run the simulated providers alone."`
	Check       checkCmd       `cmd:"" group:"rules" help:"Check a rules file and say what its rules do on each provider."`
	Test        testCmd        `cmd:"" group:"rules" help:"Run the tests that are written in a rules file."`
	Replay      replayCmd      `cmd:"" group:"rules" help:"Say what rules would have done to recorded events."`
	Explain     explainCmd     `cmd:"" group:"rules" help:"Say what each rule makes of one event, and why."`
	Schema      schemaCmd      `cmd:"" group:"rules" help:"Print a JSON Schema of rules files, for editors."`
	Rules       rulesCmd       `cmd:"" group:"desk" help:"List the rules of a running bot, or of the file when none runs."`
	Reload      reloadCmd      `cmd:"" group:"desk" help:"Have a running bot read its rules again."`
	Cases       casesCmd       `cmd:"" group:"desk" help:"List cases: whom the rules acted on, and what became of it."`
	Case        caseCmd        `cmd:"" group:"desk" help:"Explain one case: why somebody was removed, and what the provider said."`
	Dead        deadCmd        `cmd:"" group:"desk" help:"Actions that were given up."`
	Held        heldCmd        `cmd:"" group:"desk" help:"Actions that are held by a pause or a brake."`
	Spool       spoolCmd       `cmd:"" group:"desk" help:"List what waits in the spool of a bot on Redis, and what it has given up."`
	Pause       pauseCmd       `cmd:"" group:"desk" help:"Stop a rule, or everything, from acting. Events are still judged."`
	Resume      resumeCmd      `cmd:"" group:"desk" help:"End a pause."`
	Undo        undoCmd        `cmd:"" group:"desk" help:"Take back what was done: one case, or what a rule did in a span of time."`
	Doctor      doctorCmd      `cmd:"" group:"care" help:"Look for what is wrong with a bot, its settings and surroundings, and say what to do."`
	Healthcheck healthcheckCmd `cmd:"" group:"care" help:"Ask a running bot whether it is ready, for containers."`
	Completion  completionCmd  `cmd:"" group:"care" help:"Print a script that completes command lines of bot in a shell."`
	Version     versionCmd     `cmd:"" group:"care" help:"Print the version."`
}

// process is what a command sees of the outside.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            []string
	hup            chan os.Signal // SIGHUPs; nil: nobody listens to them
}

func main() {
	// Before all else: systemd may have a bot reload that it has only just started, and a SIGHUP that nobody
	// listens to ends the process.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	// A reader that goes away ends what is printed, and nothing else: not a service, nor an undoing.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, os.Args[1:], process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ(), hup: hup})
	stop()
	os.Exit(code)
}

// hungUp has SIGHUP end the process again, as those of all commands but run expect whose terminal goes away. It
// tells whether one has come before.
func (p *process) hungUp() bool {
	signal.Stop(p.hup)
	return len(p.hup) > 0
}

// exit carries an exit code out of the argument parser, which ends the process for --help.
type exit int

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, p process) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			code = int(p)
		default:
			panic(p) // a mistake of ours: its stack, and an exit code that is not 0
		}
	}()
	var c cli
	flags := newRunFlags()
	parser, err := newParser(&c, flags, p)
	if err != nil {
		fmt.Fprintln(p.stderr, "bot:", err)
		return exitUsage
	}
	if len(args) > 0 && args[0] == completeWord {
		return complete(parser, args[1:], p)
	}
	parsed, err := parser.Parse(asMeant(args))
	if err != nil {
		return report(ctx, misread(err, parser), p)
	}
	if parsed.Command() == "run" {
		return report(ctx, runService(ctx, flags.given(), p), p)
	}
	if p.hungUp() {
		return exitHungUp
	}
	out := newOutlet(p.stdout, p.env)
	p.stdout, p.stderr = out, newOutlet(p.stderr, p.env)
	err = out.judged(ctx, carryOut(ctx, parsed, p, out))
	if text, _ := toldOf(ctx, err); text != "" && wantsJSON(parsed) && out.empty() {
		err = out.judged(ctx, errors.Join(err, writeJSON(p, failed{text})))
	}
	return report(ctx, err, p)
}

// failed is the document of a command that has no other to print.
type failed struct {
	Error string `json:"error"`
}

// wantsJSON tells whether a command line has --format json.
func wantsJSON(parsed *kong.Context) bool {
	for _, flag := range parsed.Flags() {
		if flag.Name == "format" {
			return parsed.FlagValue(flag) == "json"
		}
	}
	return false
}

// carryOut runs the command that a command line names.
func carryOut(ctx context.Context, parsed *kong.Context, p process, out *outlet) error {
	switch c := parsed.Selected().Target.Addr().Interface().(type) {
	case operatorCmd:
		// It goes on when its reader has gone: an undoing is not left half done.
		return operate(ctx, c, strings.Fields(parsed.Command()), p)
	case interface {
		run(ctx context.Context, p process) error
	}:
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		out.whenLost(cancel)
		return c.run(ctx, p)
	case interface{ run(p process) error }:
		return c.run(p)
	}
	return fmt.Errorf("bot %s cannot be run", parsed.Command())
}

// failure is an error with the exit code that it means. Its text may be empty when everything was
// printed already.
type failure struct {
	code int
	err  error
	said bool // the text stands on the standard error already
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// errInterrupted is in the errors of commands that the person has ended before they were done.
var errInterrupted = errors.New("interrupted")

// report prints an error and returns the exit code.
func report(ctx context.Context, err error, p process) int {
	text, code := toldOf(ctx, err)
	var f *failure
	if said := errors.As(err, &f) && f.said; text != "" && !said {
		fmt.Fprintln(p.stderr, "bot:", text)
	}
	return code
}

// toldOf returns what is said of an error, and the exit code that it means.
func toldOf(ctx context.Context, err error) (text string, code int) {
	if err == nil {
		return "", exitDone
	}
	text = err.Error()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return "interrupted: " + strings.TrimSuffix(text, ": "+ctx.Err().Error()), exitInterrupted
	}
	var f *failure
	switch {
	case errors.Is(err, errInterrupted):
		return text, exitInterrupted
	case errors.As(err, &f):
		return text, f.code
	}
	return text, exitEnvironment
}
