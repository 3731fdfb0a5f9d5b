package main

import (
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// showPaused tells of a pause that was made.
func showPaused(at *counter, out *desk.Paused) {
	p := &out.Pause
	if out.Already {
		fmt.Fprintf(at.stdout, "It is paused already: %s.\n", pauseText(p))
	} else {
		fmt.Fprintf(at.stdout, "Paused: %s. Events are still judged, and what they lead to is held.\n", what(p))
	}
	if out.Brake != nil {
		fmt.Fprintf(at.stdout, "A brake had paused it since %s %s (%s). What that had let go is stopped now as well.\n",
			local(out.Brake.At), zone(out.Brake.At), plain(out.Brake.Why))
	}
	rule := ""
	if p.Rule != "" {
		rule = " --rule " + plain(string(p.Rule))
	}
	fmt.Fprintf(at.stdout, "See what is held with: bot held list%s\nEnd the pause with:     %s\n", rule, resumeCommand(p))
}

// showPauses lists the pauses that hold.
func showPauses(at *counter, pauses []chat.Pause, now time.Time) {
	t := table{head: []string{"SINCE " + zone(now), "RULE", "GROUP", "BY", "WHY"}}
	for i := range pauses {
		p := &pauses[i]
		rule, group := string(p.Rule), "all"
		if rule == "" {
			rule = "all"
		}
		if p.Group != nil {
			group = groupName(*p.Group)
		}
		t.add(local(p.At), rule, group, p.By, p.Why)
	}
	t.print(at.stdout, widthOf(at.process))
	fmt.Fprint(at.stdout, "\nSee what is held with: bot held list\nEnd a pause with:       bot resume RULE (one of all rules: bot resume)\n")
}

// showDamage tells of memos that cannot be read.
func showDamage(at *counter, damaged []desk.Damage) {
	for _, d := range damaged {
		fmt.Fprintf(at.stdout, "Damaged: %s %s cannot be read (%s).\n", plain(d.Kind), plain(d.Key), plain(d.Why))
	}
	if len(damaged) > 0 {
		fmt.Fprintln(at.stdout, "As long as it is there, the bot may carry nothing out. Drop it, and end every pause, with: bot resume --all")
	}
}
