package desk

import (
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Bounds of one undo request.
const (
	undoAtOnce = 10_000 // cases that one request undoes
	undoShown  = 200    // cases that one answer lists
	undoInvite = 1000   // people and groups that one answer lists to be invited
	undoBatch  = 200    // cases that are stored together
	undoLetter = 50_000 // letters that one request drops
	undoLasts  = 30 * 24 * time.Hour
)

// UndoRequest says what is taken back: one case with its parts, or what one rule decided in a span of
// time.
type UndoRequest struct {
	Case  string      `json:"case,omitempty"` // ID or short code
	Rule  chat.RuleID `json:"rule,omitempty"`
	Since time.Time   `json:"since,omitzero"` // when the case was decided
	Until time.Time   `json:"until,omitzero"` // before then; zero, or in the future: now
	// Preview asks what would be done. Nothing is.
	Preview bool `json:"preview"`
	// Skip passes over so many cases, the newest: those that earlier requests have dealt with.
	Skip int `json:"skip,omitempty"`
}

// Step is one thing that an undoing does.
type Step string

// The steps.
const (
	StepVoid    Step = "void"    // an action in the queue is not carried out
	StepDrop    Step = "drop"    // a held or dead letter is dropped
	StepAdd     Step = "add"     // the member is added to the group again
	StepFree    Step = "free"    // the mute or ban that stands for a removal is lifted
	StepInvite  Step = "invite"  // a person has to invite the member
	StepUnmute  Step = "unmute"  // a mute is lifted
	StepUnlock  Step = "unlock"  // a lockdown is ended
	StepLink    Step = "link"    // a revoked invite link; whether there is a new one is a person's choice
	StepGone    Step = "gone"    // the group was dissolved, which cannot be undone
	StepStays   Step = "stays"   // a recalled message or a warning, which cannot be taken back
	StepNothing Step = "nothing" // nothing was done
)

// UndoCase is what an undoing does about one case.
type UndoCase struct {
	Row
	Steps []Step `json:"steps"` // parallel to Row.Actions
	// Already is set when the case was undone before.
	Already bool `json:"already,omitempty"`
}

// Invite is a member whom a person has to invite, or a group that would have to be made again.
type Invite struct {
	chat.Group
	Member chat.MemberID `json:"member,omitempty"` // empty: the group as a whole, which was dissolved
	Name   string        `json:"name,omitempty"`
	Code   string        `json:"code"` // of the case
}

// Undone is the answer to an UndoRequest.
type Undone struct {
	Preview bool        `json:"preview"`
	Rule    chat.RuleID `json:"rule,omitempty"`
	Since   time.Time   `json:"since,omitzero"`
	Until   time.Time   `json:"until,omitzero"`
	Found   int         `json:"found"` // cases, those that were passed over among them
	// Undone is how many cases this request has undone, and Already how many of those that it looked
	// at had been undone before.
	Undone  int          `json:"undone"`
	Already int          `json:"already"`
	Dropped int          `json:"dropped"` // letters
	Steps   map[Step]int `json:"steps"`   // actions, of the cases of this request that were not undone before
	Cases   []UndoCase   `json:"cases"`   // newest first, at most some
	Invite  []Invite     `json:"invite"`  // at most some
	Invites int          `json:"invites"` // how many there are
	// Next is what Skip has to be to go on; 0: nothing is left.
	Next int `json:"next,omitempty"`
}

// check returns what is wrong with a request.
func (q *UndoRequest) check(now time.Time) error {
	switch {
	case q.Case == "" && q.Rule == "":
		return &Error{Mistaken, "nothing is to be undone: name a case, or a rule and a span of time"}
	case q.Case != "" && (q.Rule != "" || !q.Since.IsZero() || !q.Until.IsZero()):
		return &Error{Mistaken, "a case is named, and a rule or a span of time as well: keep one of both"}
	case q.Case == "" && q.Since.IsZero():
		return &Error{Mistaken, "undoing what a rule did needs the time since when"}
	case q.Case == "" && !q.Since.Before(q.until(now)):
		return &Error{Mistaken, fmt.Sprintf("the span of time is empty: from %s to %s", q.Since.UTC().Format(time.RFC3339), q.until(now).UTC().Format(time.RFC3339))}
	case q.Skip < 0:
		return &Error{Mistaken, "skip is negative"}
	}
	return nil
}

// until returns the end of the span. What is decided later than now is not undone in advance.
func (q *UndoRequest) until(now time.Time) time.Time {
	if q.Until.IsZero() || q.Until.After(now) {
		return now
	}
	return q.Until
}
