package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// showCase prints all that is known of a case.
func showCase(at *counter, v *desk.CaseView) {
	w, c := at.stdout, &v.Record.Case
	e := &c.Event
	fmt.Fprintf(w, "Case %s  %s\n", v.Code, v.ID)
	fmt.Fprintf(w, "  when    %s %s\n", local(v.At), zone(v.At))
	member := plain(string(e.Member))
	if e.Name != "" {
		member += " (" + plain(e.Name) + ")"
	}
	fmt.Fprintf(w, "  who     %s\n", member)
	where := plain(groupName(e.Group))
	if e.GroupType != "" {
		where += " (" + plain(string(e.GroupType)) + ")"
	}
	fmt.Fprintf(w, "  where   %s\n", where)
	fmt.Fprintf(w, "  what    %s\n", whatHappened(e))
	switch {
	case e.Text != "":
		fmt.Fprintf(w, "  text    %q\n", e.Text)
	case v.Record.Fingerprint != "":
		fmt.Fprintf(w, "  text    no longer kept (fingerprint %s)\n", v.Record.Fingerprint)
	}
	if v.Of != "" {
		role := "part of"
		if v.Undoes {
			role = "undoes"
		}
		fmt.Fprintf(w, "  %-7s %s\n", role, v.Of)
	}
	if c.Rules != "" {
		fmt.Fprintf(w, "  rules   %s\n", c.Rules)
	}
	showWhy(at, v)
	showDone(at, v)
	showUndone(at, v)
	if v.Remedy != "" {
		if fmt.Fprintln(w); len(v.Undone) == 0 && undoable(v) {
			fmt.Fprintf(w, "If this should not have happened: bot undo %s\n", v.Code)
		}
		fmt.Fprintf(w, "So that it does not happen again, for rules.yaml:\n%s\n", strings.TrimRight(v.Remedy, "\n"))
	}
}

// undoable tells whether something of a case or its parts was done, or still may be.
func undoable(v *desk.CaseView) bool {
	idle := []string{string(actions.Spared), string(actions.DryRun), string(actions.Void), desk.Dropped, desk.Deduplicated}
	return v.MoreParts || slices.ContainsFunc(append([]desk.Row{v.Row}, v.Parts...), func(r desk.Row) bool {
		return slices.ContainsFunc(r.Actions, func(a desk.ActionState) bool { return !slices.Contains(idle, a.State) })
	})
}

func whatHappened(e *chat.Event) string {
	what := string(e.Kind)
	if e.Asked {
		what += ", asked about before it happened"
	}
	if e.Inviter != "" {
		what += ", invited by " + plain(string(e.Inviter))
	}
	if !e.JoinedAt.IsZero() {
		what += ", joined " + e.At.Sub(e.JoinedAt).Round(time.Second).String() + " before"
	}
	return what
}

// showWhy prints the rules that matched, with what they saw.
func showWhy(at *counter, v *desk.CaseView) {
	c := &v.Record.Case
	if len(c.Trace) > 0 {
		show := newPrinter(at.process)
		for _, seen := range c.Trace {
			fmt.Fprintln(at.stdout)
			show.Rule(seen, c.Event.Text)
		}
		return
	}
	if len(c.Matches) > 0 {
		fmt.Fprintln(at.stdout)
	}
	for _, m := range c.Matches {
		fmt.Fprintf(at.stdout, "rule %q (%s) %s\n  %s\n", m.Rule, m.Mode, plain(m.Title), plain(m.Why))
	}
}

// showDone prints what became of the case: actions, answers of the provider, parts.
func showDone(at *counter, v *desk.CaseView) {
	w := at.stdout
	fmt.Fprintln(w, "\nWhat was done")
	for _, in := range v.Record.Case.Intents {
		switch {
		case !in.Acts(v.Record.Strikes):
			fmt.Fprintf(w, "  %s: not on this rung (%d strikes)\n", in.Kind, v.Record.Strikes)
		case !in.Queued():
			fmt.Fprintf(w, "  %s: with the answer to the webhook\n", in.Kind)
		}
	}
	for _, a := range v.Actions {
		who := ""
		if a.Member != "" {
			who = " " + plain(string(a.Member))
		}
		fmt.Fprintf(w, "  %s%s: %s\n", a.Kind, who, a.State)
		for _, answer := range v.Record.Answers {
			if answer.Action == a.Action {
				fmt.Fprintf(w, "    %s  %s\n", local(answer.At), answerLine(&answer))
			}
		}
	}
	for i := range v.Parts {
		p := &v.Parts[i]
		fmt.Fprintf(w, "  part %s: %s in %s: %s\n", p.Code, plain(string(p.Member)), plain(groupName(p.Group)), orNothing(p.Outcome))
	}
	if v.MoreParts {
		fmt.Fprintln(w, "  … and more parts")
	}
	if len(v.Actions)+len(v.Parts)+len(v.Record.Case.Intents) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
}

// answerLine is one answer: the state, the call, and what the provider said to it.
func answerLine(a *chat.Answer) string {
	parts := []string{a.State}
	if a.API != "" {
		parts = append(parts, a.API)
	}
	if said := strings.TrimSpace(a.Code + " " + a.Text); said != "" {
		parts = append(parts, plain(said))
	}
	if a.RequestID != "" {
		parts = append(parts, "request "+plain(a.RequestID))
	}
	return strings.Join(parts, "  ")
}

// showUndone prints the cases that took this one back.
func showUndone(at *counter, v *desk.CaseView) {
	for i := range v.Undone {
		u := &v.Undone[i]
		fmt.Fprintf(at.stdout, "\nUndone %s %s by case %s: %s\n", local(u.At), zone(u.At), u.Code, orNothing(u.Outcome))
	}
}

func orNothing(text string) string {
	if text == "" {
		return "there was nothing to do"
	}
	return text
}
