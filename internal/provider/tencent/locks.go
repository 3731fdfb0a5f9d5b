package tencent

import (
	"context"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Locks keeps what lockdowns have changed, for all replicas.
type Locks interface {
	// Lock returns the lock of a group and its version; version 0 says that there is none.
	Lock(ctx context.Context, g chat.Group) (chat.Lock, int64, error)
	// SaveLock stores the lock of l.Group in place of the version that was read (0: there was none).
	// The stored lock has the next version. It is an error when the stored one is another by now.
	SaveLock(ctx context.Context, l chat.Lock, version int64) error
	// DropLock removes a group's lock, of which that version was read. It is an error when the stored
	// one is another by now.
	DropLock(ctx context.Context, g chat.Group, version int64) error
}

// extend makes a standing lockdown end later, if the new one does.
func (j *job) extend(ctx context.Context, l chat.Lock, version int64, until time.Time) actions.Outcome {
	if until = later(l.Until, until); !until.Equal(l.Until) {
		l.Until = until
		if err := j.locks.SaveLock(ctx, l, version); err != nil {
			return j.lockFailed(err)
		}
	}
	return actions.Outcome{Class: actions.OK, Code: outExtended, Text: ending(until)}
}

// later returns the later of two ends, of which zero is the end that never comes.
func later(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if a.After(b) {
		return a
	}
	return b
}

func ending(until time.Time) string {
	if until.IsZero() {
		return "until somebody ends it"
	}
	return "until " + until.UTC().Format(time.RFC3339)
}

// orGone passes a failure on. With its group, a lock ends.
func (j *job) orGone(ctx context.Context, g chat.Group, version int64, o actions.Outcome) actions.Outcome {
	if o.Code != strconv.Itoa(codeNoGroup) || version == 0 {
		return o
	}
	if err := j.locks.DropLock(ctx, g, version); err != nil {
		return j.lockFailed(err)
	}
	return o
}

// lockFailed is the outcome when a lock could not be read or stored, or was changed by another
// replica meanwhile: the action starts anew.
func (j *job) lockFailed(err error) actions.Outcome {
	return actions.Outcome{Class: actions.Again, Code: outLock, Text: j.clean(err.Error(), "")}
}
