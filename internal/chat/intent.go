package chat

import "time"

// IntentKind names an end state that a rule wants.
type IntentKind string

// The intents of rules.yaml.
const (
	Remove   IntentKind = "remove"
	Mute     IntentKind = "mute"
	Block    IntentKind = "block"
	Lockdown IntentKind = "lockdown"
	Dissolve IntentKind = "dissolve"
	Alert    IntentKind = "alert"
)

// Intent is what one rule wants done about one event, with its texts already filled in. It names
// an end state ("muted until 12:00"), so that doing it twice is harmless.
type Intent struct {
	Kind     IntentKind `json:"kind"`
	Rule     RuleID     `json:"rule"`
	Reason   string     `json:"reason,omitempty"` // remove: told to the group; block: shown to the sender
	Silent   bool       `json:"silent,omitempty"`
	Until    time.Time  `json:"until,omitzero"` // mute, and remove where that is a mute or a ban; zero is for ever
	Code     int        `json:"code,omitempty"` // block
	Severity string     `json:"severity,omitempty"`
	Revoke   bool       `json:"revoke,omitempty"` // lockdown: revoke the invite link
}

// Queued tells whether the intent becomes a provider call. The others are carried out with the
// answer to the webhook (block) or beside it (alert).
func (i Intent) Queued() bool { return i.Kind != Block && i.Kind != Alert }

// Match is one rule that fits an event, and why.
type Match struct {
	Rule  RuleID `json:"rule"`
	Title string `json:"title,omitempty"`
	Mode  string `json:"mode"`          // enforce or shadow
	Why   string `json:"why,omitempty"` // the values seen, without message text
}

// Case is one event that broke at least one enforced rule.
type Case struct {
	ID      CaseID   `json:"id"`
	Code    string   `json:"code"`
	Event   Event    `json:"event"`
	Rules   string   `json:"rules"` // hash of the rules in force
	Matches []Match  `json:"matches"`
	Intents []Intent `json:"intents"`
}

// Rule returns the first enforced rule that the event broke. Rules in shadow may stand before it.
func (c *Case) Rule() RuleID {
	for _, m := range c.Matches {
		if m.Mode == "enforce" {
			return m.Rule
		}
	}
	return ""
}

// Action is one queued intent against one target: what the queue holds and a provider carries out.
type Action struct {
	ID        ActionID  `json:"id"`
	Case      CaseID    `json:"case"`
	Group     Group     `json:"at"`
	GroupType GroupType `json:"group_type,omitempty"`
	Member    MemberID  `json:"member,omitempty"` // empty: the group as a whole
	Intent    Intent    `json:"intent"`
	EventAt   time.Time `json:"event_at"`
	Received  time.Time `json:"received"` // when the webhook arrived
}

// Actions returns the case's queued actions in order.
func (c *Case) Actions() []Action {
	var out []Action
	for _, in := range c.Intents {
		if !in.Queued() {
			continue
		}
		a := Action{
			Case: c.ID, Group: c.Event.Group, GroupType: c.Event.GroupType, Intent: in,
			EventAt: c.Event.At, Received: c.Event.Received,
		}
		if in.Kind == Remove || in.Kind == Mute {
			a.Member = c.Event.Member
		}
		a.ID = ActionID(Digest("action", string(c.ID), string(in.Rule), string(in.Kind), string(a.Member)))
		out = append(out, a)
	}
	return out
}

// DedupeFor is how long a removal that was done keeps another one of the same member out of the
// queue, unless the member joins again or does something after the removal.
const DedupeFor = 10 * time.Minute

// Dedupe returns what the action is deduplicated by, within its group. A second action with the
// same key is dropped while the first is pending, or was done less than the duration ago.
func (a Action) Dedupe() (key string, keep time.Duration) {
	keep = DedupeFor
	if !a.Intent.Until.IsZero() {
		keep = min(keep, a.Intent.Until.Sub(a.EventAt)) // what ends by then may be wanted again
	}
	return string(a.Intent.Kind) + "\x00" + string(a.Member), max(keep, time.Second)
}
