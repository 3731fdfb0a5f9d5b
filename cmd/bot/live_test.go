package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// paper keeps what is printed, and can be waited for.
type paper struct {
	mu   sync.Mutex // guards the fields below
	text string
	more chan struct{} // closed with the next line
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text += string(b)
	if p.more != nil {
		close(p.more)
		p.more = nil
	}
	return len(b), nil
}

// await returns what follows the first place that has the text, from an offset on, and its end.
func (p *paper) await(t *testing.T, from int, want string) int {
	t.Helper()
	late := time.After(time.Minute)
	for {
		p.mu.Lock()
		if i := strings.Index(p.text[from:], want); i >= 0 {
			p.mu.Unlock()
			return from + i + len(want)
		}
		if p.more == nil {
			p.more = make(chan struct{})
		}
		more, text := p.more, p.text[from:]
		p.mu.Unlock()
		select {
		case <-more:
		case <-late:
			t.Fatalf("%q does not come:\n%s", want, text)
		}
	}
}

// part returns what was printed between two offsets.
func (p *paper) part(from, to int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text[from:to]
}

func replace(t *testing.T, file, body string) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

const lottery = `version: 1
rules:
  - id: no-lottery
    on: message
    mode: enforce
    when: {link: {domain_in: [win.example.net]}}
    then: [{remove: {}}]
`

// TestDemoOfOnesOwnRules is the newcomer's way: rules of his own act on the traffic, each change of
// them on the next, and what he types is said in a group.
func TestDemoOfOnesOwnRules(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "my-rules.yaml")
	replace(t, rules, lottery)
	in, typing := io.Pipe()
	out, ended := &paper{}, make(chan int, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- run(ctx, []string{"demo", "--rules", rules}, process{stdin: in, stdout: out, stderr: out, env: []string{
			"BOT_LISTEN=127.0.0.1:0", "BOT_ADMIN_LISTEN=127.0.0.1:0",
		}})
	}()
	say := func(line string) {
		if _, err := io.WriteString(typing, line+"\n"); err != nil {
			t.Error(err)
		}
	}

	at := out.await(t, 0, "removed 2 members: old_link, new_spammer")
	at = out.await(t, at, "your turn")
	said := out.await(t, at, "--addr ") // and the address, until the end of the line
	end := out.await(t, said, "\n")
	askAsShown(t, out.part(at, end))
	say("nobody_here: hello")
	at = out.await(t, at, "there is no member nobody_here in @TGS#CHAT1")
	say("hello everybody")
	at = out.await(t, at, "newcomer_1 stays")
	say("member_03: look at https://win.example.net/x")
	at = out.await(t, at, "REMOVE  member_03")

	replace(t, rules, strings.Replace(lottery, "{link", "{member: {joined_within: 10m}, link", 1))
	at = out.await(t, at, "removed 1 member: new_spammer")
	replace(t, rules, strings.Replace(lottery, "link:", "lnk:", 1))
	at = out.await(t, at, "a mistake, those in force stay")
	at = out.await(t, at, `did you mean "link"?`)
	replace(t, rules, strings.Replace(lottery, "enforce", "shadow", 1))
	at = out.await(t, at, "SHADOW  old_link")
	at = out.await(t, at, "removed nobody")
	if err := os.Remove(rules); err != nil {
		t.Fatal(err)
	}
	at = out.await(t, at, "my-rules.yaml is not there any more, those in force stay")
	at = out.await(t, at, "no such file or directory")
	say("member_04: hello")
	if end := out.await(t, at, "member_04 stays"); strings.Contains(out.part(at, end), "those in force stay") {
		t.Errorf("it is said twice that the rules are not there:\n%s", out.part(at, end))
	}

	cancel()
	if code := <-ended; code != exitDone {
		t.Errorf("the demo ends with code %d", code)
	}
	_ = typing.Close()
}

// askAsShown runs the command line that the demo shows for a second terminal, but for the program's name.
func askAsShown(t *testing.T, printed string) {
	t.Helper()
	m := regexp.MustCompile(`  (BOT_ADMIN_TOKEN=simulated-\w+) \S+ (case [0-9A-Z]{8} --addr 127\.0\.0\.1:\d+)\n`).FindStringSubmatch(printed)
	if m == nil {
		t.Errorf("no line explains a case:\n%s", printed)
		return
	}
	c := console{env: []string{m[1]}}
	if code := c.run(strings.Fields(m[2])...); code != exitDone || !strings.Contains(c.out.String(), `rule "no-lottery"`) {
		t.Errorf("bot %s: exit code %d\n%s%s", m[2], code, c.out.String(), c.said.String())
	}
}

func TestADemoDrawsItsTokenAnew(t *testing.T) {
	one, two := drawToken(), drawToken()
	if one == two || !strings.HasPrefix(one, "simulated-") || len(one) < 32 {
		t.Errorf("%q, %q", one, two)
	}
	shown := asking{addr: "127.0.0.1:1", token: "sample-admin-token-0123", own: true}
	if line := shown.line("") + shown.with(); strings.Contains(line, "sample-admin") || !strings.Contains(line, " cases --addr 127.0.0.1:1") || !strings.Contains(line, "BOT_ADMIN_TOKEN") {
		t.Errorf("with a token of one's own: %s", line)
	}
}
