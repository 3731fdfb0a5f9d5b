package sim

import (
	"context"
	"fmt"
	"time"
)

// player plays one scene.
type player struct {
	s    *Server
	w    *World
	c    Scene
	now  time.Time
	plan Plan
	said int // clean sentences so far
}

func (p *player) offender(provider Provider, group, member, why string) {
	p.plan.Offenders = append(p.plan.Offenders, Offender{provider, group, member, why})
}

func (p *player) spared(group, member, why string) {
	p.plan.Spared = append(p.plan.Spared, Offender{Tencent, group, member, why})
}

// sentence returns clean text that differs each time.
func (p *player) sentence() string {
	openings := []string{"Good morning, I am reading about", "Does anybody know more about", "今天我们聊聊", "Thanks for the notes on", "My notes cover", "I enjoyed the talk about"}
	topics := []string{"tea", "hiking", "chess", "jazz", "baking", "sailing", "astronomy", "gardening", "history", "pottery", "cycling", "birds", "maps"}
	i := p.said
	p.said++
	return fmt.Sprintf("%s %s, part %d", openings[i%len(openings)], topics[i%len(topics)], i+1)
}

// all posts messages in turn.
func (p *player) all(messages ...Message) error {
	for _, m := range messages {
		if _, err := p.w.Post(m); err != nil {
			return err
		}
	}
	return nil
}

