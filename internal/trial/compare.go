package trial

import (
	"cmp"
	"context"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// Which of two rules files acted on a member.
const (
	actedNew uint8 = 1 << iota
	actedOld
)

// comparison judges events by other rules as well, and counts what only one of the two acts on.
type comparison struct {
	old     *judge
	out     *Difference
	acted   map[short]uint8 // members, in their groups
	rules   map[chat.RuleID]*RuleDifference
	counted recent
}

func newComparison(old *policy.Rules) *comparison {
	return &comparison{
		old: newJudge(old), out: &Difference{Hash: old.Hash()}, acted: map[short]uint8{}, rules: map[chat.RuleID]*RuleDifference{},
	}
}

// shower adds a sample to some, as far as the report has room.
type shower func(to *[]Sample, e *chat.Event, id chat.CaseID, m chat.Match)

// event takes an event that the new rules have judged.
func (c *comparison) event(e *chat.Event, now *outcome, show shower) error {
	then, err := c.old.judge(context.Background(), e)
	if err != nil {
		return err
	}
	isNew, isOld := c.act(now, actedNew), c.act(then, actedOld)
	if len(now.decision.Matches)+len(then.decision.Matches) == 0 {
		return nil
	}
	id := chat.NewCaseID(e.Group, e.ID, e.Text)
	if !c.counted.isNew(digestOf(string(id)).short()) {
		return nil
	}
	switch {
	case isNew && isOld:
		c.out.Both++
	case isNew:
		c.out.OnlyNew.add(e, id, now, show)
	case isOld:
		c.out.OnlyOld.add(e, id, then, show)
	}
	c.matched(now, then, func(d *RuleDifference) { d.OnlyNew++ })
	c.matched(then, now, func(d *RuleDifference) { d.OnlyOld++ })
	return nil
}

// act tells whether an outcome acts on anybody, and remembers on whom.
func (c *comparison) act(o *outcome, by uint8) bool {
	acts := false
	mark := func(g chat.Group, m chat.MemberID) {
		acts = true
		if m == "" {
			return
		}
		k := shortMember(g, m)
		if _, known := c.acted[k]; !known && len(c.acted) >= maxDistinct {
			c.out.Incomplete = true
			return
		}
		c.acted[k] |= by
	}
	for i := range o.cases {
		d := &o.cases[i]
		for _, a := range d.Actions() {
			if a.Intent.Acts(d.Strikes) {
				mark(a.Group, a.Member)
			}
		}
		for _, in := range d.Intents {
			if in.Kind == chat.Block && in.Acts(d.Strikes) {
				mark(d.Event.Group, d.Event.Member)
			}
		}
	}
	return acts
}

// matched counts the enforced rules that fit in one outcome only.
func (c *comparison) matched(in, notIn *outcome, count func(*RuleDifference)) {
	for _, m := range in.decision.Matches {
		if m.Mode != policy.ModeEnforce || slices.ContainsFunc(notIn.decision.Matches, func(o chat.Match) bool {
			return o.Rule == m.Rule && o.Mode == m.Mode
		}) {
			continue
		}
		d := c.rules[m.Rule]
		if d == nil {
			d = &RuleDifference{Rule: m.Rule}
			c.rules[m.Rule] = d
		}
		count(d)
	}
}

// add counts a case that only this side has.
func (s *Side) add(e *chat.Event, id chat.CaseID, o *outcome, show shower) {
	s.Cases++
	for _, m := range o.decision.Matches {
		if m.Mode == policy.ModeEnforce {
			show(&s.Samples, e, id, m)
			return
		}
	}
}

func (c *comparison) finish() *Difference {
	for _, by := range c.acted {
		switch by {
		case actedNew:
			c.out.OnlyNew.Members++
		case actedOld:
			c.out.OnlyOld.Members++
		}
	}
	c.out.Rules = []RuleDifference{}
	for _, d := range c.rules {
		c.out.Rules = append(c.out.Rules, *d)
	}
	slices.SortFunc(c.out.Rules, func(a, b RuleDifference) int { return cmp.Compare(a.Rule, b.Rule) })
	return c.out
}
