package desk

import (
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Row is a case in short, without message text.
type Row struct {
	Code       string         `json:"code"`
	ID         chat.CaseID    `json:"id"`
	At         time.Time      `json:"at"` // of the event
	Rule       chat.RuleID    `json:"rule,omitempty"`
	Title      string         `json:"title,omitempty"`
	chat.Group                // provider, account, group
	GroupType  chat.GroupType `json:"group_type,omitempty"`
	Kind       chat.Kind      `json:"kind"`
	Member     chat.MemberID  `json:"member"`
	Name       string         `json:"name,omitempty"`
	Of         string         `json:"of,omitempty"` // code of the case that this one carries out part of, or undoes
	Undoes     bool           `json:"undoes,omitempty"`
	Outcome    string         `json:"outcome,omitempty"` // all actions in short
	Actions    []ActionState  `json:"actions"`
}

// rowOf sums a case up.
func rowOf(r *chat.Record) Row {
	c := &r.Case
	row := Row{
		Code: c.Code, ID: c.ID, At: c.Event.At, Group: c.Event.Group, GroupType: c.Event.GroupType, Kind: c.Event.Kind,
		Member: c.Event.Member, Name: c.Event.Name, Undoes: undoes(c), Actions: []ActionState{},
	}
	if c.Of != "" {
		row.Of = c.Of.Code()
	}
	row.Rule = ruleOf(c)
	for _, m := range c.Matches {
		if m.Rule == row.Rule {
			row.Title = m.Title
			break
		}
	}
	for _, d := range actionsOf(r) {
		row.Actions = append(row.Actions, d.now)
	}
	row.Outcome = outcomeOf(row.Actions)
	return row
}

// ruleOf returns the rule that a case is about. A part of another case has no matches, but intents.
func ruleOf(c *chat.Case) chat.RuleID {
	if rule := c.Rule(); rule != "" {
		return rule
	}
	for _, in := range c.Intents {
		return in.Rule
	}
	return ""
}

// undoes tells whether a case takes back what another one did. One that found nothing to take back
// has no intents.
func undoes(c *chat.Case) bool {
	for _, in := range c.Intents {
		if !in.Kind.Restores() {
			return false
		}
	}
	return len(c.Intents) > 0 || c.Of != "" && c.ID == undoOf(c.Of)
}

// concerns tells whether a rule matched in a case, or wants something in it.
func concerns(c *chat.Case, rule chat.RuleID) bool {
	for _, in := range c.Intents {
		if in.Rule == rule {
			return true
		}
	}
	for _, m := range c.Matches {
		if m.Rule == rule && m.Mode == "enforce" {
			return true
		}
	}
	return false
}

// isGroup tells whether a group is the one that a person named: by its ID, or by provider and ID as
// in tencent:@TGS#1.
func isGroup(g chat.Group, named string) bool {
	return string(g.ID) == named || string(g.Provider)+":"+string(g.ID) == named
}

// isMember tells whether a member is the one that a person named: by the ID, by provider and ID, or
// by a number with a leading plus sign.
func isMember(p chat.Provider, m chat.MemberID, named string) bool {
	return string(m) == named || string(p)+":"+string(m) == named ||
		p == chat.CAMS && string(m) == strings.TrimPrefix(named, "+")
}
