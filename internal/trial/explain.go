package trial

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// Explanation is what the rules make of one event, and of those before it.
type Explanation struct {
	Event  chat.Event `json:"event"`
	Before int        `json:"events_before"` // they filled the windows
	Spared string     `json:"spared,omitempty"`
	Hash   string     `json:"rules_hash"`
	Code   string     `json:"code,omitempty"` // of the case; empty: there is none
	// Strikes is what the member's ladder holds after the event, when a strike was taken.
	Strikes int             `json:"strikes,omitempty"`
	Rules   []chat.RuleSeen `json:"rules"`
	Wanted  []Wanted        `json:"wanted"`
}

// Wanted is an intent and what would become of it.
type Wanted struct {
	chat.Intent
	Group   chat.Group    `json:"in"`
	Member  chat.MemberID `json:"member,omitempty"`
	Outcome string        `json:"outcome"` // done, deduplicated, or another rung
}

// Explain judges events and explains the last of them.
func Explain(ctx context.Context, rules *policy.Rules, events []chat.Event) (*Explanation, error) {
	j := newJudge(rules)
	x := &Explanation{Hash: rules.Hash(), Rules: []chat.RuleSeen{}, Wanted: []Wanted{}, Before: len(events) - 1}
	for i := range events {
		j.explain = i == len(events)-1
		o, err := j.judge(ctx, &events[i])
		if err != nil {
			return nil, err
		}
		if j.explain {
			x.Event = events[i]
			x.take(o)
		}
	}
	return x, nil
}

func (x *Explanation) take(o *outcome) {
	x.Rules = append(x.Rules, o.seen...)
	switch {
	case x.Event.Trusted:
		x.Spared = "the event is of the operator's own side, which is never judged"
	case x.Event.Kind == chat.Leave:
		x.Spared = "nobody judges who leaves"
	case o.decision.Exempt:
		x.Spared = "the member is exempt"
	}
	if o.decision.Case != nil {
		x.Code = o.decision.Case.Code
	}
	for i := range o.cases {
		d := &o.cases[i]
		x.Strikes = max(x.Strikes, d.Strikes)
		for _, in := range d.Intents {
			switch {
			case !in.Acts(d.Strikes):
				x.Wanted = append(x.Wanted, Wanted{Intent: in, Group: d.Event.Group, Member: d.Event.Member, Outcome: "another rung"})
			case !in.Queued():
				x.Wanted = append(x.Wanted, Wanted{Intent: in, Group: d.Event.Group, Member: d.Event.Member, Outcome: "done"})
			}
		}
		queued, dropped := d.done()
		for _, a := range queued {
			x.Wanted = append(x.Wanted, Wanted{Intent: a.Intent, Group: a.Group, Member: a.Member, Outcome: "done"})
		}
		for _, a := range dropped {
			x.Wanted = append(x.Wanted, Wanted{Intent: a.Intent, Group: a.Group, Member: a.Member, Outcome: "deduplicated"})
		}
	}
}

// Explanation writes an explanation for people.
func (p *Printer) Explanation(x *Explanation) {
	fmt.Fprintln(p.Out, describe(&x.Event))
	if x.Before > 0 {
		fmt.Fprintf(p.Out, "Judged after %s before it.\n", things(x.Before, "event"))
	}
	if x.Spared != "" {
		fmt.Fprintf(p.Out, "\nNot judged: %s.\n", x.Spared)
		return
	}
	for _, s := range x.Rules {
		fmt.Fprintln(p.Out)
		p.Rule(s, x.Event.Text)
	}
	fmt.Fprintln(p.Out)
	if x.Code == "" {
		fmt.Fprintln(p.Out, p.paint(bold, "Nothing would be done."))
		return
	}
	fmt.Fprintf(p.Out, "%s (case %s)\n", p.paint(bold, "What would be done"), x.Code)
	if x.Strikes > 0 {
		fmt.Fprintf(p.Out, "  strike: the member's ladder holds %d\n", x.Strikes)
	}
	for _, w := range x.Wanted {
		p.wanted(&w)
	}
}

func (p *Printer) wanted(w *Wanted) {
	code, mark := green, "✓"
	if w.Outcome != "done" {
		code, mark = dim, "·"
	}
	var about []string
	if w.Member != "" {
		about = append(about, string(w.Member))
	}
	about = append(about, "in "+string(w.Group.ID))
	if !w.Until.IsZero() {
		about = append(about, "until "+w.Until.UTC().Format(time.RFC3339))
	}
	if w.Silent {
		about = append(about, "silently")
	}
	if w.Severity != "" {
		about = append(about, w.Severity)
	}
	text := fmt.Sprintf("  %s %s %s, by rule %q", p.paint(code, mark), w.Kind, strings.Join(about, " "), w.Rule)
	if w.Reason != "" {
		text += fmt.Sprintf(": %q", w.Reason)
	}
	switch w.Outcome {
	case "deduplicated":
		text += " (not again: it was done a short time before)"
	case "another rung":
		text += fmt.Sprintf(" (not on this rung: it stands at %d strikes)", w.AtStrikes)
	}
	fmt.Fprintln(p.Out, text)
}

// describe names an event, without its text.
func describe(e *chat.Event) string {
	s := fmt.Sprintf("%s of %s in %s (%s", e.Kind, e.Member, e.Group.ID, e.Provider)
	if e.GroupType != "" {
		s += " " + string(e.GroupType)
	}
	s += "), " + e.At.UTC().Format("2006-01-02 15:04:05.999 MST")
	if !e.JoinedAt.IsZero() {
		s += ", joined " + e.At.Sub(e.JoinedAt).Round(time.Second).String() + " before"
	}
	return s
}
