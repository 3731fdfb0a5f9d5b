package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// ErrUnavailable is what an error is (errors.Is) when Redis cannot serve right now and may later:
// it is loading, failing over, moving slots, full, out of reach or too slow. The caller tries again
// or puts the work elsewhere; it never drops it.
var ErrUnavailable = errors.New("redis is unavailable")

// ErrSetup is what an error is (errors.Is) when Redis answers, and what it says is that it must be set up
// in another way, or the setting of its URL: waiting does not help.
var ErrSetup = errors.New("redis cannot be used as it is set up")

// Error is a failed operation. Its text holds no password and no argument of a command.
type Error struct {
	Op   string // what was attempted, and on which ID
	Code string // Redis's error code such as LOADING, or network, timeout, canceled, refused
	text string
	err  error
}

func (e *Error) Error() string { return e.Op + ": " + e.text }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

// Is tells that an error which may pass is ErrUnavailable, and one that a person has to mend ErrSetup.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnavailable:
		return e.Code != codeRefused && e.Code != codeCanceled
	case ErrSetup:
		return e.Code == codeRefused && isSetup(e.err)
	}
	return false
}

// Codes of failures that are not Redis's own words.
const (
	codeNetwork  = "network"
	codeTimeout  = "timeout"
	codeCanceled = "canceled"
	codeRefused  = "refused" // Redis answers that this can never work
	codeReplicas = "WAIT"    // too few replicas hold the write in time
)

// passing are the codes by which Redis says "not now" (https://redis.io/docs/latest/operate/oss_and_stack/management/).
// MOVED and ASK only get here when the client has followed them as often as it does.
var passing = []string{
	"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED", "MOVED", "ASK",
	"NOREPLICAS", "MISCONF", "OOM", "BUSY", "NOGROUP",
}

// setups are how replies begin by which Redis says that password, rights or database are wrong
// (https://redis.io/docs/latest/commands/auth/, https://redis.io/docs/latest/operate/oss_and_stack/management/security/).
var setups = []string{
	"NOAUTH", "WRONGPASS", "NOPERM", "DENIED", "ERR AUTH ", "ERR Client sent AUTH", "ERR invalid password",
	"ERR DB index is out of range", "ERR invalid DB index",
}

// isSetup tells whether an error is such a reply.
func isSetup(err error) bool {
	var reply goredis.Error
	if !errors.As(err, &reply) {
		return false
	}
	text := reply.Error()
	return slices.ContainsFunc(setups, func(start string) bool { return strings.HasPrefix(text, start) })
}

// classify returns the code of an error.
func classify(err error) string {
	if errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrPartitions) || errors.Is(err, store.ErrDamaged) || errors.Is(err, ErrSetup) {
		return codeRefused
	}
	var redisErr goredis.Error
	if errors.As(err, &redisErr) {
		return classifyReply(redisErr.Error())
	}
	var netErr net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return codeCanceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, goredis.ErrPoolTimeout):
		return codeTimeout
	case errors.As(err, &netErr) && netErr.Timeout():
		return codeTimeout
	case errors.As(err, &netErr), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed):
		return codeNetwork
	case errors.Is(err, goredis.ErrClosed):
		return codeRefused
	}
	return classifyText(err.Error())
}

// classifyReply returns the code of an error reply. A script passes on the error of a command that
// it called: Redis 7 keeps its code in front, older ones put it after a hyphen in the middle.
func classifyReply(text string) string {
	text = strings.TrimPrefix(text, "ERR ")
	for _, code := range passing {
		if strings.HasPrefix(text, code+" ") || text == code || strings.Contains(text, ": -"+code+" ") {
			return code
		}
	}
	if strings.HasPrefix(text, "max number of clients") {
		return "MAXCLIENTS"
	}
	return codeRefused
}

// classifyText looks at errors of the client that have no type. A sentinel client says so when no
// sentinel answers; everything else that has no type came from a connection, too.
func classifyText(text string) string {
	if code := classifyReply(text); code != codeRefused {
		return code
	}
	return codeNetwork
}

// wrap makes an Error of a failure of the operation.
func (s *Store) wrap(err error, op string, args ...any) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	if s.closed.Load() {
		return fmt.Errorf(op+": %w", append(args, store.ErrClosed)...)
	}
	return &Error{Op: fmt.Sprintf(op, args...), Code: classify(err), text: s.redact(err.Error()), err: err}
}

// redact cuts what an error text may hold of arguments, and any secret.
func (s *Store) redact(text string) string {
	text, _, _ = strings.Cut(text, ", with args beginning with")
	return redact(text, s.secrets)
}

func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return text
}

// classified tells whether an error is an error reply of this code.
func classified(err error, code string) bool { return err != nil && classify(err) == code }
