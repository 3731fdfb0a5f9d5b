package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// outlet is the standard output or the standard error of a command. It lets no control sequence through
// but our own colours, whoever chose the text, and remembers when nothing can be written any more.
type outlet struct {
	to     io.Writer
	colour bool

	mu   sync.Mutex // guards the fields below
	some bool       // something was to be written
	err  error      // of the first write that failed
	lost func()     // called once, when a write fails; nil: nobody has to know
}

func newOutlet(w io.Writer, env []string) *outlet {
	return &outlet{to: w, colour: wantsColour(isTerminal(w), env)}
}

// wantsColour decides about colours: NO_COLOR (https://no-color.org) goes before CLICOLOR_FORCE
// (https://bixense.com/clicolors/), and without both only a terminal that is not dumb has them.
func wantsColour(terminal bool, env []string) bool {
	force := value(env, "CLICOLOR_FORCE")
	switch {
	case value(env, "NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return terminal && value(env, "TERM") != "dumb" && value(env, "CLICOLOR") != "0"
}

// Write writes a text. After a write that failed nothing more is written.
func (o *outlet) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.some = true
	if o.err != nil {
		return 0, o.err
	}
	if _, err := o.to.Write(harmless(text, o.colour)); err != nil {
		o.err = err
		if o.lost != nil {
			o.lost()
		}
		return 0, err
	}
	return len(text), nil
}

// empty tells whether nothing was to be written up to now.
func (o *outlet) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.some
}

// whenLost has f called when a write fails.
func (o *outlet) whenLost(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lost = f
}

// judged is a command's error in the light of what became of its output. A reader that has gone, as head
// has when it has its lines, is no fault, and neither is what it has ended. What the context of the process
// has ended is another matter: then somebody must hear how far it came.
func (o *outlet) judged(ctx context.Context, err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	gone := readerGone(o.err)
	switch {
	case o.err == nil:
		return err
	case gone && errors.Is(err, o.err):
		return nil
	case gone && ctx.Err() == nil && (errors.Is(err, context.Canceled) || errors.Is(err, errInterrupted)):
		return nil
	case gone:
		return err
	}
	cut := &failure{code: exitEnvironment, err: fmt.Errorf("what was printed is not complete: %w", o.err)}
	if err == nil || errors.Is(err, o.err) {
		return cut
	}
	return errors.Join(cut, err)
}

// readerGone tells whether a write failed because nobody reads any more.
func readerGone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}

// fileOf returns the file behind a writer; nil when there is none.
func fileOf(w any) *os.File {
	if o, ok := w.(*outlet); ok {
		w = o.to
	}
	f, _ := w.(*os.File)
	return f
}

// isTerminal tells whether a person is at the other end of a stream.
func isTerminal(w any) bool {
	f := fileOf(w)
	return f != nil && term.IsTerminal(int(f.Fd()))
}

// colours tells whether what is written there may have colours.
func colours(w io.Writer) bool {
	o, ok := w.(*outlet)
	return ok && o.colour
}
