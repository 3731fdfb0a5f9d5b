package desk

import (
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// undoing is one case that is to be undone, without what is not needed for it.
type undoing struct {
	row     Row
	event   chat.Event // without text
	rules   string     // hash
	actions []done     // those that are undone
	partial bool       // other rules wanted something in the case, which stays
}

// newUndoing returns what is to be undone of a case: everything, or what one rule wanted. It is false
// when there is nothing, or when the case itself is an undoing.
func newUndoing(r *chat.Record, rule chat.RuleID) (undoing, bool) {
	if undoes(&r.Case) {
		return undoing{}, false
	}
	u := undoing{row: rowOf(r), event: r.Case.Event, rules: r.Case.Rules}
	u.event.Text = ""
	u.row.Actions = nil
	for _, a := range actionsOf(r) {
		if rule != "" && a.Intent.Rule != rule {
			u.partial = true
			continue
		}
		a.Intent.Reason = "" // may quote the message
		u.actions = append(u.actions, a)
		u.row.Actions = append(u.row.Actions, a.now)
	}
	u.row.Outcome = outcomeOf(u.row.Actions)
	if u.row.Actions == nil {
		u.row.Actions = []ActionState{}
	}
	return u, rule == "" || len(u.actions) > 0
}

// look takes into account what lies on the shelves. An action whose last answer was a shelf's, and
// that is not there, may be in the queue.
func (u *undoing) look(shelved map[chat.ActionID]bool) {
	for i := range u.actions {
		a := &u.actions[i]
		gone := a.now.State == string(actions.Held) || a.now.State == string(actions.Dead)
		if gone && !shelved[a.ID] {
			a.now.State, a.touched = Pending, true
		}
	}
}

// steps returns what is done about each action.
func (u *undoing) steps(shelved map[chat.ActionID]bool) []Step {
	out := make([]Step, len(u.actions))
	for i := range u.actions {
		a := &u.actions[i]
		switch {
		case !a.touched && shelved[a.ID]:
			out[i] = StepDrop
		case !a.touched:
			out[i] = StepNothing
		case a.now.State == Pending && !a.tried:
			out[i] = StepVoid
		default:
			out[i] = stepOf(&a.Action)
		}
	}
	return out
}

// stepOf returns how an action that was carried out is undone.
func stepOf(a *chat.Action) Step {
	switch a.Intent.Kind {
	case chat.Remove:
		switch {
		case a.Group.Provider == chat.CAMS:
			return StepInvite
		case a.GroupType == chat.AVChatRoom || a.GroupType == chat.Live:
			return StepFree
		}
		return StepAdd
	case chat.Mute:
		return StepUnmute
	case chat.Lockdown:
		if a.Group.Provider == chat.CAMS {
			return StepLink
		}
		return StepUnlock
	case chat.Dissolve:
		return StepGone
	}
	return StepStays
}

// id is the ID of the case that undoes this one.
func (u *undoing) id() chat.CaseID {
	if u.partial { // so that undoing all of the case later is not taken for a repeat
		return chat.CaseID(chat.Digest("undo", string(u.row.ID), string(u.actions[0].Intent.Rule)))
	}
	return undoOf(u.row.ID)
}

// undoOf is the ID of the case that undoes a case as a whole.
func undoOf(id chat.CaseID) chat.CaseID { return chat.CaseID(chat.Digest("undo", string(id))) }

// restoring returns the kind of intent that undoes an action, if there is one. In a WhatsApp group
// nothing can be taken back by a program.
func restoring(a *chat.Action) (chat.IntentKind, bool) {
	if a.Group.Provider == chat.CAMS {
		return "", false
	}
	switch a.Intent.Kind {
	case chat.Remove:
		return chat.Readmit, true
	case chat.Mute:
		return chat.Unmute, true
	case chat.Lockdown:
		return chat.Unlock, true
	}
	return "", false
}

// undo returns the case that undoes this one. An action that still is in the queue is undone as well,
// since it may be on its way; where nothing was done, undoing does nothing.
func (u *undoing) undo(now time.Time) chat.Case {
	c := chat.Case{ID: u.id(), Of: u.row.ID, Rules: u.rules, Event: u.event}
	c.Code = c.ID.Code()
	c.Event.At, c.Event.Received = now, now
	seen := map[chat.Intent]bool{}
	for i := range u.actions {
		kind, can := restoring(&u.actions[i].Action)
		in := chat.Intent{Kind: kind, Rule: u.actions[i].Intent.Rule, Unsure: true}
		if can && u.actions[i].touched && !seen[in] {
			seen[in] = true
			c.Intents = append(c.Intents, in)
		}
	}
	return c
}

// invite tells whether somebody has to be invited by hand, or a group made again.
func (u *undoing) invite() (Invite, bool) {
	for i := range u.actions {
		a := &u.actions[i]
		if !a.touched || !a.tried {
			continue
		}
		switch stepOf(&a.Action) {
		case StepInvite:
			return Invite{Group: a.Group, Member: a.Member, Name: u.event.Name, Code: u.row.Code}, true
		case StepGone:
			return Invite{Group: a.Group, Code: u.row.Code}, true
		}
	}
	return Invite{}, false
}
