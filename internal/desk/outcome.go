package desk

import (
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// States of an action beside those of actions.State.
const (
	Pending      = "pending" // in the queue, tried already or not
	Dropped      = "dropped" // taken off a shelf by an operator
	Deduplicated = "deduplicated"
)

// States of answers that say that an action was put into the queue again.
const (
	requeued = "requeued"
	released = "released"
)

// outcomes are the states that cases can be looked for by.
var outcomes = []string{
	string(actions.Done), string(actions.Spared), string(actions.DryRun), string(actions.Dead), string(actions.Held),
	string(actions.Void), Pending, Dropped, Deduplicated,
}

// ActionState is how one action of a case stands.
type ActionState struct {
	Action chat.ActionID   `json:"action"`
	Kind   chat.IntentKind `json:"kind"`
	Rule   chat.RuleID     `json:"rule,omitempty"`
	Member chat.MemberID   `json:"member,omitempty"`
	State  string          `json:"state"`
	Code   string          `json:"code,omitempty"` // of the last answer
	Text   string          `json:"text,omitempty"`
	At     time.Time       `json:"at,omitzero"`
}

// done is an action of a case with all that is known of it.
type done struct {
	chat.Action
	now ActionState
	// touched is set unless it is certain that the action has changed nothing at the provider.
	touched bool
	// tried is set when a call for the action was made.
	tried bool
}

// actionsOf returns the actions that a case queued, or that were kept out of the queue, each with its
// state. Those on other rungs of the member's ladder are left out.
func actionsOf(r *chat.Record) []done {
	var out []done
	at := map[chat.ActionID]int{}
	lost := len(r.Answers) >= store.MaxAnswers // older answers have gone: they may have been of calls
	for _, a := range r.Case.Actions() {
		if _, twice := at[a.ID]; twice || !a.Intent.Acts(r.Strikes) {
			continue
		}
		at[a.ID] = len(out)
		out = append(out, done{Action: a, now: ActionState{
			Action: a.ID, Kind: a.Intent.Kind, Rule: a.Intent.Rule, Member: a.Member, State: Pending,
		}, touched: true, tried: lost})
	}
	for _, answer := range r.Answers {
		if i, ok := at[answer.Action]; ok {
			out[i].hear(&answer)
		}
	}
	return out
}

// hear takes the next answer into account. Answers come in the order in which they were given, and
// the oldest may have gone.
func (d *done) hear(a *chat.Answer) {
	d.now.State, d.now.Code, d.now.Text, d.now.At = a.State, a.Code, a.Text, a.At
	switch a.State {
	case string(actions.Retry), string(actions.Free), requeued, released:
		d.now.State, d.touched = Pending, true
		d.tried = d.tried || a.API != ""
	case string(actions.Done):
		d.tried = d.tried || !idles(a)
		d.touched = d.tried // a failed call before may have had the effect that now was found
	case string(actions.Dead): // a call whose answer was lost may have had its effect
		d.tried = d.tried || a.API != "" && !NeverCalled(a.Code)
		d.touched = d.tried
	default: // nothing was done this time, and a failed call before may have had its effect
		d.touched = d.tried
	}
}

// outcomeOf sums the states of a case up, such as "remove done, recall dead".
func outcomeOf(list []ActionState) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, string(s.Kind)+" "+s.State)
	}
	return strings.Join(parts, ", ")
}
