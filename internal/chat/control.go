package chat

import "time"

// Pause keeps a rule from acting, in one group or everywhere. What it wants meanwhile is held.
type Pause struct {
	Rule  RuleID    `json:"rule,omitempty"`  // empty: every rule
	Group *Group    `json:"group,omitempty"` // nil: in every group
	By    string    `json:"by"`              // PausedByOperator or PausedByBrake
	Why   string    `json:"why,omitempty"`
	At    time.Time `json:"at"`
	// Ended is when the pause was lifted; zero while it holds. A pause that was lifted is kept for as
	// long as a brake looks back: removals before that time count no more.
	Ended time.Time `json:"ended,omitzero"`
}

// Who paused a rule.
const (
	PausedByOperator = "operator"
	PausedByBrake    = "brake"
)

// Covers tells whether the pause holds for what a rule wants in a group.
func (p *Pause) Covers(rule RuleID, g Group) bool {
	return p.Ended.IsZero() && (p.Rule == "" || p.Rule == rule) && (p.Group == nil || *p.Group == g)
}

// Key names what is paused: pauses of one key replace each other.
func (p *Pause) Key() string {
	if p.Group == nil {
		return Digest("pause", string(p.Rule))
	}
	return Digest("pause", string(p.Rule), string(p.Group.Provider), string(p.Group.Account), string(p.Group.ID))
}

// Undoing takes back what was decided: one case with its parts, or all that a rule decided in a span
// of time. Actions of these cases that are not carried out yet never are.
type Undoing struct {
	Case  CaseID    `json:"case,omitempty"`
	Rule  RuleID    `json:"rule,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	At    time.Time `json:"at"`
}

// Covers tells whether the undoing is about an action. What undoes is never undone by it. In a span of
// time are the actions that were decided in it, however long before their events arrived.
func (u *Undoing) Covers(a *Action) bool {
	switch {
	case a.Intent.Kind.Restores():
		return false
	case u.Case != "":
		return a.Case == u.Case || a.Of == u.Case
	}
	at := a.Decided
	if at.IsZero() {
		at = a.Received
	}
	return a.Intent.Rule == u.Rule && u.During(at)
}

// During tells whether a time is within the undoing's span.
func (u *Undoing) During(at time.Time) bool { return !at.Before(u.Since) && at.Before(u.Until) }

// Key names what is undone.
func (u *Undoing) Key() string {
	return Digest("undoing", string(u.Case), string(u.Rule), u.Since.UTC().Format(time.RFC3339Nano), u.Until.UTC().Format(time.RFC3339Nano))
}

// Lock is what a lockdown has changed in a group, stored before it is changed, so that the end of the
// lockdown restores exactly that.
type Lock struct {
	Group     Group     `json:"at"`
	GroupType GroupType `json:"group_type,omitempty"`
	Case      CaseID    `json:"case"`
	Rule      RuleID    `json:"rule"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"` // zero: until somebody ends it
	// Was and Set are the group's settings before and during the lockdown, by the provider's names:
	// only those that the lockdown changes.
	Was map[string]string `json:"was,omitempty"`
	Set map[string]string `json:"set,omitempty"`
	// Applied is set once the provider has confirmed the change.
	Applied bool `json:"applied,omitempty"`
}

// Memo is a small document that all replicas share: a pause, a lock, when a rule was first seen.
type Memo struct {
	Kind    string    // what it is, from a fixed set
	Key     string    // unique within its kind: hexadecimal digits, letters, hyphens
	Version int64     // counts the changes from 1; 0: there is none
	Body    []byte    // at most MaxMemo bytes
	Expires time.Time // when it may be forgotten; never zero
}

// The kinds of memos that more than one package reads.
const (
	MemoPause   = "pause"   // a Pause
	MemoUndoing = "undoing" // an Undoing
)

// MaxMemo is how many bytes a memo may have.
const MaxMemo = 16 << 10
