package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"pgregory.net/rapid"
)

// ladder is that of one member in the model.
type ladder struct {
	points int
	anchor time.Time
	steps  map[chat.RuleID]time.Time // each rule's last one
}

// step takes a case's step and returns what the ladder holds then.
func (l *ladder) step(s *chat.Strike, at time.Time) int {
	if l.steps == nil {
		l.anchor, l.steps = at, map[chat.RuleID]time.Time{}
	}
	if at.After(l.anchor) {
		times := int(at.Sub(l.anchor) / s.Every)
		l.points = max(0, l.points-times*s.Fade)
		l.anchor = at.Add(-(at.Sub(l.anchor) % s.Every))
		if l.points == 0 {
			l.anchor = at
		}
	}
	last, stepped := l.steps[s.Rule]
	if stepped && at.Sub(last).Abs() < s.Once {
		return l.points
	}
	l.points = min(l.points+s.Points, store.MaxStrikes)
	l.steps[s.Rule] = at
	return l.points
}

// climb is one case in the model.
type climb struct {
	c       chat.Case
	strikes int
}

// testStrikesAtRandom plays cases of two members, new ones and known ones, against the model.
func testStrikesAtRandom(t *testing.T, s Observer) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		g, begin := group(chat.GroupID(fmt.Sprint("climb ", run))), longAgo()
		rules := drawStrikes(rt)
		ladders, known := map[chat.MemberID]*ladder{"a": {}, "b": {}}, map[chat.CaseID]climb{}
		now := time.Duration(0)
		for i := range rapid.IntRange(1, 30).Draw(rt, "cases") {
			if len(known) > 0 && rapid.IntRange(0, 4).Draw(rt, "repeat") == 0 {
				repeatClimb(rt, t, s, known)
				continue
			}
			now += time.Duration(rapid.IntRange(0, 40).Draw(rt, "wait")) * minute / 2
			at := begin.Add(now - time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 9, 30}).Draw(rt, "late"))*minute)
			m := rapid.SampledFrom([]chat.MemberID{"a", "b"}).Draw(rt, "member")
			ev := chat.EventID(fmt.Sprint("e", i))
			c := caseOf(g, ev, m, at, drawRungs(rt, ev)...)
			want := 0
			if n := rapid.IntRange(0, len(rules)).Draw(rt, "rule"); n < len(rules) {
				c.Strike = &rules[n]
				want = ladders[m].step(c.Strike, at)
			}
			known[c.ID] = climb{c: c, strikes: want}
			checkClimb(rt, t, s, c, want)
		}
	})
}

// drawStrikes returns the strikes of three rules.
func drawStrikes(rt *rapid.T) []chat.Strike {
	out := make([]chat.Strike, 3)
	for i := range out {
		out[i] = chat.Strike{
			Rule:   chat.RuleID(fmt.Sprint("r", i)),
			Points: rapid.SampledFrom([]int{1, 1, 2, 5, store.MaxStrikes}).Draw(rt, "points"),
			Fade:   rapid.IntRange(1, 3).Draw(rt, "fade"),
			Every:  time.Duration(rapid.IntRange(1, 30).Draw(rt, "every")) * minute,
			Once:   time.Duration(rapid.IntRange(0, 20).Draw(rt, "once")) * minute,
		}
	}
	return out
}

// drawRungs returns intents on some rungs. No two of them make equal actions.
func drawRungs(rt *rapid.T, ev chat.EventID) []chat.Intent {
	var out []chat.Intent
	for i := range rapid.IntRange(1, 3).Draw(rt, "rungs") {
		at, width := rapid.IntRange(0, 4).Draw(rt, "at"), rapid.IntRange(0, 3).Draw(rt, "width")
		below := 0
		if width > 0 {
			below = at + width
		}
		out = append(out, rungOf(chat.RuleID(fmt.Sprint("rung", i)), ev, at, below))
	}
	return out
}

func checkClimb(rt *rapid.T, t *testing.T, s Observer, c chat.Case, want int) {
	queued := len(acting(c, want))
	got, err := s.Commit(t.Context(), []chat.Case{c})
	if err != nil || got[0].Known || got[0].Strikes != want || got[0].Queued != queued || len(got[0].Deduplicated) != 0 {
		rt.Fatalf("%s at %v with %+v: %+v, %v, want %d strikes and %d queued", c.Event.Member, c.Event.At, c.Strike, got, err, want, queued)
	}
}

// acting returns the actions of a case that act on a ladder of so many strikes.
func acting(c chat.Case, strikes int) []chat.Action {
	return slices.DeleteFunc(c.Actions(), func(a chat.Action) bool { return !a.Intent.Acts(strikes) })
}

func repeatClimb(rt *rapid.T, t *testing.T, s Observer, known map[chat.CaseID]climb) {
	before := known[rapid.SampledFrom(slices.Sorted(maps.Keys(known))).Draw(rt, "case")]
	got, err := s.Commit(t.Context(), []chat.Case{before.c})
	if err != nil || !got[0].Known || got[0].Strikes != before.strikes || got[0].Queued != 0 {
		rt.Fatalf("a repeated case: %+v, %v, want known and %d strikes", got, err, before.strikes)
	}
}

// climb has a new case take its step in the model.
func (m *model) climb(c chat.Case) int {
	strikes := 0
	if c.Strike != nil {
		at := place(c.Event.Group, c.Event.Member)
		if m.ladders[at] == nil {
			m.ladders[at] = &ladder{}
		}
		strikes = m.ladders[at].step(c.Strike, c.Event.At)
	}
	m.cases[c.ID] = climb{c: c, strikes: strikes}
	m.order = append(m.order, c.ID)
	return strikes
}
