package tencent

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Codes of outcomes of lockdowns.
const (
	outExtended   = "extended"       // a lockdown stands, and ends later now
	outShut       = "shut_already"   // the group's own settings are those of a lockdown
	outJoinsOpen  = "joins_open"     // the members are muted; joins of such a group cannot be closed
	outNotApplied = "not_applied"    // Tencent accepted a change that cannot be seen
	outNotLocked  = "not_locked"     // no lockdown stands
	outLeft       = "left_unchanged" // somebody changed the settings during the lockdown
	outLock       = "lock"           // the lock could not be read or stored
)

// Why a lockdown can never be carried out.
var (
	errNoLinks   = errors.New("routing a lockdown: groups at Tencent have no invite link to revoke")
	errNoLocks   = errors.New("routing a lockdown: there is no place to keep what it changes")
	errJoinsOpen = errors.New("routing a lockdown: anybody can join a ChatRoom (Meeting), AVChatRoom or Live room, and Tencent does not let that be changed")
)

// routeLockdown routes a lockdown, or the end of one, by the call that changes settings.
func (s *Sender) routeLockdown(a chat.Action) (actions.Route, error) {
	lock := a.Intent.Kind == chat.Lockdown
	switch {
	case lock && !a.Intent.Close && !a.Intent.MuteAll:
		return actions.Route{}, errNoLinks
	case s.locks == nil:
		return actions.Route{}, errNoLocks
	}
	if kind := s.typeOf(a); lock && kind != "" && !a.Intent.MuteAll && len(closes(kind)) == 0 {
		return actions.Route{}, errJoinsOpen
	}
	return s.route(apiModify, 1, ""), nil
}

// lockdown carries out a lockdown. What it changes is stored before it is changed, so that an end
// of this process at any moment leaves a lock that says what to restore. A repeat takes the lock
// without Applied for what it is, and changes what is not changed yet.
func (j *job) lockdown(ctx context.Context, a chat.Action) actions.Outcome {
	if u := a.Intent.Until; !u.IsZero() && !u.After(j.now()) {
		return actions.Outcome{Class: actions.OK, Code: outExpired}
	}
	old, version, err := j.locks.Lock(ctx, a.Group)
	if err != nil {
		return j.lockFailed(err)
	}
	if version > 0 && old.Applied && covers(&old, a.Intent) {
		return j.extend(ctx, old, version, a.Intent.Until)
	}
	p, o := j.settingsOf(ctx)
	switch {
	case o.Class != actions.OK:
		return j.orGone(ctx, a.Group, version, o)
	case !a.Intent.MuteAll && len(closes(p.kind)) == 0:
		return actions.Outcome{Class: actions.Permanent, Code: outJoinsOpen, Text: errJoinsOpen.Error()}
	}
	d := draftOf(a, old, version, p, j.now())
	if len(d.change) > 0 {
		if j.stops(&a) { // before there is a lock that sets nothing
			return stopped()
		}
		if err := j.locks.SaveLock(ctx, d.lock, version); err != nil {
			return j.lockFailed(err)
		}
		if version, o = j.apply(ctx, a, &d, version+1); o.Class != actions.OK {
			return j.orGone(ctx, a.Group, version, o)
		}
	}
	return j.confirm(ctx, a, &d, version)
}

// covers tells whether a standing lock holds all that a lockdown wants.
func covers(l *chat.Lock, in chat.Intent) bool {
	_, apply := l.Set[setApply]
	_, invite := l.Set[setInvite]
	_, mute := l.Set[setMute]
	return (!in.MuteAll || mute) && (!in.Close || apply || invite || mute && in.MuteAll && len(closes(l.GroupType)) == 0)
}

// apply makes the changes and looks whether they can be seen: what Tencent answers to a setting that
// a type of group does not have is not documented. It returns the version of the lock that is
// stored.
func (j *job) apply(ctx context.Context, a chat.Action, d *draft, version int64) (int64, actions.Outcome) {
	var o actions.Outcome
	if d.refused, o = j.change(ctx, a, d.change); o.Class != actions.OK {
		return version, o
	}
	for _, r := range d.refused {
		delete(d.change, r.name)
		delete(d.lock.Was, r.name)
		delete(d.lock.Set, r.name)
	}
	if len(d.change) == 0 {
		return version, o
	}
	p, o := j.settingsOf(ctx)
	if o.Class != actions.OK {
		return version, o
	}
	// What cannot be seen may come true later: it stays in the lock, and is restored if it has.
	for _, name := range slices.Sorted(maps.Keys(d.change)) {
		if p.settings[name] != d.change[name] {
			d.ignored = append(d.ignored, name)
		}
	}
	return version, o
}

// confirm stores that the changes were made, and says what became of the lockdown.
func (j *job) confirm(ctx context.Context, a chat.Action, d *draft, version int64) actions.Outcome {
	var err error
	switch {
	case version > 0 && len(d.lock.Set) == 0:
		err = j.locks.DropLock(ctx, a.Group, version)
	case version > 0:
		d.lock.Applied = true
		err = j.locks.SaveLock(ctx, d.lock, version)
	}
	if err != nil {
		return j.lockFailed(err)
	}
	if o, failed := d.failure(); failed {
		return o
	}
	o := actions.Outcome{Class: actions.OK, Code: "0", Text: ending(d.lock.Until)}
	switch {
	case version == 0:
		o.Code, o.Text = outShut, "the group's own settings are those of a lockdown, and stay when it ends"
	case a.Intent.Close && len(closes(d.lock.GroupType)) == 0:
		o.Code, o.Text = outJoinsOpen, "all are muted; joins of such a group cannot be closed"
	}
	return o
}
