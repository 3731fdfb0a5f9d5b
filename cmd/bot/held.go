package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/desk"
)

// showHeld prints held actions, and what may be done about them: whoever reads it was woken by an
// alert.
func (c *listLettersCmd) showHeld(at *counter, list *desk.LettersList, now time.Time) {
	t := table{head: []string{"CODE", "TIME " + zone(now), "AGE", "RULE", "GROUP", "MEMBER", "ACTION", "WHY"}}
	for i := range list.Letters {
		l := &list.Letters[i]
		t.add(l.Code, local(l.At), age(now.Sub(l.At)), string(l.Rule), groupName(l.Group), string(l.Member), string(l.Kind), whyHeld(l))
	}
	t.print(at.stdout, widthOf(at.process))
	if list.More {
		fmt.Fprintln(at.stdout, "There are more: --limit and the filters show them.")
	}
	rule, since := c.about(list)
	selected := c.words(rule)
	fmt.Fprintf(at.stdout, `
They wait until you say what becomes of them:
  look at one:        bot case CODE
  carry them out:     bot held release%s
  drop them:          bot held drop%s
  end the pause:      bot resume %s (bot pause --list shows all; what is held stays held)
  undo what was done: bot undo --rule %s --since "%s" --preview
`, selected, selected, rule, rule, since)
}

// about returns the rule that a list is about, and a time from before that rule was stopped. A list
// about several has no such rule.
func (c *listLettersCmd) about(list *desk.LettersList) (rule, since string) {
	oldest := list.Letters[0].At
	rule = string(list.Letters[0].Rule)
	for i := range list.Letters {
		l := &list.Letters[i]
		if l.At.Before(oldest) {
			oldest = l.At
		}
		if string(l.Rule) != rule {
			rule = ""
		}
	}
	if rule == "" || list.More && c.Rule == "" {
		rule = "RULE"
	}
	return plain(rule), oldest.Add(-time.Hour).Local().Format("2006-01-02 15:04")
}

// words are the arguments that select what is listed.
func (c *listLettersCmd) words(rule string) string {
	text := " --rule " + rule
	if len(c.IDs) > 0 {
		text = " " + plain(strings.Join(c.IDs, " "))
	}
	if c.Group != "" {
		text += " --group " + quoted(c.Group)
	}
	if c.Member != "" {
		text += " --member " + quoted(c.Member)
	}
	return text
}

// whyHeld is the reason without the rule, which has a column of its own.
func whyHeld(l *desk.Letter) string {
	if l.Text == "" {
		return l.Why
	}
	return strings.TrimPrefix(l.Text, "rule "+string(l.Rule)+" is ")
}

// age says how long ago something was, to one unit.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m"
	case d < 2*day:
		return strconv.Itoa(int(d.Hours())) + "h"
	}
	return strconv.Itoa(int(d/day)) + "d"
}
