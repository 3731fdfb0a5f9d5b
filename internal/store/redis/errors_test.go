package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestErrorsAreClassified(t *testing.T) {
	for _, test := range []struct {
		name    string
		err     error
		code    string
		passing bool
	}{
		{"loading", reply("LOADING Redis is loading the dataset in memory"), "LOADING", true},
		{"read-only", reply("READONLY You can't write against a read only replica."), "READONLY", true},
		{"master down", reply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), "MASTERDOWN", true},
		{"cluster down", reply("CLUSTERDOWN The cluster is down"), "CLUSTERDOWN", true},
		{"try again", reply("TRYAGAIN Multiple keys request during rehashing of slot"), "TRYAGAIN", true},
		{"unblocked", reply("UNBLOCKED the stream key no longer exists"), "UNBLOCKED", true},
		{"moved", reply("MOVED 3999 127.0.0.1:6381"), "MOVED", true},
		{"ask", reply("ASK 3999 127.0.0.1:6381"), "ASK", true},
		{"too few replicas", reply("NOREPLICAS Not enough good replicas to write."), "NOREPLICAS", true},
		{"disk full", reply("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."), "MISCONF", true},
		{"out of memory", reply("OOM command not allowed when used memory > 'maxmemory'."), "OOM", true},
		{"out of memory in a script of Redis 6.2", reply("ERR Error running script (call to f_1): @user_script:3: @user_script: 3: -OOM command not allowed"), "OOM", true},
		{"busy", reply("BUSY Redis is busy running a script."), "BUSY", true},
		{"too many clients", reply("ERR max number of clients reached"), "MAXCLIENTS", true},
		{"connection closed", io.EOF, codeNetwork, true},
		{"refused connection", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, codeNetwork, true},
		{"deadline", fmt.Errorf("reading: %w", context.DeadlineExceeded), codeTimeout, true},
		{"pool", goredis.ErrPoolTimeout, codeTimeout, true},
		{"no sentinel", errors.New("redis: all sentinels specified in configuration are unreachable"), codeNetwork, true},
		{"cancelled by the caller", context.Canceled, codeCanceled, false},
		{"wrong type", reply("WRONGTYPE Operation against a key holding the wrong kind of value"), codeRefused, false},
		{"wrong password", reply("WRONGPASS invalid username-password pair or user is disabled."), codeRefused, false},
		{"a word that only begins like a code", reply("OOMPH nothing"), codeRefused, false},
		{"closed", store.ErrClosed, codeRefused, false},
		{"damaged", fmt.Errorf("reading: %w", store.ErrDamaged), codeRefused, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &Store{}
			err := s.wrap(test.err, "commit %d cases", 3)
			var own *Error
			if !errors.As(err, &own) || !errors.Is(err, test.err) {
				t.Fatalf("%v: want an Error around %v", err, test.err)
			}
			if own.Code != test.code {
				t.Errorf("code %q, want %q", own.Code, test.code)
			}
			if got := errors.Is(err, ErrUnavailable); got != test.passing {
				t.Errorf("unavailable: %v, want %v", got, test.passing)
			}
			if !strings.HasPrefix(err.Error(), "commit 3 cases: ") {
				t.Errorf("%q does not say what was attempted", err)
			}
			if again := s.wrap(err, "something else"); again != err { //nolint:errorlint // the same one is meant
				t.Errorf("wrapped twice: %v", again)
			}
		})
	}
}

func TestErrorTextHoldsNoArgumentAndNoSecret(t *testing.T) {
	s := &Store{secrets: []string{"hunter2"}}
	err := s.wrap(reply("ERR unknown command 'AUTH', with args beginning with: 'hunter2' 'message text'"), "open")
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "message text") {
		t.Errorf("%q repeats arguments", err)
	}
	err = s.wrap(errors.New("dial user:hunter2@host"), "open")
	if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "[redacted]") {
		t.Errorf("%q repeats the password", err)
	}
}
