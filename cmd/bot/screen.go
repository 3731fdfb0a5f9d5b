package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

// screen tells a person what happens during the demo.
type screen struct {
	colour bool

	mu      sync.Mutex // guards the fields below
	out     io.Writer
	queued  map[chat.CaseID]*pending
	waiting int           // actions that have not ended
	last    chat.CaseID   // the last case that somebody was removed for
	idle    chan struct{} // closed when nothing waits
}

// pending is a case whose actions have not all ended.
type pending struct {
	why  string
	left int
}

func newScreen(w io.Writer) *screen {
	return &screen{out: w, colour: colours(w), queued: map[chat.CaseID]*pending{}}
}

// paint puts a text in a colour of the terminal.
func (s *screen) paint(code, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *screen) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format+"\n", args...)
}

func (s *screen) intro(a *app.App, providers, rules string, redis bool) {
	store := "the embedded store"
	if redis {
		store = "Redis"
	}
	if rules == "" {
		rules = "the sample rules"
	}
	s.line("Groupguard demo: the service with both providers simulated, on %s, under %s.", store, rules)
	s.line("  webhooks   http://%s/webhook/…", a.WebhookAddr())
	s.line("  metrics    http://%s/metrics", a.AdminAddr())
	s.line("  providers  %s/sim/", providers)
}

func (s *screen) step(title string) { s.line("\n%s", s.paint("1", "── "+title)) }

// decided shows a case.
func (s *screen) decided(c chat.Case, done chat.Committed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	why := ""
	if c.Of != "" { // a part of another case has no matches of its own
		why = string(c.Intents[0].Rule)
	}
	for _, m := range c.Matches {
		if m.Mode == "enforce" {
			why = reason(m)
			break
		}
	}
	if done.Queued > 0 {
		s.queued[c.ID] = &pending{why: why, left: done.Queued}
		s.waiting += done.Queued
		return
	}
	if len(done.Deduplicated) > 0 {
		fmt.Fprintf(s.out, "  %s %s in %s is on the list already\n", s.paint("2", "·"), c.Event.Member, c.Event.Group.ID)
	}
}

// settled shows an outcome and the provider's answer.
func (s *screen) settled(o actions.Settlement) {
	if o.State == actions.Retry || o.State == actions.Free {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	why := ""
	if p := s.queued[o.Item.Case]; p != nil {
		why = p.why
		if p.left--; p.left == 0 {
			delete(s.queued, o.Item.Case)
		}
		s.waiting--
	}
	if s.waiting == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
	mark, verb := s.paint("32", "✓"), verbOf(&o)
	if o.State == actions.Done && o.Item.Intent.Kind == chat.Remove {
		s.last = o.Item.Case
	}
	switch o.State {
	case actions.Spared:
		mark, verb = s.paint("33", "○"), "SPARED"
	case actions.Dead:
		mark, verb = s.paint("31", "✗"), "FAILED"
	case actions.Held:
		mark, verb = s.paint("33", "○"), "HELD"
	}
	fmt.Fprintf(s.out, "  %s %-7s %-16s %-12s %s\n", mark, verb, o.Item.Member, o.Item.Group.ID, why)
	if o.State == actions.Spared {
		fmt.Fprintf(s.out, "      %s: nothing is done to the %s, case %s\n", o.Item.Group.Provider, o.Code, o.Item.Case.Code())
		return
	}
	if o.State == actions.Held {
		fmt.Fprintf(s.out, "      %s: nothing is done, %s, case %s\n", o.Item.Group.Provider, o.Text, o.Item.Case.Code())
		return
	}
	fmt.Fprintf(s.out, "      %s: %s after %s, case %s\n", o.Item.Group.Provider, answer(o),
		o.At.Sub(o.Item.Received).Round(time.Millisecond), o.Item.Case.Code())
}

// verbOf names what was done. A live room has no removal: there the call is a mute, and nothing else is
// claimed.
func verbOf(o *actions.Settlement) string {
	if o.Item.Intent.Kind == chat.Remove && o.API == "forbid_send_msg" {
		return "MUTE"
	}
	return strings.ToUpper(string(o.Item.Intent.Kind))
}

// lastCase returns the last case that somebody was removed for; empty when there is none.
func (s *screen) lastCase() chat.CaseID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// answer says which call was made and what the provider said to it.
func answer(o actions.Settlement) string {
	text := strings.TrimSpace(o.API + " answered " + strings.TrimSpace(o.Code+" "+o.Text))
	if o.RequestID != "" {
		text += " (request " + o.RequestID + ")"
	}
	return text
}

// settle waits until every action has ended.
func (s *screen) settle(ctx context.Context) {
	s.mu.Lock()
	if s.waiting == 0 {
		s.mu.Unlock()
		return
	}
	s.idle = make(chan struct{})
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// result shows the plan beside what happened.
func (s *screen) result(plan sim.Plan, missing, surplus []sim.Offender, took time.Duration) {
	s.line("\n%s", s.paint("1", "── result"))
	for _, o := range missing {
		s.line("  %s not removed: %s in %s (%s)", s.paint("31", "✗"), o.Member, o.Group, o.Why)
	}
	for _, o := range surplus {
		s.line("  %s removed, but not planned: %s in %s", s.paint("31", "✗"), o.Member, o.Group)
	}
	for _, o := range plan.Spared {
		s.line("  %s stays: %s in %s (%s)", s.paint("33", "○"), o.Member, o.Group, o.Why)
	}
	mark := s.paint("32", "✓")
	if len(missing)+len(surplus) > 0 {
		mark = s.paint("31", "✗")
	}
	s.line("  %s %d of %d planned removals done, %d members removed without a plan, %s", mark,
		len(plan.Offenders)-len(missing), len(plan.Offenders), len(surplus), took.Round(10*time.Millisecond))
}
