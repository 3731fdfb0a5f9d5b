package tencent

import (
	"context"
	"errors"
	"slices"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

var errMoved = errors.New("ending a lockdown: its lock was changed meanwhile")

// unlock ends a lockdown: it restores the settings that still are as the lockdown set them, and
// leaves those that somebody has changed since. The lock is marked before anything is restored, so
// that a lockdown that comes meanwhile does not take it for one that holds.
func (j *job) unlock(ctx context.Context, a chat.Action) actions.Outcome {
	l, version, err := j.locks.Lock(ctx, a.Group)
	switch {
	case err != nil:
		return j.lockFailed(err)
	case version == 0:
		return actions.Outcome{Class: actions.OK, Code: outNotLocked}
	case outlasts(&l, a.Intent):
		return j.hold(ctx, a, l, version)
	}
	p, o := j.settingsOf(ctx)
	if o.Class != actions.OK {
		return j.orGone(ctx, a.Group, version, o)
	}
	restore, untold := reopening(&l, p)
	if len(restore) > 0 {
		// The slot may have taken long, and versions begin anew with each lock.
		is, stands, err := j.locks.Lock(ctx, a.Group)
		switch {
		case err != nil:
			return j.lockFailed(err)
		case stands != version, is.Case != l.Case, !is.Since.Equal(l.Since), !is.Until.Equal(l.Until):
			return j.lockFailed(errMoved)
		}
		if l.Applied {
			l.Applied = false
			if err := j.locks.SaveLock(ctx, l, version); err != nil {
				return j.lockFailed(err)
			}
			version++
		}
		if o, ended := j.reopen(ctx, a, version, restore); ended {
			return o
		}
	}
	if len(untold) > 0 {
		return j.keepFor(ctx, l, version, untold, len(restore) > 0)
	}
	if err := j.locks.DropLock(ctx, a.Group, version); err != nil {
		return j.lockFailed(err)
	}
	if len(restore) == 0 {
		return actions.Outcome{Class: actions.OK, Code: outLeft, Text: "somebody changed the settings during the lockdown"}
	}
	return actions.Outcome{Class: actions.OK, Code: "0"}
}

// outlasts tells whether a lock goes on after the end that an intent is about.
func outlasts(l *chat.Lock, in chat.Intent) bool {
	return !in.Until.IsZero() && (l.Until.IsZero() || l.Until.After(in.Until))
}

// reopening returns the settings that the end of a lock restores, and those of which it is not known
// whether it may.
func reopening(l *chat.Lock, p profile) (restore map[string]string, untold []string) {
	restore = map[string]string{}
	for name, set := range l.Set {
		switch is, told := p.settings[name]; {
		case !told:
			untold = append(untold, name)
		case is == set:
			restore[name] = l.Was[name]
		}
	}
	slices.Sort(untold)
	return restore, untold
}

// reopen restores settings under a lock that is marked, of that version. A lockdown that has read the
// settings before that, and taken the lock over, holds nothing now: so the lock is read once more. ended
// says that the outcome is final.
func (j *job) reopen(ctx context.Context, a chat.Action, version int64, restore map[string]string) (o actions.Outcome, ended bool) {
	refused, o := j.change(ctx, a, restore)
	if o.Class != actions.OK {
		return j.orGone(ctx, a.Group, version, o), true
	}
	l, stands, err := j.locks.Lock(ctx, a.Group)
	switch {
	case err != nil:
		return j.lockFailed(err), true
	case stands > 0 && outlasts(&l, a.Intent):
		return j.hold(ctx, a, l, stands), true
	case len(refused) > 0:
		o = refused[0].Outcome
		o.Text = cut(refused[0].name+" cannot be restored to "+restore[refused[0].name]+": "+o.Text, maxOutcomeText)
		return o, true
	case stands == 0: // another end was as quick
		return actions.Outcome{Class: actions.OK, Code: "0"}, true
	case stands != version:
		return j.lockFailed(errMoved), true
	}
	return actions.Outcome{}, false
}

// keepFor keeps a lock for the settings that Tencent did not tell. What has been restored leaves it: a
// repeat must not undo what somebody makes of that now.
func (j *job) keepFor(ctx context.Context, l chat.Lock, version int64, untold []string, restored bool) actions.Outcome {
	if restored {
		was, set := map[string]string{}, map[string]string{}
		for _, name := range untold {
			was[name], set[name] = l.Was[name], l.Set[name]
		}
		l.Was, l.Set = was, set
		if err := j.locks.SaveLock(ctx, l, version); err != nil {
			return j.lockFailed(err)
		}
	}
	return notTold(untold[0])
}

func notTold(name string) actions.Outcome {
	return actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the answer does not tell " + name}
}
