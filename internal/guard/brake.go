package guard

import (
	"context"
	"math"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// mostLooks is how many looks one call of the store has.
const mostLooks = 512

// braking asks the store about one set of claimed actions.
type braking struct {
	g      *Guard
	seen   *snapshot
	rules  *policy.Rules
	now    time.Time
	brakes map[chat.RuleID]policy.Brake
	scopes map[place]*scope
	order  []*scope // as they came up
	trips  []Trip   // of what is not paused
}

// question is one look and the scopes that its windows stand for.
type question struct {
	action int // among the claimed
	look   chat.Look
	scopes []*scope
}

// brake rules on the actions whose places are given. Those within the limit go, in order.
func (b *braking) brake(ctx context.Context, claimed []chat.Action, ask []int, rulings []actions.Ruling) error {
	for len(ask) > 0 {
		var round []question
		var later []int
		for _, s := range b.order {
			s.asked = 0
		}
	next:
		for _, i := range ask {
			q, err := b.question(ctx, i, &claimed[i])
			if err != nil {
				return err
			}
			for _, s := range q.scopes {
				if s.tripped() {
					rulings[i] = s.ruling()
					continue next
				}
			}
			for _, s := range q.scopes {
				if s.full() || len(round) == mostLooks {
					later = append(later, i)
					continue next
				}
			}
			if len(q.scopes) > 0 {
				for _, s := range q.scopes {
					s.asked++
				}
				round = append(round, q)
			}
		}
		if err := b.observe(ctx, round, rulings); err != nil {
			return err
		}
		ask = later
	}
	return nil
}

// observe asks one round of questions.
func (b *braking) observe(ctx context.Context, round []question, rulings []actions.Ruling) error {
	looks := make([]chat.Look, len(round))
	for i := range round {
		looks[i] = round[i].look
	}
	answers, err := b.counts(ctx, looks)
	if err != nil {
		return err
	}
	for i, q := range round {
		counts := answers[i]
		for _, s := range q.scopes {
			n := counts[len(s.windows)-1] // the last one decides
			counts = counts[len(s.windows):]
			if n > s.limit {
				s.count = max(s.count, n)
				rulings[q.action] = s.ruling()
			}
		}
	}
	return nil
}

// question returns what is to be asked about a removal; without scopes when it has no brake.
func (b *braking) question(ctx context.Context, i int, a *chat.Action) (question, error) {
	q := question{action: i}
	rule := a.Intent.Rule
	brake, err := b.brakeOf(ctx, rule)
	if err != nil || !brake.On() {
		return q, err
	}
	here := b.scope(place{rule, a.Group}, brake.Within, func() int { return b.limit(ctx, brake, a.Group) })
	if here.limit > 0 {
		q.scopes = append(q.scopes, here)
	}
	if brake.Everywhere > 0 {
		q.scopes = append(q.scopes, b.scope(place{rule: rule}, brake.Within, func() int { return brake.Everywhere }))
	}
	event := eventOf(a, b.seen.resumed(rule, a.Group), brake.Within)
	q.look = chat.Look{Event: event, Group: a.Group, Member: a.Member, Kind: chat.Message, At: b.now}
	for _, s := range q.scopes {
		q.look.Windows = append(q.look.Windows, s.windows...)
	}
	return q, nil
}

// scope returns the scope of a place. It is made, and its limit is asked for, once.
func (b *braking) scope(at place, within time.Duration, limit func() int) *scope {
	s := b.scopes[at]
	if s == nil {
		s = newScope(scope{rule: at.rule, group: at.group, limit: limit(), within: within}, b.seen.resumed(at.rule, at.group), b.now)
		b.scopes[at] = s
		b.order = append(b.order, s)
	}
	return s
}

// brakeOf returns a rule's brake; none for a rule that is not enforced.
func (b *braking) brakeOf(ctx context.Context, rule chat.RuleID) (policy.Brake, error) {
	if brake, ok := b.brakes[rule]; ok {
		return brake, nil
	}
	e, _ := b.rules.Enforcement(rule)
	brake, err := b.g.brakeOf(ctx, rule, e)
	if err == nil {
		b.brakes[rule] = brake
	}
	return brake, err
}

// limit returns how many removals are fine in a group; 0: any number.
func (b *braking) limit(ctx context.Context, brake policy.Brake, g chat.Group) int {
	limit := brake.Removals
	if brake.Share <= 0 || b.g.cfg.Size == nil {
		return limit
	}
	size, known := b.g.cfg.Size(ctx, g)
	if !known {
		return limit
	}
	// A share such as 0.29 of 100 comes out a little below the whole number that it stands for.
	share := max(1, int(math.Floor(brake.Share*float64(size)+1e-9)))
	if limit == 0 {
		return share
	}
	return min(limit, share)
}
