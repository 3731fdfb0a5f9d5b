package dashboards

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is a running process and what it has printed.
type program struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when all is read and the process is gone

	mu    sync.Mutex // guards lines
	lines []string
	news  chan struct{} // has one entry when there are lines that nobody looked at
}

// begin starts a program, which is told to end at the end of the test, and killed when it does not.
func begin(t *testing.T, env []string, name string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(cleanEnv(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close() // the process has its own
	p := &program{name: filepath.Base(name) + " " + strings.Join(args, " "), cmd: cmd, done: make(chan struct{}), news: make(chan struct{}, 1)}
	go p.read(r)
	t.Cleanup(func() {
		cancel()
		<-p.done
		if t.Failed() {
			t.Logf("%s printed at the end:\n%s", p.name, p.tail(20))
		}
	})
	return p
}

// cleanEnv is the environment without settings of a bot.
func cleanEnv() (env []string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BOT_") && !strings.HasPrefix(v, "ALIBABA_CLOUD_") && !strings.HasPrefix(strings.ToUpper(v), "HTTP_PROXY") {
			env = append(env, v)
		}
	}
	return env
}

func (p *program) read(r *os.File) {
	defer close(p.done)
	for s := bufio.NewScanner(r); s.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, s.Text())
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
	_ = r.Close()
	_ = p.cmd.Wait() // ended on purpose, or its lines say why
}

func (p *program) tail(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines[max(0, len(p.lines)-n):], "\n")
}

// says waits until the program has printed what the expression finds, and returns its groups.
func (p *program) says(t *testing.T, what *regexp.Regexp) []string {
	t.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		p.mu.Lock()
		all := strings.Join(p.lines, "\n")
		p.mu.Unlock()
		if m := what.FindStringSubmatch(all); m != nil {
			return m
		}
		select {
		case <-p.news:
		case <-p.done:
			t.Fatalf("%s has ended without saying %s:\n%s", p.name, what, p.tail(20))
		case <-patience.C:
			t.Fatalf("%s does not say %s:\n%s", p.name, what, p.tail(20))
		}
	}
}

// freeAddr returns an address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// until asks again and again until the answer is yes, or the patience ends.
func until(t *testing.T, patience time.Duration, asked func() bool) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for !asked() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
