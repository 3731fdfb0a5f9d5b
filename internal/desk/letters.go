package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// moveAtOnce is how many letters one request moves.
const moveAtOnce = 2000

// LettersRequest says which letters are listed.
type LettersRequest struct {
	Selection
	Limit int `json:"limit,omitempty"` // 0: DefaultLimit; at most MaxLimit
}

// Letter is an action on a shelf, in short.
type Letter struct {
	Action     chat.ActionID   `json:"action"`
	Code       string          `json:"code"` // of the case
	Case       chat.CaseID     `json:"case"`
	Kind       chat.IntentKind `json:"kind"`
	Rule       chat.RuleID     `json:"rule"`
	chat.Group                 // provider, account, group
	Member     chat.MemberID   `json:"member,omitempty"`
	Why        string          `json:"why,omitempty"` // a word, or the provider's code
	Text       string          `json:"text,omitempty"`
	Attempts   int             `json:"attempts"` // calls that were tried again
	At         time.Time       `json:"at"`
}

// LettersList is the answer to a LettersRequest, newest first.
type LettersList struct {
	Letters []Letter `json:"letters"`
	More    bool     `json:"more,omitempty"`
}

// Letters lists what lies on a shelf. A selection of nothing lists all.
func (d *Desk) Letters(ctx context.Context, shelf actions.Shelf, q LettersRequest) (LettersList, error) {
	var err error
	if q.Limit, err = Limit(q.Limit); err != nil {
		return LettersList{}, err
	}
	keep, err := q.matcher()
	if err != nil {
		return LettersList{}, err
	}
	found, err := d.c.Store.Letters(ctx, shelf, keep, q.Limit+1)
	if err != nil {
		return LettersList{}, fmt.Errorf("listing %s letters: %w", shelf, err)
	}
	list := LettersList{Letters: []Letter{}, More: len(found) > q.Limit}
	for i := range found[:min(len(found), q.Limit)] {
		l := &found[i]
		a := &l.Action
		list.Letters = append(list.Letters, Letter{
			Action: a.ID, Code: a.Case.Code(), Case: a.Case, Kind: a.Intent.Kind, Rule: a.Intent.Rule, Group: a.Group,
			Member: a.Member, Why: l.Code, Text: l.Text, Attempts: l.Attempts, At: l.At,
		})
	}
	return list, nil
}

// Moved says what became of a bounded number of selected letters.
type Moved struct {
	// Letters is how many were found on the shelf, and Done how many of them were queued or dropped.
	// The others were gone by then, or an equal action was wanted already.
	Letters int `json:"letters"`
	Done    int `json:"done"`
	// More is set when there may be more: ask again, with Selection.Before set to Before.
	More   bool      `json:"more,omitempty"`
	Before time.Time `json:"before"`
}

// Requeue puts selected letters into the queue again. What was held then goes past pauses and brakes.
func (d *Desk) Requeue(ctx context.Context, shelf actions.Shelf, s Selection) (Moved, error) {
	var released time.Time
	if shelf == actions.HeldShelf {
		released = d.c.Now()
	}
	return d.move(ctx, shelf, s, func(of []chat.Action) (int, error) { return d.c.Store.Requeue(ctx, shelf, of, released) })
}

// Drop takes selected letters off a shelf for good.
func (d *Desk) Drop(ctx context.Context, shelf actions.Shelf, s Selection) (Moved, error) {
	return d.move(ctx, shelf, s, func(of []chat.Action) (int, error) { return d.c.Store.Discard(ctx, shelf, of) })
}

func (d *Desk) move(ctx context.Context, shelf actions.Shelf, s Selection, do func([]chat.Action) (int, error)) (Moved, error) {
	if s.Before.IsZero() {
		s.Before = d.c.Now()
	}
	m := Moved{Before: s.Before}
	if err := s.check(); err != nil {
		return m, err
	}
	keep, err := s.matcher()
	if err != nil {
		return m, err
	}
	found, err := d.c.Store.Letters(ctx, shelf, keep, moveAtOnce)
	if err != nil {
		return m, fmt.Errorf("reading %s letters: %w", shelf, err)
	}
	if len(found) == 0 {
		return m, nil
	}
	of := make([]chat.Action, len(found))
	for i := range found { // oldest first, as they were queued
		of[len(found)-1-i] = found[i].Action
	}
	m.Letters = len(found)
	if m.Done, err = do(of); err != nil {
		return m, fmt.Errorf("taking %d %s letters off the shelf: %w", len(of), shelf, err)
	}
	m.More = len(found) == moveAtOnce
	return m, nil
}
