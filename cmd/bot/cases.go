package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// casesCmd is bot cases.
type casesCmd struct {
	deskFlags
	Rule    string `placeholder:"RULE" help:"Only cases of this rule."`
	Group   string `placeholder:"GROUP" help:"Only cases of this group: its ID, or tencent:ID, cams:ID."`
	Member  string `placeholder:"MEMBER" help:"Only cases of this member: the ID, or tencent:ID, cams:NUMBER."`
	Since   string `placeholder:"TIME" help:"Only cases stored since then: 20:00 (today), 2h (ago), 2026-11-20 20:00, or RFC 3339."`
	Until   string `placeholder:"TIME" help:"Only cases stored before then."`
	Outcome string `placeholder:"STATE" help:"Only cases with an action in this state: done, spared, dry_run, dead, held, undone, pending, dropped or deduplicated."`
	Limit   int    `default:"50" placeholder:"N" help:"How many to list, the newest, up to 1000 (default 50)."`
	Parts   bool   `help:"List those too that carry out part of another case, such as each removal of a raid. With --group or --member they are listed anyhow, but for messages that were taken back."`
}

// check finds a mistake of the command line before anything is opened.
func (c *casesCmd) check() error {
	_, err := when(c.Since, time.Now())
	_, err2 := when(c.Until, time.Now())
	return errors.Join(err, err2)
}

func (c *casesCmd) operate(ctx context.Context, at *counter) error {
	now := time.Now()
	since, err := when(c.Since, now)
	if err != nil {
		return err
	}
	until, err := when(c.Until, now)
	if err != nil {
		return err
	}
	list, err := at.Cases(ctx, desk.CasesRequest{
		Rule: chat.RuleID(c.Rule), Group: c.Group, Member: c.Member, Since: since, Until: until, Outcome: c.Outcome,
		Limit: c.Limit, Parts: c.Parts,
	})
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, list)
	}
	if len(list.Cases) == 0 {
		fmt.Fprintf(at.stdout, "No cases%s.\n", at.meant(ctx, c.Rule))
		return nil
	}
	t := table{head: []string{"CODE", "TIME " + zone(now), "RULE", "GROUP", "MEMBER", "OUTCOME"}}
	for i := range list.Cases {
		r := &list.Cases[i]
		t.add(r.Code, local(r.At), string(r.Rule), groupName(r.Group), string(r.Member), outcome(r))
	}
	t.print(at.stdout, widthOf(at.process))
	if list.More {
		fmt.Fprintf(at.stdout, "There are more: --limit, --since and the filters show them.\n")
	}
	return nil
}

// outcome says in a few words what became of a case.
func outcome(r *desk.Row) string {
	text := r.Outcome
	if text == "" {
		text = "-"
	}
	switch {
	case r.Undoes:
		text += " (undoes " + r.Of + ")"
	case r.Of != "":
		text += " (part of " + r.Of + ")"
	}
	return text
}

// groupName is how a person names a group in a flag.
func groupName(g chat.Group) string { return string(g.Provider) + ":" + string(g.ID) }

// local writes a time for a person, in the zone that he writes times in.
func local(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}

// zone names the zone of local times.
func zone(now time.Time) string { return now.Local().Format("(MST)") }

// caseCmd is bot case.
type caseCmd struct {
	deskFlags
	Case string `arg:"" help:"Short code, as it stands in the reason of a removal, or ID."`
}

func (c *caseCmd) operate(ctx context.Context, at *counter) error {
	v, err := at.Case(ctx, c.Case)
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, v)
	}
	showCase(at, &v)
	return nil
}
