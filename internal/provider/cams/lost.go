package cams

import (
	"errors"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// A group of which CAMS says several times that it does not exist was dissolved, or has left the number. It
// is looked for again after a day: nothing that was said once may be believed for ever.
const (
	goneAfter = 3
	goneFor   = 24 * time.Hour
)

// blindAfter is how long no list could be read before somebody has to know, and so are two intervals: one
// reading that failed is not many.
const blindAfter = 3 * time.Minute

// isUnknown tells whether an error says that there is no such group.
func isUnknown(err error) bool {
	var fault *CallError
	return errors.As(err, &fault) && fault.Meta == metaUnknownGroup
}

// isAnswer tells whether an error is about a call to CAMS, and not about what is kept of the groups here.
func isAnswer(err error) bool {
	var fault *CallError
	return errors.As(err, &fault)
}

// revive takes up a group again that was given up: it was heard of.
func (r *Roster) revive(id chat.GroupID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.groups[id]; w != nil && w.unknown >= goneAfter {
		w.unknown, w.due = 0, time.Now()
		r.rouse()
	}
}

// Blind tells whether every reading of a member list has failed for some minutes. Groups that are gone do
// not count.
func (r *Roster) Blind() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.unread.IsZero() && time.Since(r.unread) >= max(blindAfter, 2*r.cfg.Interval)
}
