package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Scene is the sample traffic: clean chatter of many members, and planned offenders among them. It
// is made for rules that remove from the 20th join within a minute, new members who post a link to
// a foreign domain, whoever writes 赌博, the fifth message within 10 seconds, and numbers that
// start with 155501007. Zero fields take defaults.
type Scene struct {
	Chat     string // a Public group, where most happens
	Raid     string // a Public group that is raided
	Work     string // a Private group in which all is well
	Room     string // an AVChatRoom
	WhatsApp string // a WhatsApp group

	Run string // is appended to the groups' default IDs, to play more than once in one world

	Joiners   int           // who raid, default 25
	Threshold int           // the joiner from whom on raiders are offenders, default 20
	Patience  time.Duration // with the bot, where the scene needs it to act first; default 10 s
	Absence   time.Duration // of the member who comes back, between removal and return; default 1 s
	Step      func(title string)
}

// Offender is one planned removal: whoever is to be removed twice stands in a plan twice.
type Offender struct {
	Provider Provider `json:"provider"`
	Group    string   `json:"group"`
	Member   string   `json:"member"`
	Why      string   `json:"why"`
}

// Plan is what a scene expects of the bot.
type Plan struct {
	Offenders []Offender `json:"offenders"` // each is to be removed, or muted in an AVChatRoom
	Spared    []Offender `json:"spared"`    // look like offenders and must stay
}

func (c Scene) withDefaults() Scene {
	fill(&c.Chat, "@TGS#CHAT"+c.Run)
	fill(&c.Raid, "@TGS#RAID"+c.Run)
	fill(&c.Work, "@TGS#WORK"+c.Run)
	fill(&c.Room, "@TGS#aROOM"+c.Run)
	fill(&c.WhatsApp, "EA93UU0001"+c.Run)
	fill(&c.Joiners, 25)
	fill(&c.Threshold, 20)
	fill(&c.Patience, 10*time.Second)
	fill(&c.Absence, time.Second)
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return c
}

// Setup makes the scene's groups where they are missing, so that a bot finds them when it starts.
func (s *Server) Setup(c Scene) error {
	c = c.withDefaults()
	numbered := func(format string, n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i+1))
		}
		return out
	}
	extra := []string{"wang_gambler", "old_link", "flooder", "talkative", "echo_gambler", "boomerang"}
	groups := []Group{
		{Provider: Tencent, ID: c.Chat, Type: Public, Name: "Chat", Owner: "owner_lin", Admins: []string{"admin_mei"},
			Members: append(numbered("member_%02d", 20), extra...)},
		{Provider: Tencent, ID: c.Raid, Type: Public, Name: "Open house", Owner: "owner_kay", Members: numbered("regular_%02d", 10)},
		{Provider: Tencent, ID: c.Work, Type: Private, Name: "Work", Owner: "owner_ada", Members: numbered("colleague_%02d", 5)},
		{Provider: Tencent, ID: c.Room, Type: AVChatRoom, Name: "Live", Owner: "host_zoe", Members: numbered("viewer_%02d", 12)},
		{Provider: CAMS, ID: c.WhatsApp, Type: WhatsApp, Name: "Support", Members: numbered("1555010000%d", 5)},
	}
	for _, g := range groups {
		if s.world.has(g.ID) {
			continue
		}
		if err := s.world.AddGroup(g); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) has(group string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.groups[group] != nil
}

// Play sends the scene's traffic and returns when every webhook of it has been answered. The plan
// is whole even when the error, which names what could not be played, is not nil.
func (s *Server) Play(ctx context.Context, c Scene) (Plan, error) {
	c = c.withDefaults()
	if err := s.Setup(c); err != nil {
		return Plan{}, fmt.Errorf("setting the scene: %w", err)
	}
	p := &player{s: s, w: s.world, c: c, now: s.now()}
	var errs []error
	for _, part := range []struct {
		title string
		play  func(context.Context) error
	}{
		{"members chat", p.chatter},
		{"a raid: many join at once", p.raid},
		{"links from new and old members", p.links},
		{"a banned word, by a member and by the owner", p.words},
		{"a flood of messages", p.flood},
		{"a banned word in a live room", p.room},
		{"numbers with a risky prefix in a WhatsApp group", p.numbers},
		{"a removed member comes back", p.comeBack},
	} {
		if err := ctx.Err(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", part.title, err))
			break
		}
		c.Step(part.title)
		if err := part.play(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", part.title, err))
		}
	}
	if err := p.quiet(ctx); err != nil {
		errs = append(errs, err)
	}
	return p.plan, errors.Join(errs...)
}

// Compare tells a plan from what happened: missing were not removed, surplus were and are not
// planned. Both empty is what the bot is there for.
func (s *Server) Compare(plan Plan) (missing, surplus []Offender) {
	left := map[string][]string{}
	for _, g := range s.groupsRemoved() {
		left[g] = s.Removed(g)
	}
	for _, o := range plan.Offenders {
		i := slices.Index(left[o.Group], o.Member)
		if i < 0 {
			missing = append(missing, o)
			continue
		}
		left[o.Group] = slices.Delete(left[o.Group], i, i+1)
	}
	for _, g := range s.groupsRemoved() {
		for _, m := range left[g] {
			surplus = append(surplus, Offender{Group: g, Member: m, Why: "not planned"})
		}
	}
	return missing, surplus
}

// Await waits until everybody of the plan was removed, or the context ends, and compares.
func (s *Server) Await(ctx context.Context, plan Plan) (missing, surplus []Offender) {
	for {
		missing, surplus = s.Compare(plan)
		if len(missing) == 0 || sleep(ctx, 10*time.Millisecond) != nil {
			return missing, surplus
		}
	}
}
