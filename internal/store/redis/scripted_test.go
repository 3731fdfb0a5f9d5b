package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// scripted is a server that speaks just enough of Redis's protocol to refuse scripts and reads with
// an error of the test's choice.
type scripted struct {
	addr  string
	reply atomic.Pointer[string]
	info  atomic.Pointer[string] // what INFO answers; nil: +OK
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{addr: l.Addr().String()}
	var wait sync.WaitGroup
	var conns sync.Map
	t.Cleanup(func() {
		_ = l.Close() // ends the loop below
		conns.Range(func(c, _ any) bool { _ = c.(net.Conn).Close(); return true })
		wait.Wait()
	})
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, true)
			wait.Go(func() { s.serve(conn) })
		}
	})
	return s
}

func (s *scripted) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }() // the client left
	in := bufio.NewReader(conn)
	for {
		command, err := readCommand(in)
		if err != nil {
			return
		}
		answer := "+OK"
		switch strings.ToLower(command[0]) {
		case "hello":
			answer = "-ERR unknown command"
		case "get":
			answer = "$1\r\n1"
		case "info":
			if text := s.info.Load(); text != nil {
				answer = fmt.Sprintf("$%d\r\n%s", len(*text), *text)
			}
		case "evalsha", "eval", "xreadgroup":
			answer = "-" + *s.reply.Load()
		}
		if _, err := io.WriteString(conn, answer+"\r\n"); err != nil {
			return
		}
	}
}

// readCommand reads an array of bulk strings.
func readCommand(in *bufio.Reader) ([]string, error) {
	count, err := readCount(in, '*')
	if err != nil {
		return nil, err
	}
	out := make([]string, count)
	for i := range out {
		size, err := readCount(in, '$')
		if err != nil {
			return nil, err
		}
		body := make([]byte, size+2)
		if _, err := io.ReadFull(in, body); err != nil {
			return nil, err
		}
		out[i] = string(body[:size])
	}
	return out, nil
}

func readCount(in *bufio.Reader, kind byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if line[0] != kind {
		return 0, fmt.Errorf("%q is not what was expected", line)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

func TestWhatPassesIsToldFromWhatIsRefused(t *testing.T) {
	server := newScripted(t)
	s := openAt(t, "redis://"+server.addr, 0, store.Options{Partitions: 1})
	for _, test := range []struct {
		reply   string
		passing bool
	}{
		{"LOADING Redis is loading the dataset in memory", true},
		{"READONLY You can't write against a read only replica.", true},
		{"MASTERDOWN Link with MASTER is down", true},
		{"CLUSTERDOWN Hash slot not served", true},
		{"TRYAGAIN Multiple keys request during rehashing of slot", true},
		{"MOVED 3999 127.0.0.1:1", true},
		{"ASK 3999 127.0.0.1:1", true},
		{"NOREPLICAS Not enough good replicas to write.", true},
		{"MISCONF Errors writing to the AOF file: No space left on device", true},
		{"OOM command not allowed when used memory > 'maxmemory'.", true},
		{"UNBLOCKED the stream key no longer exists", true},
		{"WRONGTYPE Operation against a key holding the wrong kind of value", false},
	} {
		code, _, _ := strings.Cut(test.reply, " ")
		t.Run(code, func(t *testing.T) {
			server.reply.Store(&test.reply)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := s.Commit(ctx, []chat.Case{removalOf(groupN(1), 1)})
			var own *Error
			if err == nil || errors.Is(err, ErrUnavailable) != test.passing || !errors.As(err, &own) {
				t.Fatalf("commit: %v, want unavailable %v", err, test.passing)
			}
			if test.passing && own.Code != code {
				t.Errorf("code %q, want %q", own.Code, code)
			}
			if items, err := s.read(ctx, 0, 1, time.Millisecond); code == "UNBLOCKED" && (err != nil || len(items) != 0) {
				t.Errorf("a read that was unblocked: %v, %v, want nothing", items, err)
			}
		})
	}
}
