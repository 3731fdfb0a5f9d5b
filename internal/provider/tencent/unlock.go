package tencent

import (
	"context"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// unlock ends a lockdown: it restores the settings that still are as the lockdown set them, and
// leaves those that somebody has changed since. The lock is marked before anything is restored, so
// that a lockdown that comes meanwhile does not take it for one that holds.
func (j *job) unlock(ctx context.Context, a chat.Action) actions.Outcome {
	l, version, err := j.locks.Lock(ctx, a.Group)
	if err != nil {
		return j.lockFailed(err)
	}
	if version == 0 {
		return actions.Outcome{Class: actions.OK, Code: outNotLocked}
	}
	if end := a.Intent.Until; !end.IsZero() && (l.Until.IsZero() || l.Until.After(end)) {
		return actions.Outcome{Class: actions.OK, Code: outExtended, Text: ending(l.Until)}
	}
	p, o := j.settingsOf(ctx)
	if o.Class != actions.OK {
		return j.orGone(ctx, a.Group, version, o)
	}
	restore := map[string]string{}
	for name, set := range l.Set {
		is, told := p.settings[name]
		if !told {
			return actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the answer does not tell " + name + ", which is to be restored"}
		}
		if is == set {
			restore[name] = l.Was[name]
		}
	}
	if len(restore) > 0 {
		if l.Applied {
			l.Applied = false
			if err := j.locks.SaveLock(ctx, l, version); err != nil {
				return j.lockFailed(err)
			}
			version++
		}
		refused, o := j.change(ctx, restore)
		if o.Class != actions.OK {
			return j.orGone(ctx, a.Group, version, o)
		}
		if len(refused) > 0 {
			o = refused[0].Outcome
			o.Text = cut(refused[0].name+" cannot be restored to "+restore[refused[0].name]+": "+o.Text, maxOutcomeText)
			return o
		}
	}
	if err := j.locks.DropLock(ctx, a.Group, version); err != nil {
		return j.lockFailed(err)
	}
	if len(restore) == 0 {
		return actions.Outcome{Class: actions.OK, Code: outLeft, Text: "somebody changed the settings during the lockdown"}
	}
	return actions.Outcome{Class: actions.OK, Code: "0"}
}
