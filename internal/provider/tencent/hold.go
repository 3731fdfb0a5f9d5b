package tencent

import (
	"context"
	"slices"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// hold sees to it that a lockdown that goes on does hold. Its end at an earlier time, tried by this
// replica or by another, may have opened the group before the lockdown was extended, or after the
// extension had found it shut. What is open is shut again, as a lockdown would do it.
func (j *job) hold(ctx context.Context, a chat.Action, l chat.Lock, version int64) actions.Outcome {
	extended := actions.Outcome{Class: actions.OK, Code: outExtended, Text: ending(l.Until)}
	if !l.Until.IsZero() && !l.Until.After(j.now()) {
		return extended // and its own end is due
	}
	p, o := j.settingsOf(ctx)
	if o.Class != actions.OK {
		return j.orGone(ctx, a.Group, version, o)
	}
	a.Intent.Until = l.Until
	all := l
	all.Applied = false // all that it sets is wanted
	d := draftOf(a, all, version, p, j.now())
	_, untold := reopening(&l, p)
	d.unknown = nil // told at the end
	if len(d.change) > 0 {
		if err := j.locks.SaveLock(ctx, d.lock, version); err != nil {
			return j.lockFailed(err)
		}
		if version, o = j.apply(ctx, a, &d, version+1); o.Class != actions.OK {
			return j.orGone(ctx, a.Group, version, o)
		}
	}
	if len(d.change) > 0 || !l.Applied && len(untold) == 0 {
		if o = j.confirm(ctx, a, &d, version); o.Class != actions.OK {
			return o
		}
	}
	if len(untold) > 0 {
		return notTold(slices.Min(untold))
	}
	return extended
}
