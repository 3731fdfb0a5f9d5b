package deploy

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// until waits until a check has nothing to say.
func until(t *testing.T, check func() string) {
	t.Helper()
	deadline, look := time.After(time.Minute), time.NewTicker(50*time.Millisecond)
	defer look.Stop()
	for said := check(); said != ""; said = check() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal(said)
		}
	}
}

// freeAddress returns an address that nobody listens on. The bot is told it after the simulator.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a command until the test ends, and returns the lines that it writes to its output, or to
// its log. It has to end by itself when it is asked to.
func start(t *testing.T, c *exec.Cmd, log bool) <-chan string {
	t.Helper()
	pipe, err := c.StdoutPipe()
	if log {
		pipe, err = c.StderrPipe()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines, ended := make(chan string, 10_000), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(lines)
		for s := bufio.NewScanner(pipe); s.Scan(); {
			select {
			case lines <- s.Text():
			default: // nobody waits for a line any more
			}
		}
	}()
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("%s %s ended early: %v", filepath.Base(c.Path), c.Args[1], err)
		}
		<-ended
		if err := c.Wait(); err != nil {
			t.Errorf("%s %s: %v", filepath.Base(c.Path), c.Args[1], err)
		}
	})
	return lines
}

// await returns what a pattern matches in the lines to come.
func await(t *testing.T, lines <-chan string, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	deadline := time.After(time.Minute)
	var seen []string
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("it ended without %s:\n%s", pattern, strings.Join(seen, "\n"))
			}
			if m := wanted.FindStringSubmatch(line); m != nil {
				return m
			}
			seen = append(seen, line)
		case <-deadline:
			t.Fatalf("there was no %s:\n%s", pattern, strings.Join(seen, "\n"))
		}
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, resp.StatusCode, err)
	}
	return body
}
