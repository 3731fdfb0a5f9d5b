package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

// livePatience bounds what one step of the traffic waits for: under rules of one's own, a removal that
// the sample rules would make may never come.
const livePatience = 2 * time.Second

// live is the demo that goes on: a change of the rules plays the traffic again, and what is typed is
// said in a group.
type live struct {
	fake   *sim.Server
	show   *screen
	rules  string // the file, for the screen
	reread chan reread
	ask    asking // how the bot is asked from elsewhere
	gone   bool   // the rules file is not there, and that was said
	chat   string // the group in which typed lines are said
	plays  int
	guests int
}

// reread is one change of the rules files.
type reread struct {
	rules int
	err   error
}

func newLive(fake *sim.Server, show *screen, rules string) *live {
	return &live{fake: fake, show: show, rules: rules, reread: make(chan reread, 1), chat: "@TGS#CHAT"}
}

// changed is told of a change by the service, which does not wait: of several only the last counts.
func (l *live) changed(rules int, err error) {
	select {
	case <-l.reread:
	default:
	}
	l.reread <- reread{rules, err}
}

// play plays the traffic in groups of its own, and says whom the rules removed.
func (l *live) play(ctx context.Context) {
	l.plays++
	s := sim.Scene{Patience: livePatience, Step: l.show.follow(ctx, l.fake)}
	for prefix, id := range map[string]*string{"@TGS#CHAT": &s.Chat, "@TGS#RAID": &s.Raid, "@TGS#WORK": &s.Work, "@TGS#aROOM": &s.Room, "EA93UU": &s.WhatsApp} {
		*id = fmt.Sprintf("%s%d", prefix, l.plays)
	}
	l.chat = s.Chat
	began := time.Now()
	// What the traffic waits for in vain is no fault under rules of one's own.
	_, _ = l.fake.Play(ctx, s)
	l.quiet(ctx)
	var gone []string
	for _, g := range []string{s.Chat, s.Raid, s.Work, s.Room, s.WhatsApp} {
		gone = append(gone, l.fake.Removed(g)...)
	}
	if ctx.Err() == nil {
		l.show.tally(l.rules, gone, time.Since(began))
	}
}

// serve follows changes and typed lines until the context ends.
func (l *live) serve(ctx context.Context, in io.Reader) {
	typed := lines(ctx, in)
	l.show.line("\nThe bot keeps serving. Now it is your turn:")
	if l.rules != "" {
		l.show.line("  change %s: it is read at once, and the same traffic comes again", l.rules)
	}
	l.show.line("  type a message and press Enter: somebody who has just joined %s says it", l.chat)
	l.show.line("  (\"old_link: hello\" has old_link say hello); press Ctrl-C to end")
	l.show.line("  ask why somebody was removed, in a second terminal%s:\n%s\n", l.ask.with(), l.ask.line(l.show.lastCase()))
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-l.reread:
			if r.err != nil {
				l.refused(r.err)
				continue
			}
			l.gone = false
			l.show.line("\n%s", l.show.paint("1", fmt.Sprintf("══ %s changed: %s in force, the traffic comes again", l.rules, count(r.rules, "rule"))))
			l.play(ctx)
		case line, open := <-typed:
			if !open {
				typed = nil
			} else if line = strings.TrimSpace(line); line != "" {
				l.say(ctx, line)
			}
		}
	}
}

// refused says why changed rules are not taken. That their file is not there is said once, however many
// readings find it so.
func (l *live) refused(err error) {
	why := "the rules have a mistake"
	if _, statErr := os.Stat(l.rules); l.rules != "" && errors.Is(statErr, fs.ErrNotExist) {
		if l.gone {
			return
		}
		l.gone, why = true, l.rules+" is not there any more"
	}
	l.show.line("\n%s\n%s", l.show.paint("31", "── "+why+", those in force stay"), problems(err))
}

var speaker = regexp.MustCompile(`^([\w@.-]{1,32}): +(.+)$`)

// say has somebody say a line, and tells whether he stays. Who was removed comes back to say it.
func (l *live) say(ctx context.Context, line string) {
	world := l.fake.World()
	var who, text string
	if m := speaker.FindStringSubmatch(line); m != nil {
		who, text = m[1], m[2]
		if !world.Has(l.chat, who) && !slices.Contains(l.fake.Removed(l.chat), who) {
			l.show.line("  %s there is no member %s in %s: nobody said it (a line without a name is a newcomer's)", l.show.paint("33", "?"), who, l.chat)
			return
		}
	} else {
		l.guests++
		who, text = fmt.Sprintf("newcomer_%d", l.guests), line
	}
	if !world.Has(l.chat, who) {
		if err := world.Join(l.chat, who); err != nil {
			l.show.line("  %s", err)
			return
		}
		l.quiet(ctx) // the bot hears of the join first
	}
	if _, err := world.Say(l.chat, who, text); err != nil {
		l.show.line("  %s", err)
		return
	}
	l.quiet(ctx)
	if world.Has(l.chat, who) {
		l.show.line("  %s %s stays in %s", l.show.paint("33", "○"), who, l.chat)
	}
}

// quiet waits until webhooks are answered and what they led to has ended.
func (l *live) quiet(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	_ = l.fake.Idle(ctx) // what takes longer shows later
	l.show.settle(ctx)
}

// lines reads lines until the context ends. A reader that cannot be interrupted, such as a terminal,
// keeps its goroutine until the process ends.
func lines(ctx context.Context, in io.Reader) <-chan string {
	out := make(chan string)
	if in == nil {
		return nil
	}
	signal.Ignore(syscall.SIGTTIN) // reading is an error in the background of a terminal, instead of a stop
	go func() {
		defer close(out)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case out <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// problems returns the places and texts of refused rules.
func problems(err error) string {
	return "  " + strings.ReplaceAll(strings.TrimPrefix(err.Error(), app.ErrRules.Error()+":\n"), "\n", "\n  ")
}

// watched shows what a rule in shadow would have done.
func (s *screen) watched(e chat.Event, m chat.Match) {
	s.line("  %s SHADOW  %-16s %-12s %s", s.paint("36", "◌"), e.Member, e.Group.ID, reason(m))
}

// reason names a rule and says why it fits.
func reason(m chat.Match) string {
	text := string(m.Rule)
	if m.Title != "" {
		text += ": " + m.Title
	}
	if m.Why != "" {
		text += " (" + m.Why + ")"
	}
	return text
}

// follow returns what shows the steps of the traffic: what a step leads to is shown below its own title.
func (s *screen) follow(ctx context.Context, fake *sim.Server) func(title string) {
	return func(title string) {
		quiet, cancel := context.WithTimeout(ctx, stepPatience)
		defer cancel()
		_ = fake.Idle(quiet) // a step that takes longer shows below the next title
		s.settle(quiet)
		s.step(title)
	}
}

// tally says whom rules of one's own removed.
func (s *screen) tally(rules string, gone []string, took time.Duration) {
	s.line("\n%s", s.paint("1", "── result"))
	who := "nobody"
	if len(gone) > 0 {
		who = count(len(gone), "member") + ": " + strings.Join(gone, ", ")
	}
	s.line("  %s removed %s (%s)", rules, who, took.Round(10*time.Millisecond))
}
