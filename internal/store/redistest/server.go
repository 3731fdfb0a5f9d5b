// Package redistest starts a real redis-server for a test and stops it afterwards.
//
// It owns the server's process and its folder, and knows nothing of what is stored in it. Only tests
// import it.
package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Server is a redis-server on a loopback port, which can be killed and started again on its data.
type Server struct {
	Addr string
	dir  string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// Start starts a server that keeps nothing on disk, and returns its URL.
func Start(t testing.TB) string {
	t.Helper()
	return New(t, "--appendonly", "no").URL()
}

// Durable starts a server as Groupguard wants it in production: what it has answered is on disk.
func Durable(t testing.TB) *Server {
	t.Helper()
	return New(t, "--appendonly", "yes", "--appendfsync", "always")
}

// New starts a server with further arguments. Without redis-server the test is skipped, or fails
// where GROUPGUARD_REQUIRE_REDIS is 1.
func New(t testing.TB, args ...string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("GROUPGUARD_REQUIRE_REDIS") == "1" {
			t.Fatal("redis-server is not installed, and GROUPGUARD_REQUIRE_REDIS=1 wants it")
		}
		t.Skip("SKIP: redis-server is not installed: make test installs it")
	}
	s := &Server{dir: t.TempDir(), args: append([]string{binary}, args...)}
	t.Cleanup(s.Kill)
	// A free port can be taken by somebody else before the server binds it: then another is tried.
	for range 5 {
		s.Addr = freeAddr(t)
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("start redis-server: %v", err)
	return nil
}

// URL returns the server's URL.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Kill ends the server as a power cut of the process would (SIGKILL), and waits until it is gone.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // fails only when the process has ended
	<-s.done
	s.cmd = nil
}

// Restart starts a killed server again, on the same address and data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("restart redis-server: %v", err)
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = l.Close() }() // the port is free either way
	return l.Addr().String()
}

// start runs the server and waits until it answers.
func (s *Server) start() error {
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return fmt.Errorf("split %s: %w", s.Addr, err)
	}
	logPath := filepath.Join(s.dir, "redis.log")
	args := append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", s.dir, "--save", "",
		"--logfile", logPath, "--daemonize", "no"}, s.args[1:]...)
	cmd := exec.CommandContext(context.Background(), s.args[0], args...) //nolint:gosec // ended by Kill, the test's own arguments
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run redis-server: %w", err)
	}
	s.cmd, s.done = cmd, make(chan struct{})
	go func(done chan struct{}) {
		_ = cmd.Wait() // killed on purpose, or the log says why
		close(done)
	}(s.done)
	if err := s.await(cmd.Process.Pid); err != nil {
		s.Kill()
		text, _ := os.ReadFile(logPath) //nolint:gosec // a file of this test
		return fmt.Errorf("%w; its log: %s", err, text)
	}
	return nil
}

// await waits until the server of this process ID answers: another may hold the port.
func (s *Server) await(pid int) error {
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if got, err := s.pid(); err == nil {
			if got != pid {
				return fmt.Errorf("port of %s belongs to process %d", s.Addr, got)
			}
			return nil
		}
		select {
		case <-s.done:
			return errors.New("redis-server ended at once")
		case <-deadline.C:
			return errors.New("redis-server does not answer")
		case <-tick.C:
		}
	}
}

// pid asks the server for its process ID.
func (s *Server) pid() (int, error) {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(context.Background(), "tcp", s.Addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }() // nothing was written that matters
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(conn)
	if i := slices.Index(s.args, "--requirepass"); i >= 0 {
		if _, err := conn.Write([]byte("AUTH " + s.args[i+1] + "\r\n")); err != nil {
			return 0, err
		}
		if !lines.Scan() || lines.Text() != "+OK" {
			return 0, errors.New("password refused")
		}
	}
	if _, err := conn.Write([]byte("PING\r\nINFO server\r\n")); err != nil {
		return 0, err
	}
	if !lines.Scan() || lines.Text() != "+PONG" {
		return 0, errors.New("not ready")
	}
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "process_id:"); ok {
			return strconv.Atoi(text)
		}
	}
	return 0, errors.New("no process id")
}
