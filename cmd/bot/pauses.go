package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// pauseCmd is bot pause.
type pauseCmd struct {
	deskFlags
	Rule  string `arg:"" optional:"" help:"Rule that stops acting; without one, every rule does."`
	Group string `placeholder:"GROUP" help:"Only in this group: its ID, or tencent:ID, cams:ID."`
	Why   string `placeholder:"TEXT" help:"Why, for those who read it later."`
	List  bool   `help:"List what is paused, and pause nothing."`
}

func (c *pauseCmd) operate(ctx context.Context, at *counter) error {
	if c.List {
		return c.list(ctx, at)
	}
	out, err := at.Pause(ctx, desk.PauseRequest{Rule: chat.RuleID(c.Rule), Group: c.Group, Why: c.Why})
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, out)
	}
	if out.Warning != "" {
		fmt.Fprintf(at.stderr, "bot: warning: %s%s\n", out.Warning, at.near(ctx, c.Rule))
	}
	showPaused(at, &out)
	return nil
}

func (c *pauseCmd) list(ctx context.Context, at *counter) error {
	list, err := at.Pauses(ctx)
	if err != nil {
		return err
	}
	if at.json {
		return writeJSON(at.process, list)
	}
	if len(list.Pauses) == 0 {
		fmt.Fprintln(at.stdout, "Nothing is paused.")
	} else {
		showPauses(at, list.Pauses, time.Now())
	}
	showDamage(at, list.Damaged)
	return nil
}

// what names what a pause stops.
func what(p *chat.Pause) string {
	text := "everything"
	if p.Rule != "" {
		text = fmt.Sprintf("rule %q", p.Rule)
	}
	if p.Group != nil {
		text += " in " + plain(groupName(*p.Group))
	}
	return text
}

// pauseText is a pause in a line.
func pauseText(p *chat.Pause) string {
	text := fmt.Sprintf("%s, by the %s, since %s %s", what(p), plain(p.By), local(p.At), zone(p.At))
	if p.Why != "" {
		text += " (" + plain(p.Why) + ")"
	}
	return text
}

// resumeCommand is how a pause is lifted.
func resumeCommand(p *chat.Pause) string {
	text := "bot resume"
	if p.Rule != "" {
		text += " " + plain(string(p.Rule))
	}
	if p.Group != nil {
		text += " --group " + quoted(groupName(*p.Group))
	}
	return text
}

// resumeCmd is bot resume.
type resumeCmd struct {
	deskFlags
	Rule  string `arg:"" optional:"" help:"Rule whose pauses end; without one, the pause of everything."`
	Group string `placeholder:"GROUP" help:"Only the pauses of this group."`
	All   bool   `help:"Every pause: of everything, of each rule, and what a brake has stopped."`
}

func (c *resumeCmd) operate(ctx context.Context, at *counter) error {
	out, err := at.Resume(ctx, desk.ResumeRequest{Rule: chat.RuleID(c.Rule), Group: c.Group, All: c.All})
	if err != nil {
		return err
	}
	// A mistyped rule must not look as if something had been resumed.
	unknown := error(nil)
	if out.Warning != "" {
		unknown = &failure{code: exitInput, err: fmt.Errorf("%s, and nothing of it was paused%s", out.Warning, at.near(ctx, c.Rule))}
	}
	if at.json {
		return errors.Join(writeJSON(at.process, out), unknown)
	}
	for i := range out.Lifted {
		fmt.Fprintf(at.stdout, "Resumed: %s.\n", what(&out.Lifted[i]))
	}
	if len(out.Lifted)+len(out.Dropped) == 0 && unknown == nil {
		fmt.Fprintln(at.stdout, "Nothing of that was paused.")
	}
	for _, d := range out.Dropped {
		fmt.Fprintf(at.stdout, "Dropped: %s %s, which could not be read (%s).\n", plain(d.Kind), plain(d.Key), plain(d.Why))
		if d.Kind == "undoing" {
			fmt.Fprintln(at.stdout, "What it took back and is in the queue still may be carried out now: say bot undo again.")
		}
	}
	showDamage(at, out.Damaged)
	for i := range out.Left {
		fmt.Fprintf(at.stdout, "Still paused: %s. End it with: %s\n", pauseText(&out.Left[i]), resumeCommand(&out.Left[i]))
	}
	if out.Held > 0 {
		c.held(at, &out)
	}
	return unknown
}

// held says what to do about what was held meanwhile: resuming alone lets nothing of it go.
func (c *resumeCmd) held(at *counter, out *desk.Resumed) {
	more := ""
	if out.MoreHeld {
		more = " or more"
	}
	selected := ""
	if c.Rule != "" {
		selected += " --rule " + plain(c.Rule)
	}
	if c.Group != "" {
		selected += " --group " + quoted(c.Group)
	}
	list := selected
	if selected == "" {
		selected = " --all"
	}
	fmt.Fprintf(at.stdout, "Still held: %s%s.\n  look:          bot held list%s\n  carry it out:  bot held release%s\n  drop it:       bot held drop%s\n",
		count(out.Held, "action"), more, list, selected, selected)
}
