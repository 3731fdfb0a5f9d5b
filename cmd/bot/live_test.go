package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
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
	out.await(t, at, "removed nobody")

	cancel()
	if code := <-ended; code != exitDone {
		t.Errorf("the demo ends with code %d", code)
	}
	_ = typing.Close()
}
