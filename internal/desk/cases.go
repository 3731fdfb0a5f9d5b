package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// CasesRequest says which cases are listed. Empty fields say nothing.
type CasesRequest struct {
	Rule    chat.RuleID `json:"rule,omitempty"`
	Group   string      `json:"group,omitempty"`  // ID, or provider:ID
	Member  string      `json:"member,omitempty"` // ID, or provider:ID
	Since   time.Time   `json:"since,omitzero"`   // when the case was stored
	Until   time.Time   `json:"until,omitzero"`   // before then
	Outcome string      `json:"outcome,omitempty"`
	Limit   int         `json:"limit,omitempty"` // 0: DefaultLimit; at most MaxLimit
	// Parts lists every case. Without it, a case that carries out part of another one is left out,
	// unless it concerns the member or group that is asked for.
	Parts bool `json:"parts,omitempty"`
}

// CasesList is the answer to a CasesRequest, newest first.
type CasesList struct {
	Cases []Row `json:"cases"`
	More  bool  `json:"more,omitempty"` // there are more than the limit lets through
}

// Cases lists cases.
func (d *Desk) Cases(ctx context.Context, q CasesRequest) (CasesList, error) {
	if q.Outcome != "" && !slices.Contains(outcomes, q.Outcome) {
		return CasesList{}, &Error{Mistaken, fmt.Sprintf("outcome %q is not one of %s", q.Outcome, strings.Join(outcomes, ", "))}
	}
	var err error
	if q.Limit, err = Limit(q.Limit); err != nil {
		return CasesList{}, err
	}
	found, err := d.c.Store.Cases(ctx, store.Query{Since: q.Since, Until: q.Until, Most: q.Limit + 1}, q.wants)
	if err != nil {
		return CasesList{}, fmt.Errorf("listing cases: %w", err)
	}
	list := CasesList{Cases: []Row{}, More: len(found) > q.Limit}
	for i := range found[:min(len(found), q.Limit)] {
		list.Cases = append(list.Cases, rowOf(&found[i]))
	}
	return list, nil
}

// wants tells whether a case is one of those that are asked for.
func (q *CasesRequest) wants(r *chat.Record) bool {
	c := &r.Case
	switch {
	case q.Rule != "" && !concerns(c, q.Rule):
		return false
	case q.Group != "" && !isGroup(c.Event.Group, q.Group):
		return false
	case q.Member != "" && !isMember(c.Event.Provider, c.Event.Member, q.Member):
		return false
	case c.Of != "" && !q.Parts && (q.Group == "" && q.Member == "" || onlyRecalls(c)):
		return false
	case q.Outcome == "":
		return true
	}
	return slices.ContainsFunc(actionsOf(r), func(a done) bool { return a.now.State == q.Outcome })
}

// onlyRecalls tells whether a case does nothing but take a message back. Nearly each case of a
// message may have such a part, which says nothing new about it.
func onlyRecalls(c *chat.Case) bool {
	return !slices.ContainsFunc(c.Intents, func(in chat.Intent) bool { return in.Kind != chat.Recall })
}
