package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	maxParts   = 1000                // of a case that are shown
	excusedFor = 30 * 24 * time.Hour // how long the exception lasts that a case offers
)

// CaseView is all that is known of one case. Its record is the one place where message text leaves
// the desk, as long as the text is kept.
type CaseView struct {
	Row
	Record chat.Record `json:"record"`
	// Whole is the case that this one carries out part of, or undoes; nil when there is none (any more).
	Whole *Row  `json:"whole,omitempty"`
	Parts []Row `json:"parts,omitempty"` // newest first
	// MoreParts is set when there are more than are listed.
	MoreParts bool `json:"more_parts,omitempty"`
	// Undone are the cases that take this one back; none while nobody has undone it.
	Undone []Row  `json:"undone,omitempty"`
	Remedy string `json:"remedy,omitempty"` // lines for rules.yaml, so that it does not happen again
}

// Case returns one case by its ID or its short code.
func (d *Desk) Case(ctx context.Context, name string) (CaseView, error) {
	r, err := d.find(ctx, name)
	if err != nil {
		return CaseView{}, err
	}
	v := CaseView{Row: rowOf(&r), Record: r}
	if of := r.Case.Of; of != "" {
		whole, ok, err := d.c.Store.Record(ctx, of)
		if err != nil {
			return CaseView{}, fmt.Errorf("looking case %s up: %w", of, err)
		}
		if ok {
			row := rowOf(&whole)
			v.Whole = &row
		}
	}
	parts, err := d.c.Store.Cases(ctx, store.Query{Of: r.Case.ID, Most: maxParts + 1}, nil)
	if err != nil {
		return CaseView{}, fmt.Errorf("looking up the parts of case %s: %w", r.Case.ID, err)
	}
	v.MoreParts = len(parts) > maxParts
	for i := range parts[:min(len(parts), maxParts)] {
		row := rowOf(&parts[i])
		if row.Undoes {
			v.Undone = append(v.Undone, row)
		} else {
			v.Parts = append(v.Parts, row)
		}
	}
	if !v.Undoes {
		v.Remedy = policy.Remedy(&r, d.c.Now().Add(excusedFor))
	}
	return v, nil
}

// find returns a case by its ID or its short code.
func (d *Desk) find(ctx context.Context, name string) (chat.Record, error) {
	name = strings.TrimSpace(name)
	var r chat.Record
	var ok bool
	var err error
	switch code := chat.NormalCode(name); {
	case isID(name):
		r, ok, err = d.c.Store.Record(ctx, chat.CaseID(name))
	case isCode(code):
		r, ok, err = d.c.Store.RecordByCode(ctx, code)
	default:
		return r, &Error{NotFound, fmt.Sprintf("%q is no code of a case: those have 8 letters and digits", clip(name))}
	}
	if err != nil {
		return r, fmt.Errorf("looking case %s up: %w", name, err)
	}
	if !ok {
		return r, &Error{NotFound, fmt.Sprintf("no case %s: it is mistyped, or older than the audit", name)}
	}
	return r, nil
}

const (
	lenID   = 32 // of chat.Digest
	lenCode = 8  // of chat.CaseID.Code
)

// isID tells whether a text looks like the ID of a case or an action.
func isID(s string) bool {
	return len(s) == lenID && strings.Trim(s, "0123456789abcdef") == ""
}

// isCode tells whether a text looks like a short code.
func isCode(s string) bool {
	return len(s) == lenCode && strings.Trim(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

// clip bounds what a message repeats of a person's input.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
