package chat

import (
	"strconv"
	"time"
)

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
	Recall   IntentKind = "recall"
	Warn     IntentKind = "warn"
)

// The intents that take others back. No rule can want them: they come from an undoing, and Unlock
// from the end of a lockdown too.
const (
	Readmit IntentKind = "readmit" // of a removal: in the group again where that can be done, and free to come back
	Unmute  IntentKind = "unmute"
	Unlock  IntentKind = "unlock" // of a lockdown; Until is the end that it had, zero for at once
)

// Restores tells whether intents of this kind take others back.
func (k IntentKind) Restores() bool { return k == Readmit || k == Unmute || k == Unlock }

// Intent is what one rule wants done about one event, with its texts already filled in. It names
// an end state ("muted until 12:00"), so that doing it twice is harmless.
type Intent struct {
	Kind   IntentKind `json:"kind"`
	Rule   RuleID     `json:"rule"`
	Reason string     `json:"reason,omitempty"` // remove: told to the group; block: shown to the sender; warn: said in the group
	// Quotes is set when Reason repeats message text: the audit keeps such an intent without it.
	Quotes   bool      `json:"quotes,omitempty"`
	Silent   bool      `json:"silent,omitempty"`
	Until    time.Time `json:"until,omitzero"` // mute, lockdown, and remove where that is a mute or a ban; zero is for ever
	Code     int       `json:"code,omitempty"` // block
	Severity string    `json:"severity,omitempty"`
	Revoke   bool      `json:"revoke,omitempty"`   // lockdown: revoke the invite link
	Close    bool      `json:"close,omitempty"`    // lockdown: nobody can join
	MuteAll  bool      `json:"mute_all,omitempty"` // lockdown: nobody but staff can write
	Message  string    `json:"message,omitempty"`  // recall: Event.Message
	// Unsure lets the intent act on a member whose role in the group cannot be looked up. Without it
	// the action waits until it can.
	Unsure bool `json:"unsure,omitempty"`
	// AtStrikes and BelowStrikes are the rung of the member's ladder on which the intent stands: it
	// acts when the ladder holds at least the one and fewer than the other. Zero: no bound.
	AtStrikes    int `json:"at_strikes,omitempty"`
	BelowStrikes int `json:"below_strikes,omitempty"`
}

// Queued tells whether the intent becomes a provider call. The others are carried out with the
// answer to the webhook (block) or beside it (alert).
func (i Intent) Queued() bool { return i.Kind != Block && i.Kind != Alert }

// Acts tells whether the intent acts when the member's ladder holds so many strikes.
func (i Intent) Acts(strikes int) bool {
	return strikes >= i.AtStrikes && (i.BelowStrikes == 0 || strikes < i.BelowStrikes)
}

// Strike is a step on the ladder of a member in a group. The ladder holds points. Before it takes a
// step, those that have faded since its last one go: Fade of them for each whole Every.
type Strike struct {
	Rule   RuleID        `json:"rule"`
	Points int           `json:"points"` // 1 or more
	Fade   int           `json:"fade"`   // 1 or more
	Every  time.Duration `json:"every"`
	// Once is the time in which the rule takes one step for the member at most: one flood of twenty
	// messages is one offence. Zero: each case is a step.
	Once time.Duration `json:"once,omitempty"`
}

// Match is one rule that fits an event, and why.
type Match struct {
	Rule  RuleID `json:"rule"`
	Title string `json:"title,omitempty"`
	Mode  string `json:"mode"`          // enforce or shadow
	Why   string `json:"why,omitempty"` // the values seen, without message text
}

// Seen is what one condition of a rule saw. Nothing in it repeats message text: where a condition
// found something in the text, Spans says where it stands.
type Seen struct {
	What  string   `json:"what"`            // the condition as rules.yaml spells it, such as "text.has_any"
	Want  string   `json:"want,omitempty"`  // what the rule asks for
	Value string   `json:"value,omitempty"` // what the event has
	Holds string   `json:"holds"`           // yes, no, or unknown: the store was not asked
	Spans [][2]int `json:"spans,omitempty"` // bytes of the event's text, [from, to)
	Of    []Seen   `json:"of,omitempty"`    // what any, all and not are made of
}

// ExceptionSeen is one exception of a rule beside an event.
type ExceptionSeen struct {
	Name       string `json:"name,omitempty"`
	Expired    bool   `json:"expired,omitempty"`
	Used       bool   `json:"used"` // it excused the event, or stretches of its text
	Conditions []Seen `json:"conditions,omitempty"`
}

// RuleSeen is one rule beside an event.
type RuleSeen struct {
	Rule       RuleID          `json:"rule"`
	Title      string          `json:"title,omitempty"`
	Mode       string          `json:"mode"`
	Outcome    string          `json:"outcome"`          // match, no match, excused, hidden or out of scope
	Scope      string          `json:"scope,omitempty"`  // why the rule is out of scope
	Hidden     RuleID          `json:"hidden,omitempty"` // the rule whose stop hides this one
	Conditions []Seen          `json:"conditions,omitempty"`
	Exceptions []ExceptionSeen `json:"exceptions,omitempty"`
}

