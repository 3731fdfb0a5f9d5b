package actions

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// life is one process in the storm: its queue, its guard and its way to the provider.
type life struct {
	*storm
	w    weather
	dead atomic.Bool

	flying map[chat.ActionID]bool // guarded by storm.mu
	done   map[chat.ActionID]bool
}

func (l *life) Parts() int { return l.q.Parts() }

func (l *life) Claim(ctx context.Context, part, most int) ([]Item, error) {
	if l.dead.Load() {
		return nil, errAway
	}
	return l.q.Claim(ctx, part, min(most, 1+l.pick(20)))
}

func (l *life) Renew(ctx context.Context, ts []Token) error {
	if l.dead.Load() {
		return errAway
	}
	return l.q.Renew(ctx, ts)
}

func (l *life) Settle(ctx context.Context, ss []Settlement) error {
	if l.dead.Load() {
		return errAway
	}
	for i := range ss {
		if ss[i].State != Free && ss[i].State != Retry && !l.wasSaid(&ss[i]) {
			l.blame("action %s is settled as %s, which nobody said", ss[i].Item.ID, ss[i].State)
		}
	}
	return l.q.Settle(ctx, ss)
}

func (l *life) wasSaid(s *Settlement) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said[s.Item.ID][s.State]
}

func (l *life) ruling(a *chat.Action, immune func(chat.MemberID) bool) (r Ruling) {
	switch {
	case immune(a.Member):
		r = Ruling{State: Spared, Code: "exempt"}
	case l.chance(2):
		r = Ruling{State: Held, Code: "paused"}
	case l.chance(2):
		r = Ruling{State: Void, Code: "undone"}
	}
	if r.Stops() {
		l.say(a, r.State)
	}
	return r
}

func (l *life) Admit(_ context.Context, as []chat.Action) (out []Ruling, err error) {
	elapse(time.Duration(l.pick(50)) * time.Millisecond)
	if l.chance(l.w.Guard) {
		return nil, errAway
	}
	for i := range as {
		out = append(out, l.ruling(&as[i], immuneToAdmit))
	}
	return out, nil
}

func (l *life) Still(a *chat.Action) Ruling { return l.ruling(a, immuneToStill) }

func (l *life) Route(a chat.Action) (Route, error) {
	r, err := routeByKind(a)
	r.Max = min(r.Max, 7)
	if a.Member == "" {
		r.Max = 1
	}
	return r, err
}

// begin checks a batch and notes that it is in flight.
func (l *life) begin(r Route, batch []chat.Action) {
	if len(batch) == 0 || len(batch) > r.Max {
		l.blame("%d actions in a call of %d", len(batch), r.Max)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	members := map[chat.MemberID]bool{}
	for _, a := range batch {
		switch {
		case l.flying[a.ID]:
			l.wrong = append(l.wrong, fmt.Sprintf("action %s is in two calls", a.ID))
		case l.done[a.ID]:
			l.wrong = append(l.wrong, fmt.Sprintf("action %s is done and called again by one process", a.ID))
		case immuneToAdmit(a.Member), immuneToStill(a.Member):
			l.wrong = append(l.wrong, fmt.Sprintf("action %s is called on an immune member", a.ID))
		case members[a.Member] && !r.PerMessage:
			l.wrong = append(l.wrong, fmt.Sprintf("%s is in a call twice", a.Member))
		case a.Group != batch[0].Group || a.Intent.Kind != batch[0].Intent.Kind:
			l.wrong = append(l.wrong, fmt.Sprintf("%s and %s share a call", a.ID, batch[0].ID))
		}
		l.flying[a.ID], members[a.Member] = true, true
	}
}

func (l *life) Send(ctx context.Context, r Route, batch []chat.Action) []Outcome {
	l.begin(r, batch)
	select {
	case <-ctx.Done(): // the process is killed: the call may have been made
	case <-time.After(time.Duration(1+l.pick(900)) * time.Millisecond):
	}
	l.mu.Lock()
	for _, a := range batch {
		delete(l.flying, a.ID)
	}
	l.mu.Unlock()
	if l.chance(l.w.Calls) {
		if o, whole := l.failure(batch); whole {
			return o
		}
	}
	out := make([]Outcome, len(batch))
	for i := range batch {
		out[i] = l.answer(&batch[i], len(batch))
	}
	return out
}

// failure is what can become of a call as a whole.
func (l *life) failure(batch []chat.Action) (out []Outcome, whole bool) {
	all := func(o Outcome) ([]Outcome, bool) {
		for range batch {
			out = append(out, o)
		}
		return out, true
	}
	switch l.pick(6) {
	case 0:
		panic("bad answer")
	case 1:
		return make([]Outcome, len(batch)+1), true
	case 2:
		return all(Outcome{Class: Again, Down: true})
	case 3:
		return all(Outcome{Class: Limited, Wait: time.Duration(l.pick(3)) * time.Second})
	case 4:
		return all(Outcome{Class: Auth})
	}
	return nil, false
}

func (l *life) answer(a *chat.Action, of int) Outcome {
	switch {
	case immuneToSender(a.Member):
		l.say(a, Spared)
		return Outcome{Class: Immune}
	case l.chance(l.w.Calls):
		o := Outcome{Class: []Class{Again, Permanent, Suspect, Immune}[l.pick(4)]}
		switch {
		case o.Class == Permanent, o.Class == Suspect && of == 1:
			l.say(a, Dead)
		case o.Class == Immune:
			l.say(a, Spared)
		}
		return o
	}
	l.say(a, Done)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[a.ID] = true
	return Outcome{}
}
