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
	exitEnvironment = 3 // the environment is at fault: settings, ports, stores, files
)

// cli is the command line. The flags of run are added from the table of settings.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Run the service with simulated providers and sample traffic."`
	Check   checkCmd   `cmd:"" help:"Check a rules file and say what its rules do on each provider."`
	Test    testCmd    `cmd:"" help:"Run the tests that are written in a rules file."`
	Replay  replayCmd  `cmd:"" help:"Say what rules would have done to recorded events."`
	Explain explainCmd `cmd:"" help:"Say what each rule makes of one event, and why."`
	Schema  schemaCmd  `cmd:"" help:"Print a JSON Schema of rules files, for editors."`
	Cases   casesCmd   `cmd:"" help:"List cases: whom the rules acted on, and what became of it."`
	Case    caseCmd    `cmd:"" help:"Explain one case: why somebody was removed, and what the provider said."`
	Dead    deadCmd    `cmd:"" help:"Actions that were given up."`
	Held    heldCmd    `cmd:"" help:"Actions that are held by a pause or a brake."`
	Pause   pauseCmd   `cmd:"" help:"Stop a rule, or everything, from acting. Events are still judged."`
	Resume  resumeCmd  `cmd:"" help:"End a pause."`
	Undo    undoCmd    `cmd:"" help:"Take back what was done: one case, or what a rule did in a span of time."`
	Sim     simCmd     `cmd:"" help:"Run the simulated providers alone."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// process is what a command sees of the outside.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()})
	stop()
	os.Exit(code)
}

// exit carries an exit code out of the argument parser, which ends the process for --help.
type exit int

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, p process) (code int) {
	defer func() {
		if e, ok := recover().(exit); ok {
			code = int(e)
		}
	}()
	var c cli
	flags := newRunFlags()
	parser, err := kong.New(&c,
		kong.Name("bot"),
		kong.Description("Groupguard removes members who break a group's rules, on Tencent Cloud Chat and on WhatsApp through Alibaba CAMS."),
		kong.UsageOnError(),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(c int) { panic(exit(c)) }),
		kong.DynamicCommand("run", "Run the service.", "", flags.target),
	)
	if err != nil {
		fmt.Fprintln(p.stderr, "bot:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(p.stderr, "bot:", err, "(see bot --help)")
		return exitUsage
	}
	switch parsed.Command() {
	case "run":
		err = runService(ctx, flags.given(), p)
	case "demo":
		err = c.Demo.run(ctx, p)
	case "sim":
		err = c.Sim.run(ctx, p)
	case "check", "check <rules>":
		err = c.Check.run(p)
	case "schema":
		err = c.Schema.run(p)
	case "test", "test <rules>":
		err = c.Test.run(ctx, p)
	case "replay <events>":
		err = c.Replay.run(ctx, p)
	case "explain <event>":
		err = c.Explain.run(ctx, p)
	case "version":
		err = c.Version.run(p)
	default:
		if o, ok := parsed.Selected().Target.Addr().Interface().(operatorCmd); ok {
			err = operate(ctx, o, strings.Fields(parsed.Command()), p)
		}
	}
	return report(err, p)
}

// failure is an error with the exit code that it means. Its text may be empty when everything was
// said already.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// report prints an error and returns the exit code.
func report(err error, p process) int {
	if err == nil {
		return exitDone
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(p.stderr, "bot:", text)
	}
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return exitEnvironment
}