// Case is one event that broke at least one enforced rule.
type Case struct {
	ID      CaseID   `json:"id"`
	Code    string   `json:"code"`
	Event   Event    `json:"event"`
	Rules   string   `json:"rules"` // hash of the rules in force
	Matches []Match  `json:"matches"`
	Intents []Intent `json:"intents"`
	// Strike, when not nil, is the step that the member's ladder takes when the case is stored.
	// Intents on a rung of the ladder act or not by what it holds then.
	Strike *Strike `json:"strike,omitempty"`
	// Of is set in a case that carries out part of what another one wants: the removal of one member
	// of a burst, in whatever group, or taking a message back.
	Of CaseID `json:"of,omitempty"`
	// Decided is when the case was decided, by our clock. Zero in what completes another case, and in
	// cases of earlier versions: those go by when their event arrived.
	Decided time.Time `json:"decided,omitzero"`
	// Trace is how the case came about: the rules that matched or were excused, each with the values
	// seen. It is bounded.
	Trace []RuleSeen `json:"trace,omitempty"`
	// Unlisted is set in a case that the audit does not keep: it is known for a while, so that it comes
	// about once, and its actions are queued and settled like any others.
	Unlisted bool `json:"-"`
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
	Of        CaseID    `json:"of,omitempty"` // Case.Of
	Group     Group     `json:"at"`
	GroupType GroupType `json:"group_type,omitempty"`
	Topic     string    `json:"topic,omitempty"`  // recall, warn: the topic within the group
	Member    MemberID  `json:"member,omitempty"` // empty: the group as a whole
	Intent    Intent    `json:"intent"`
	EventAt   time.Time `json:"event_at"`
	Received  time.Time `json:"received"`         // when the webhook arrived
	Decided   time.Time `json:"decided,omitzero"` // Case.Decided
	// Released is when an operator let the action go that was held; zero: never. No brake holds it again,
	// and of pauses only a later one by an operator.
	Released time.Time `json:"released,omitzero"`
}

// Actions returns the case's queued actions in order, those on all rungs of the ladder.
func (c *Case) Actions() []Action {
	var out []Action
	for _, in := range c.Intents {
		if !in.Queued() {
			continue
		}
		a := Action{
			Case: c.ID, Of: c.Of, Group: c.Event.Group, GroupType: c.Event.GroupType, Intent: in,
			EventAt: c.Event.At, Received: c.Event.Received, Decided: c.Decided,
		}
		switch in.Kind {
		case Recall, Warn:
			a.Topic, a.Member = c.Event.Topic, c.Event.Member
		case Remove, Mute, Readmit, Unmute:
			a.Member = c.Event.Member
		}
		out = append(out, a.named())
	}
	return out
}

// named returns the action with its ID.
func (a Action) named() Action {
	parts := []string{"action", string(a.Case), string(a.Intent.Rule), string(a.Intent.Kind), string(a.Member)}
	if a.Intent.AtStrikes > 0 {
		parts = append(parts, strconv.Itoa(a.Intent.AtStrikes))
	}
	a.ID = ActionID(Digest(parts...))
	return a
}

// DedupeFor is how long a removal that was done keeps another one of the same member out of the
// queue, unless the member joins again or does something after the removal.
const DedupeFor = 10 * time.Minute

// extendAfter is how long a lockdown keeps the next one of its group out, if it lasts twice as long.
// The next one extends it.
const extendAfter = time.Minute

// Dedupe returns what the action is deduplicated by, within its group. A second action with the
// same key is dropped while the first is pending, or was done less than the duration ago. Each
// message is taken back on its own, and a lockdown that stands can soon be extended.
func (a Action) Dedupe() (key string, keep time.Duration) {
	keep = DedupeFor
	switch a.Intent.Kind {
	case Lockdown:
		keep = extendAfter
	case Unlock: // the next lockdown may be undone at once
		keep = time.Second
	}
	if !a.Intent.Until.IsZero() && a.Intent.Kind != Unlock {
		span := a.Intent.Until.Sub(a.EventAt) // what ends by then may be wanted again
		if a.Intent.Kind == Lockdown {
			span /= 2
		}
		keep = min(keep, span)
	}
	key = string(a.Intent.Kind) + "\x00" + string(a.Member)
	if a.Intent.Kind == Unlock { // the end that a lockdown was given, or now
		key += "\x00" + strconv.FormatInt(a.Intent.Until.UnixMicro(), 10)
	}
	if a.Intent.Kind == Recall {
		key += "\x00" + a.Topic + "\x00" + a.Intent.Message
	}
	return key, max(keep, time.Second)
}
