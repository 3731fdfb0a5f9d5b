package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrRefused is wrapped by errors about something that the rules of the group, or the bot's answer
// to a before-event, forbid.
var ErrRefused = errors.New("refused")

// Arrival is somebody, or several at once, coming into a group.
type Arrival struct {
	Group   string
	Members []string
	Inviter string    // empty: they applied
	At      time.Time // EventTime; zero is now
	Repeat  int       // how often the after-event is sent; 0 is once

	platform string // OptPlatform; empty: an app
}

// Message is something that a member says.
type Message struct {
	Group  string
	Topic  string // within a Community
	Member string
	Text   string
	At     time.Time // EventTime or Timestamp; zero is now
	Repeat int       // how often the webhook that reports it is sent; 0 is once
}

// Said is a message as the group received it.
type Said struct {
	ID     string    `json:"id"` // MsgId at Tencent, MessageId at CAMS
	Seq    uint32    `json:"seq,omitempty"`
	Random uint32    `json:"random,omitempty"`
	Topic  string    `json:"topic,omitempty"`
	Member string    `json:"member"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	// Code is what the sender was told: 0 for success, although a message that the bot dropped
	// (code 2 of its answer) is a success too.
	Code      int    `json:"code,omitempty"`
	Note      string `json:"note,omitempty"` // the text beside Code
	Delivered bool   `json:"delivered"`
	Recalled  bool   `json:"recalled,omitempty"`
	dropped   bool   // the bot dropped it, and its sender believes that it was sent
}

// Join lets one member come into a group, by own wish or invited.
func (w *World) Join(group, member string, inviter ...string) error {
	a := Arrival{Group: group, Members: []string{member}}
	if len(inviter) > 0 {
		a.Inviter = inviter[0]
	}
	return w.Arrive(a)
}

// Arrive lets members come into a group. Tencent asks the bot before and tells it after; CAMS does
// neither.
func (w *World) Arrive(a Arrival) error {
	if a.At.IsZero() {
		a.At = w.server.now()
	}
	g, err := w.mayJoin(a)
	if err != nil {
		return fmt.Errorf("joining group %q: %w", a.Group, err)
	}
	if g.Provider == Tencent {
		refused, err := w.server.askJoin(g, a)
		if err != nil {
			return fmt.Errorf("joining group %q: %w", a.Group, err)
		}
		a.Members = without(a.Members, refused)
	}
	joined, err := w.enter(a)
	if err != nil {
		return fmt.Errorf("joining group %q: %w", a.Group, err)
	}
	a.Members = joined
	if g.Provider == Tencent && len(joined) > 0 {
		return w.server.tellJoin(g, a)
	}
	return nil
}

// mayJoin returns what the group is, or why they cannot come in.
func (w *World) mayJoin(a Arrival) (Group, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := w.find(a.Group)
	if err != nil {
		return Group{}, err
	}
	if len(a.Members) == 0 {
		return Group{}, errors.New("nobody is named")
	}
	now := w.server.now()
	for _, m := range a.Members {
		if m == "" {
			return Group{}, errors.New("a member has no ID")
		}
		if g.out(m, now) {
			return Group{}, fmt.Errorf("%w: %q was removed for good", ErrRefused, m)
		}
	}
	if g.Provider == CAMS && g.Link == "" {
		return Group{}, fmt.Errorf("%w: there is no invite link", ErrRefused)
	}
	if g.closed(a.Inviter != "") {
		return Group{}, fmt.Errorf("%w: the group is closed", ErrRefused)
	}
	return g.Group, g.full(len(a.Members))
}

// enter makes them members and returns who was not one before.
func (w *World) enter(a Arrival) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := w.find(a.Group)
	if err != nil {
		return nil, err
	}
	if err := g.full(len(a.Members)); err != nil {
		return nil, err
	}
	var joined []string
	for _, m := range a.Members {
		if _, there := g.members[m]; !there {
			g.put(m, a.At)
			joined = append(joined, m)
		}
	}
	return joined, nil
}

// Leave lets a member go by own wish.
func (w *World) Leave(group, member string) error {
	w.mu.Lock()
	g, err := w.find(group)
	if err == nil && !g.take(member) {
		err = fmt.Errorf("%q is not a member", member)
	}
	var is Group
	if err == nil {
		is = g.Group
	}
	w.mu.Unlock()
	if err != nil {
		return fmt.Errorf("leaving group %q: %w", group, err)
	}
	if is.Provider == Tencent {
		return w.server.tellExit(w.server.ctx, is, "Quit", member, []string{member})
	}
	return nil
}

// Say lets a member say something.
func (w *World) Say(group, member, text string) (Said, error) {
	return w.Post(Message{Group: group, Member: member, Text: text})
}

// Post lets a member say something. The error wraps ErrRefused when the group does not take it;
// Said.Code holds the code that the sender saw.
func (w *World) Post(m Message) (Said, error) {
	if m.At.IsZero() {
		m.At = w.server.now()
	}
	g, said, err := w.compose(m)
	if err == nil && g.Provider == Tencent {
		said, err = w.server.askSay(g, said, m.Member, "")
	}
	if err == nil && !said.dropped {
		said, err = w.deliver(m.Group, said)
	}
	if err != nil || said.dropped {
		return said, wrapSay(m.Group, err)
	}
	if g.Provider == CAMS {
		return said, wrapSay(m.Group, w.server.tellInbound(g, said, m.Repeat))
	}
	return said, wrapSay(m.Group, w.server.tellSay(w.server.ctx, g, said, m.Member, m.Repeat))
}

func wrapSay(group string, err error) error {
	if err != nil {
		return fmt.Errorf("speaking in group %q: %w", group, err)
	}
	return nil
}

// compose numbers a message that its sender may send.
func (w *World) compose(m Message) (Group, Said, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := w.find(m.Group)
	if err != nil {
		return Group{}, Said{}, err
	}
	said := Said{Member: m.Member, Topic: m.Topic, Text: m.Text, At: m.At}
	if !g.hasTopic(m.Topic) {
		return g.Group, said, fmt.Errorf("the group has no topic %q", m.Topic)
	}
	if _, there := g.members[m.Member]; !there {
		said.Code = 10007
		return g.Group, said, fmt.Errorf("%w: %q is not a member", ErrRefused, m.Member)
	}
	if g.silent(m.Member, w.server.now()) || g.MuteAll && g.role(m.Member) == "Member" {
		said.Code = 10017
		return g.Group, said, fmt.Errorf("%w: %q is muted (10017)", ErrRefused, m.Member)
	}
	w.number(g, &said)
	return g.Group, said, nil
}

// number gives a message its IDs. The caller holds the lock.
func (w *World) number(g *group, said *Said) {
	if g.Provider == CAMS {
		w.serial++
		said.ID = fmt.Sprintf("%s%06d", said.At.UTC().Format("20060102150405"), w.serial)
		return
	}
	said.Random = w.rng.Uint32()
	said.ID = fmt.Sprintf("144115233406643804-%d-%d", said.At.Unix(), said.Random)
}

// deliver puts a message into the group.
func (w *World) deliver(group string, said Said) (Said, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := w.find(group)
	if err != nil {
		return said, err
	}
	g.seqs[said.Topic]++
	said.Seq, said.Delivered = g.seqs[said.Topic], true
	g.heard = said.At
	if m, there := g.members[said.Member]; there {
		m.said = said.At
		g.members[said.Member] = m
	}
	g.keep(said)
	return said, nil
}

// keep remembers a message, and forgets the older half when there are too many.
func (g *group) keep(said Said) {
	if len(g.kept) >= maxKept {
		g.kept = append(g.kept[:0], g.kept[len(g.kept)-maxKept/2:]...)
	}
	g.kept = append(g.kept, said)
}

func without(all, drop []string) []string {
	var out []string
	for _, a := range all {
		if !slices.Contains(drop, a) {
			out = append(out, a)
		}
	}
	return out
}

// sleep waits, or returns early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