// chatter is clean: nobody of it is ever to be removed.
func (p *player) chatter(ctx context.Context) error {
	for round := range 2 {
		at := p.now.Add(time.Duration(round-3) * 20 * time.Second)
		for i := range 20 {
			if err := p.all(Message{Group: p.c.Chat, Member: fmt.Sprintf("member_%02d", i+1), Text: p.sentence(), At: at}); err != nil {
				return err
			}
		}
		for i := range 5 {
			if err := p.all(
				Message{Group: p.c.WhatsApp, Member: fmt.Sprintf("1555010000%d", i+1), Text: p.sentence(), At: at},
				Message{Group: p.c.Work, Member: fmt.Sprintf("colleague_%02d", i+1), Text: p.sentence(), At: at},
			); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.w.Arrive(Arrival{Group: p.c.Work, Members: []string{"intern_01", "intern_02", "intern_03"}, Inviter: "colleague_01"})
}

// raid lets many join within a minute, one each second and a half at most.
func (p *player) raid(ctx context.Context) error {
	gap := min(1500*time.Millisecond, 50*time.Second/time.Duration(p.c.Joiners))
	first := p.now.Add(-gap * time.Duration(p.c.Joiners))
	for i := 1; i <= p.c.Joiners; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := fmt.Sprintf("raider_%02d", i)
		if i >= p.c.Threshold {
			p.offender(Tencent, p.c.Raid, id, fmt.Sprintf("raid: join number %d within a minute", i))
		}
		if err := p.w.Arrive(Arrival{Group: p.c.Raid, Members: []string{id}, At: first.Add(gap * time.Duration(i))}); err != nil {
			return err
		}
	}
	return nil
}

// links has a new and an old member post the same foreign link, and a new one a trusted one.
func (p *player) links(ctx context.Context) error {
	p.offender(Tencent, p.c.Chat, "new_spammer", "link to a foreign domain from a member of a few seconds")
	p.spared(p.c.Chat, "old_link", "the same link from a member of old")
	p.spared(p.c.Chat, "new_reader", "a trusted link from a new member")
	for _, m := range []string{"new_spammer", "new_reader"} {
		if err := p.w.Arrive(Arrival{Group: p.c.Chat, Members: []string{m}, At: p.now.Add(-20 * time.Second)}); err != nil {
			return err
		}
	}
	if err := p.quiet(ctx); err != nil {
		return err
	}
	const lure = "more about this at http://win.example.net/coins"
	return p.all(
		Message{Group: p.c.Chat, Member: "old_link", Text: lure, At: p.now.Add(-9 * time.Second)},
		Message{Group: p.c.Chat, Member: "new_reader", Text: "the rules are at https://example.com/rules", At: p.now.Add(-8 * time.Second)},
		Message{Group: p.c.Chat, Member: "new_spammer", Text: lure, At: p.now.Add(-7 * time.Second)},
	)
}

// words has a member, the owner, and a webhook that comes five times.
func (p *player) words(context.Context) error {
	p.offender(Tencent, p.c.Chat, "wang_gambler", "banned word 赌博")
	p.offender(Tencent, p.c.Chat, "echo_gambler", "banned word 赌博, the webhook sent five times")
	p.spared(p.c.Chat, "owner_lin", "the owner may say anything")
	return p.all(
		Message{Group: p.c.Chat, Member: "wang_gambler", Text: "周末一起来赌博吧，稳赚不赔"},
		Message{Group: p.c.Chat, Member: "owner_lin", Text: "有人问这里能不能赌博"},
		Message{Group: p.c.Chat, Member: "echo_gambler", Text: "晚上八点开始赌博，欢迎加入", Repeat: 5},
	)
}

// flood has one member send five messages within 10 seconds, and one four.
func (p *player) flood(context.Context) error {
	p.offender(Tencent, p.c.Chat, "flooder", "five messages within 10 seconds")
	p.spared(p.c.Chat, "talkative", "four messages within 10 seconds")
	for i := range 5 {
		at := p.now.Add(time.Duration(i-5) * 1500 * time.Millisecond)
		if i < 4 {
			if err := p.all(Message{Group: p.c.Chat, Member: "talkative", Text: p.sentence(), At: at}); err != nil {
				return err
			}
		}
		if err := p.all(Message{Group: p.c.Chat, Member: "flooder", Text: p.sentence(), At: at}); err != nil {
			return err
		}
	}
	return nil
}

// room has viewers come and talk in a live room, from which nobody can be removed but by a mute.
func (p *player) room(context.Context) error {
	p.offender(Tencent, p.c.Room, "viewer_loud", "banned word 赌博 in an AVChatRoom")
	for _, v := range []string{"viewer_new", "viewer_loud"} {
		if err := p.w.Join(p.c.Room, v); err != nil {
			return err
		}
	}
	for i := range 12 {
		if err := p.all(Message{Group: p.c.Room, Member: fmt.Sprintf("viewer_%02d", i+1), Text: p.sentence()}); err != nil {
			return err
		}
	}
	return p.all(
		Message{Group: p.c.Room, Member: "viewer_new", Text: p.sentence()},
		Message{Group: p.c.Room, Member: "viewer_loud", Text: "网上赌博平台送彩金"},
	)
}

// numbers has two risky numbers come into the WhatsApp group: one stays silent and is found by the
// member list alone. The bot must have read that list before, or it could not tell who is new.
func (p *player) numbers(ctx context.Context) error {
	p.offender(CAMS, p.c.WhatsApp, "15550100701", "risky prefix, joined and spoke")
	p.offender(CAMS, p.c.WhatsApp, "15550100702", "risky prefix, joined and was found in the member list")
	read := p.until(ctx, func() bool {
		return len(p.s.history.list(func(c Call) bool {
			return c.API == "ListChatGroupParticipants" && c.Group == p.c.WhatsApp && c.Code == "OK"
		})) > 0
	})
	if err := p.w.Join(p.c.WhatsApp, "15550100702"); err != nil {
		return err
	}
	if err := p.w.Join(p.c.WhatsApp, "15550100701"); err != nil {
		return err
	}
	if _, err := p.w.Say(p.c.WhatsApp, "15550100701", p.sentence()); err != nil {
		return err
	}
	if read != nil {
		return fmt.Errorf("the bot did not read the member list of %q: %w", p.c.WhatsApp, read)
	}
	return nil
}

// comeBack has a member removed, join again and offend again.
func (p *player) comeBack(ctx context.Context) error {
	p.offender(Tencent, p.c.Chat, "boomerang", "banned word 赌博")
	p.offender(Tencent, p.c.Chat, "boomerang", "banned word 赌博, again after coming back")
	if _, err := p.w.Say(p.c.Chat, "boomerang", "赌博群在这里，快来"); err != nil {
		return err
	}
	if err := p.until(ctx, func() bool { return !p.w.Has(p.c.Chat, "boomerang") }); err != nil {
		return fmt.Errorf("%q was not removed: %w", "boomerang", err)
	}
	if err := sleep(ctx, p.c.Absence); err != nil {
		return err
	}
	if err := p.w.Join(p.c.Chat, "boomerang"); err != nil {
		return err
	}
	if err := p.quiet(ctx); err != nil {
		return err
	}
	_, err := p.w.Say(p.c.Chat, "boomerang", "我又回来赌博了")
	return err
}

// quiet waits until the bot has answered all webhooks. Reports stand in line while questions do
// not, so the bot may otherwise be asked about a member's message before it hears of his join.
func (p *player) quiet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.c.Patience)
	defer cancel()
	if err := p.s.Idle(ctx); err != nil {
		return fmt.Errorf("waiting for the answers to webhooks: %w", err)
	}
	return nil
}

// until waits until something is so, no longer than the scene's patience.
func (p *player) until(ctx context.Context, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, p.c.Patience)
	defer cancel()
	for !so() {
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
