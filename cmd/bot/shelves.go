package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// deadCmd is bot dead.
type deadCmd struct {
	List    listLettersCmd `cmd:"" help:"List dead letters: actions that were given up."`
	Requeue moveLettersCmd `cmd:"" help:"Have dead letters tried again."`
	Drop    moveLettersCmd `cmd:"" help:"Take dead letters away for good."`
}

// heldCmd is bot held.
type heldCmd struct {
	List    listLettersCmd `cmd:"" help:"List held actions: those of a rule that is paused, past its brake, or no longer enforced."`
	Release moveLettersCmd `cmd:"" help:"Have held actions carried out, past pauses and brakes."`
	Drop    moveLettersCmd `cmd:"" help:"Take held actions away for good."`
}

// selecting are the flags that say which letters are meant.
type selecting struct {
	IDs    []string `arg:"" optional:"" name:"id" help:"Codes or IDs of cases, or IDs of actions."`
	Rule   string   `placeholder:"RULE" help:"Only those of this rule."`
	Group  string   `placeholder:"GROUP" help:"Only those in this group: its ID, or tencent:ID, cams:ID."`
	Member string   `placeholder:"MEMBER" help:"Only those about this member: the ID, or tencent:ID, cams:NUMBER."`
}

func (s *selecting) selection() desk.Selection {
	return desk.Selection{IDs: s.IDs, Rule: chat.RuleID(s.Rule), Group: s.Group, Member: s.Member}
}

// listLettersCmd is bot dead list and bot held list.
type listLettersCmd struct {
	deskFlags
	selecting
	Limit int `default:"50" placeholder:"N" help:"How many to list, the newest, up to 1000 (default 50)."`
}

// shelf is the one that a command's first word names.
func (c *counter) shelf() actions.Shelf { return actions.Shelf(c.words[0]) }

func (c *listLettersCmd) operate(ctx context.Context, at *counter) error {
	list, err := at.Letters(ctx, at.shelf(), desk.LettersRequest{Selection: c.selection(), Limit: c.Limit})
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, list)
	}
	if len(list.Letters) == 0 {
		fmt.Fprintf(at.stdout, "Nothing is %s%s.\n", at.shelf(), at.meant(ctx, c.Rule))
		return nil
	}
	if at.shelf() == actions.HeldShelf {
		c.showHeld(at, &list, time.Now())
		return nil
	}
	t := table{head: []string{"CODE", "TIME " + zone(time.Now()), "RULE", "GROUP", "MEMBER", "ACTION", "TRIES", "WHY"}}
	for i := range list.Letters {
		l := &list.Letters[i]
		t.add(l.Code, local(l.At), string(l.Rule), groupName(l.Group), string(l.Member), string(l.Kind), strconv.Itoa(tries(l)),
			strings.TrimSpace(l.Why+" "+l.Text))
	}
	t.print(at.stdout, widthOf(at.process))
	if list.More {
		fmt.Fprintln(at.stdout, "There are more: --limit and the filters show them.")
	}
	return nil
}

// tries returns how many calls were made for a dead letter: those that were tried again, and the last.
func tries(l *desk.Letter) int {
	if desk.NeverCalled(l.Why) {
		return l.Attempts
	}
	return l.Attempts + 1
}

// moveLettersCmd is bot dead requeue and drop, bot held release and drop.
type moveLettersCmd struct {
	deskFlags
	selecting
	All bool `help:"All of them."`
}

// moved is what bot dead requeue and the like print as JSON.
type moved struct {
	Letters int `json:"letters"`
	Done    int `json:"done"`
}

// check finds a mistake of the command line before anything is opened.
func (c *moveLettersCmd) check() error {
	switch s := c.selection(); {
	case s.Empty() && !c.All:
		return errors.New("nothing is selected: name codes, --rule, --group or --member, or say --all")
	case !s.Empty() && c.All:
		return errors.New("--all means all of them: leave out what names some")
	}
	return nil
}

func (c *moveLettersCmd) operate(ctx context.Context, at *counter) error {
	s, shelf, verb := c.selection(), at.shelf(), at.words[1]
	s.All = c.All
	do := at.Requeue
	if verb == "drop" {
		do = at.Drop
	}
	var sum moved
	for {
		m, err := do(ctx, shelf, s)
		if err != nil {
			return err
		}
		sum.Letters += m.Letters
		sum.Done += m.Done
		if !m.More {
			break
		}
		s.Before = m.Before
	}
	if at.json {
		if err := writeJSON(at.process, sum); err != nil {
			return err
		}
	} else {
		tellMoved(at, verb, sum)
	}
	if sum.Letters == 0 {
		return &failure{code: exitInput, err: fmt.Errorf("nothing of that is %s%s", shelf, at.meant(ctx, c.Rule))}
	}
	if verb != "drop" {
		at.later()
	}
	return nil
}

func tellMoved(at *counter, verb string, sum moved) {
	past := map[string]string{"requeue": "queued again", "release": "released", "drop": "dropped"}[verb]
	fmt.Fprintf(at.stdout, "%s %s.\n", count(sum.Done, "action"), past)
	if rest := sum.Letters - sum.Done; rest > 0 {
		fmt.Fprintf(at.stdout, "%s more had gone meanwhile, or an equal action is wanted already.\n", count(rest, "letter"))
	}
}
