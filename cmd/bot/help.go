package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// printHelp prints what Kong makes of the model, and at its end what holds for every command.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	at := ctx.Selected()
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return notPrinted(err)
	}
	var end string
	switch {
	case at == nil:
		end = "Exit codes: 0 done, 1 the input is at fault, 2 the command line is, 3 the environment is, 130 interrupted. " +
			"Settings are flags of bot run, variables (BOT_…) or lines of a YAML file: see docs/settings.md. All commands: see docs/cli.md."
	case at.Name == "run":
		end = "A setting is taken from its flag, else from the variable in brackets, else from the file of --config: see docs/settings.md."
	default:
		return nil
	}
	_, err := fmt.Fprintf(ctx.Stdout, "\n%s\n", wrapped(end, columns(ctx.Stdout)))
	return notPrinted(err)
}

// notPrinted is the error of help that could not be written: none when its reader has what it wanted.
func notPrinted(err error) error {
	if err == nil || readerGone(err) {
		return nil
	}
	return &failure{code: exitEnvironment, err: fmt.Errorf("printing help: %w", err)}
}

// columns is how wide help may be.
func columns(w io.Writer) int {
	n, err := strconv.Atoi(os.Getenv("COLUMNS")) // Kong goes by it too
	if f := fileOf(w); err != nil && f != nil {
		n, _, err = term.GetSize(int(f.Fd()))
	}
	if err != nil || n < 1 {
		n = 80
	}
	return min(n, helpWidth)
}

// wrapped breaks a text into lines of at most so many columns.
func wrapped(text string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := cells(word)
		switch {
		case used == 0:
		case used+1+n > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// detail is the help of a command below its first line: its examples.
func detail(node *kong.Node) string {
	lines := examples[node.Path()]
	if len(lines) == 0 {
		return ""
	}
	title := "Example:"
	if len(lines) > 1 {
		title = "Examples:"
	}
	return title + "\n\n    " + strings.Join(lines, "\n    ")
}
