package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

func TestColours(t *testing.T) {
	for name, tt := range map[string]struct {
		terminal bool
		env      string
		want     bool
	}{
		"a terminal":                           {true, "TERM=xterm", true},
		"a pipe":                               {false, "TERM=xterm", false},
		"a dumb terminal":                      {true, "TERM=dumb", false},
		"NO_COLOR":                             {true, "NO_COLOR=1", false},
		"an empty NO_COLOR":                    {true, "NO_COLOR=", true},
		"CLICOLOR off":                         {true, "CLICOLOR=0", false},
		"a pipe with CLICOLOR_FORCE":           {false, "CLICOLOR_FORCE=1", true},
		"a pipe with CLICOLOR_FORCE off":       {false, "CLICOLOR_FORCE=0", false},
		"NO_COLOR goes before CLICOLOR_FORCE":  {false, "CLICOLOR_FORCE=1 NO_COLOR=1", false},
		"a dumb terminal with CLICOLOR_FORCE":  {true, "TERM=dumb CLICOLOR_FORCE=1", true},
		"a terminal that does not name itself": {true, "", true},
	} {
		if got := wantsColour(tt.terminal, strings.Fields(tt.env)); got != tt.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestWhatStrangersWriteIsHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"plain 普通 👍🏽 é\n\ttext":              "plain 普通 👍🏽 é\n\ttext",
		"\x1b[2J\x1b]0;title\x07":            `\u001b[2J\u001b]0;title\u0007`,
		"a\x1b[31mred\x1b[0m":                `a\u001b[31mred\u001b[0m`,
		"\u009b31m\x7f\r":                    `\u009b31m\u007f\u000d`,
		"user\u202egnp.exe\u2066\u200b":      `user\u202egnp.exe\u2066\u200b`,
		"tags \U000e0041":                    `tags \udb40\udc41`,
		"broken \xff\xfe":                    "broken \ufffd\ufffd",
		"家族 \U0001f469\u200d\U0001f467 here": "家族 \U0001f469\u200d\U0001f467 here",
	} {
		if got := string(harmless([]byte(in), false)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := string(harmless([]byte("\x1b[1mbold\x1b[0m\x1b[8mhidden\x1b[1;31m"), true)); got != "\x1b[1mbold\x1b[0m\\u001b[8mhidden\\u001b[1;31m" {
		t.Errorf("with colours: %q", got)
	}
	if got := plain("a\nb\tc"); got != `a\nb\tc` {
		t.Errorf("in a line: %q", got)
	}
}

// FuzzHarmless checks that no control sequence comes through, and that JSON keeps its meaning.
func FuzzHarmless(f *testing.F) {
	for _, seed := range []string{"x", "\x1b[31m", "\u202e", "\xff", "\U000e0041\\u202e", "\x1b[0m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := string(harmless([]byte(text), false))
		for _, r := range out {
			if r != '\n' && r != '\t' && !shown(r) {
				t.Errorf("%q lets %U through", text, r)
			}
		}
		if !utf8.ValidString(text) {
			return
		}
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(harmless(data, false), &back); err != nil || back != text {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	})
}

// closing is a writer that fails after some bytes.
type closing struct {
	bytes.Buffer
	room int
	err  error
}

func (c *closing) Write(b []byte) (int, error) {
	if c.room -= len(b); c.room < 0 {
		return 0, c.err
	}
	return c.Buffer.Write(b)
}

func TestHelpThatDoesNotArrive(t *testing.T) {
	for _, args := range [][]string{nil, {"run", "--help"}, {"help", "cases"}} {
		for _, tt := range []struct {
			write error
			code  int
			said  string
		}{{syscall.EPIPE, exitDone, ""}, {syscall.ENOSPC, exitEnvironment, "bot: printing help: no space left on device\n"}} {
			var said bytes.Buffer
			code := run(t.Context(), args, process{stdin: strings.NewReader(""), stdout: struct{ io.Writer }{&closing{room: 60, err: tt.write}}, stderr: &said})
			if code != tt.code || said.String() != tt.said {
				t.Errorf("bot %v, %v: exit code %d: %s", args, tt.write, code, said.String())
			}
		}
	}
}

func TestOutputThatDoesNotArrive(t *testing.T) {
	oops := errors.New("the rules have a mistake")
	for name, tt := range map[string]struct {
		write error // what writing fails with
		err   error // what the command returns
		code  int
		said  string
	}{
		"a full disk":                   {syscall.ENOSPC, nil, exitEnvironment, "what was printed is not complete: no space left on device"},
		"a full disk that was noticed":  {syscall.ENOSPC, syscall.ENOSPC, exitEnvironment, "what was printed is not complete: no space left on device"},
		"a full disk and a mistake":     {syscall.ENOSPC, oops, exitEnvironment, "the rules have a mistake"},
		"a reader that has gone":        {syscall.EPIPE, nil, exitDone, ""},
		"a reader that was missed":      {syscall.EPIPE, syscall.EPIPE, exitDone, ""},
		"a reader that ended a command": {io.ErrClosedPipe, context.Canceled, exitDone, ""},
		"a reader gone, and a mistake":  {syscall.EPIPE, &failure{code: exitInput, err: oops}, exitInput, "the rules have a mistake"},
	} {
		lost := 0
		o := newOutlet(&closing{room: 3, err: tt.write}, nil)
		o.whenLost(func() { lost++ })
		for _, text := range []string{"one", "two", "three"} {
			_, _ = o.Write([]byte(text))
		}
		var said bytes.Buffer
		code := report(t.Context(), o.judged(t.Context(), tt.err), process{stderr: &said})
		if code != tt.code || !strings.Contains(said.String(), tt.said) || tt.said == "" && said.Len() > 0 || lost != 1 {
			t.Errorf("%s: exit code %d, told %d times: %s", name, code, lost, said.String())
		}
	}
}
