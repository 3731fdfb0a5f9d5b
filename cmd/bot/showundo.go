package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// stepTexts say what an undoing does about an action.
var stepTexts = []struct {
	step desk.Step
	text string
}{
	{desk.StepAdd, "add to the group again"},
	{desk.StepFree, "lift the mute or ban"},
	{desk.StepUnmute, "lift the mute"},
	{desk.StepUnlock, "end the lockdown"},
	{desk.StepVoid, "not carried out any more"},
	{desk.StepDrop, "drop the letter"},
	{desk.StepInvite, "invite by hand"},
	{desk.StepLink, "make a new invite link by hand"},
	{desk.StepGone, "cannot be undone: the group is gone"},
	{desk.StepStays, "cannot be taken back"},
	{desk.StepNothing, "nothing was done"},
}

func stepText(s desk.Step) string {
	for _, t := range stepTexts {
		if t.step == s {
			return t.text
		}
	}
	return string(s)
}

// showUndo prints what an undoing does, or would do.
func showUndo(at *counter, u *desk.Undone) error {
	if at.json {
		return writeJSON(at.process, u)
	}
	w := at.stdout
	t := table{head: []string{"CODE", "TIME " + zone(time.Now()), "RULE", "GROUP", "MEMBER", "WAS", "UNDO"}}
	for i := range u.Cases {
		c := &u.Cases[i]
		steps := []string{}
		for _, s := range c.Steps {
			if text := stepText(s); len(steps) == 0 || steps[len(steps)-1] != text {
				steps = append(steps, text)
			}
		}
		if c.Already {
			steps = []string{"undone before"}
		}
		t.add(c.Code, local(c.At), string(c.Rule), groupName(c.Group), string(c.Member), orDash(c.Outcome), orDash(strings.Join(steps, ", ")))
	}
	t.print(w, widthOf(at.process))
	if more := u.Found - len(u.Cases); more > 0 {
		fmt.Fprintf(w, "… and %s more\n", count(more, "case"))
	}
	fmt.Fprintf(w, "\n%s:\n", count(u.Found, "case"))
	if u.Already > 0 {
		fmt.Fprintf(w, "  %6d  undone before\n", u.Already)
	}
	for _, t := range stepTexts {
		if n := u.Steps[t.step]; n > 0 {
			fmt.Fprintf(w, "  %6d  %s\n", n, t.text)
		}
	}
	if u.Steps[desk.StepUnlock] > 0 {
		fmt.Fprintln(w, "\nA lockdown ends as a whole: also where another case began it, or has extended it since.")
	}
	if len(u.Invite) > 0 {
		fmt.Fprintln(w, "\nNobody can do this but you:")
	}
	for i := range u.Invite {
		p := &u.Invite[i]
		switch {
		case p.Member == "":
			fmt.Fprintf(w, "  make %s again: it was dissolved (case %s)\n", plain(groupName(p.Group)), p.Code)
		case p.Name != "":
			fmt.Fprintf(w, "  invite %s (%s) to %s (case %s)\n", plain(string(p.Member)), plain(p.Name), plain(groupName(p.Group)), p.Code)
		default:
			fmt.Fprintf(w, "  invite %s to %s (case %s)\n", plain(string(p.Member)), plain(groupName(p.Group)), p.Code)
		}
	}
	if n := u.Invites - len(u.Invite); n > 0 {
		fmt.Fprintf(w, "  … and %d more\n", n)
	}
	if slices.ContainsFunc(u.Invite, func(p desk.Invite) bool { return p.Provider == chat.CAMS && p.Member != "" }) {
		fmt.Fprintln(w, "WhatsApp lets nobody who was removed back into that group by its link: invite to another one.")
	}
	fmt.Fprintln(w)
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
