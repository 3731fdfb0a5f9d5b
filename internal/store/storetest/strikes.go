package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const minute = time.Minute

// struck is one case of a strike test.
type struck struct {
	ev     chat.EventID
	at     time.Duration // after the test's begin
	rule   chat.RuleID
	points int
	want   int // what the ladder holds then
}

// longAgo leaves room for hours of event times before now.
func longAgo() time.Time { return recent().Add(-12 * time.Hour) }

// strikeOf builds a case that steps its member's ladder, whose points fade two for each ten minutes
// and whose rules step once in five minutes. Its one action acts from three strikes on. No two cases
// have equal actions.
func strikeOf(g chat.Group, e struck, m chat.MemberID, begin time.Time) chat.Case {
	c := caseOf(g, e.ev, m, begin.Add(e.at), chat.Intent{Kind: chat.Recall, Rule: e.rule, Message: string(e.ev), AtStrikes: 3})
	c.Strike = &chat.Strike{Rule: e.rule, Points: e.points, Fade: 2, Every: 10 * minute, Once: 5 * minute}
	return c
}

func testStrikes(t *testing.T, s Observer) {
	for i, test := range []struct {
		name  string
		cases []struck
	}{
		{"points add up", []struck{{"a", 0, "r1", 1, 1}, {"b", 5 * minute, "r1", 1, 2}, {"c", 9 * minute, "r2", 3, 5}}},
		{"points fade for each whole time", []struck{
			{"a", 0, "r1", 5, 5}, {"b", 10*minute - time.Microsecond, "r1", 1, 6}, {"c", 10 * minute, "r2", 1, 5}, {"d", 30 * minute, "r1", 1, 2},
		}},
		{"what is left of a time counts on", []struck{{"a", 0, "r1", 5, 5}, {"b", 15 * minute, "r1", 1, 4}, {"c", 20 * minute, "r1", 1, 3}}},
		{"points fade to nothing, and no further", []struck{{"a", 0, "r1", 3, 3}, {"b", 95 * minute, "r1", 3, 3}}},
		{"a ladder that was empty begins anew", []struck{
			{"a", 0, "r1", 3, 3}, {"b", 25 * minute, "r1", 3, 3}, {"c", 34 * minute, "r1", 1, 4}, {"d", 35 * minute, "r2", 1, 3},
		}},
		{"a late case does not fade", []struck{
			{"a", 0, "r1", 5, 5}, {"b", 25 * minute, "r1", 1, 2}, {"c", 5 * minute, "r1", 3, 5}, {"d", 29 * minute, "r2", 1, 6}, {"e", 30 * minute, "r3", 1, 5},
		}},
		{"a case before the first", []struck{{"a", 30 * minute, "r1", 3, 3}, {"b", 0, "r1", 2, 5}, {"c", 39 * minute, "r2", 1, 6}}},
		{"one offence is one step", []struck{
			{"a", 0, "r1", 1, 1}, {"b", second, "r1", 1, 1}, {"c", 5*minute - time.Microsecond, "r1", 1, 1}, {"d", 5 * minute, "r1", 1, 2},
		}},
		{"a step that was not taken does not count as one", []struck{
			{"a", 0, "r1", 1, 1}, {"b", 3 * minute, "r1", 1, 1}, {"c", 6 * minute, "r1", 1, 2}, {"d", 8 * minute, "r1", 1, 2},
		}},
		{"another rule's step is its own", []struck{
			{"a", 0, "r1", 1, 1}, {"b", second, "r2", 1, 2}, {"c", 2 * second, "r1", 1, 2}, {"d", 3 * second, "r2", 1, 2}, {"e", 4 * second, "r3", 1, 3},
		}},
		{"a late case of one offence", []struck{
			{"a", 30 * minute, "r1", 1, 1}, {"b", 25*minute + time.Microsecond, "r1", 1, 1}, {"c", 25 * minute, "r1", 1, 2},
		}},
		{"points fade where no step is taken", []struck{
			{"a", 0, "r1", 3, 3}, {"b", 9 * minute, "r1", 3, 6}, {"c", 10 * minute, "r1", 3, 4}, {"d", 13 * minute, "r1", 3, 4},
		}},
		{"a known case takes no step", []struck{
			{"a", 0, "r1", 1, 1}, {"a", 0, "r1", 1, 1}, {"b", 6 * minute, "r1", 2, 3}, {"a", 0, "r1", 1, 1}, {"c", 7 * minute, "r2", 1, 4}, {"b", 6 * minute, "r1", 2, 3},
		}},
		{"points are bounded", []struck{
			{"a", 0, "r1", 9_999, 9_999}, {"b", second, "r2", 3, 10_000}, {"c", 2 * second, "r3", 1 << 30, 10_000}, {"d", 10 * minute, "r4", 1, 9_999},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, begin, known := group(chat.GroupID(fmt.Sprint("strikes ", i))), longAgo(), map[chat.EventID]bool{}
			for j, e := range test.cases {
				got := commit(t, s, strikeOf(g, e, "m", begin))[0]
				queued := 0
				if e.want >= 3 && !known[e.ev] {
					queued = 1
				}
				if got.Known != known[e.ev] || got.Strikes != e.want || got.Queued != queued || len(got.Deduplicated) != 0 {
					t.Fatalf("case %d (%s at %v): %+v, want %d strikes and %d queued", j, e.ev, e.at, got, e.want, queued)
				}
				known[e.ev] = true
			}
		})
	}
	t.Run("whose they are", func(t *testing.T) { testLadders(t, s) })
	t.Run("every case a step", func(t *testing.T) { testNoOnce(t, s) })
	t.Run("rungs", func(t *testing.T) { testActing(t, s) })
	t.Run("at once", func(t *testing.T) { testStrikesAtOnce(t, s) })
}

// testLadders has ladders of groups and members side by side.
func testLadders(t *testing.T, s Observer) {
	begin := longAgo()
	for i, of := range []struct {
		g chat.Group
		m chat.MemberID
	}{
		{group("ladders"), "m"}, {group("ladders"), "M"}, {group("ladders"), "m\x00"}, {group("ladders"), "\xff"}, {group("ladders"), "}{"},
		{group("ladders\x00"), "m"}, {group(""), "laddersm"}, {chat.Group{Provider: chat.CAMS, Account: "1400000000", ID: "ladders"}, "m"},
		{chat.Group{Provider: chat.Tencent, Account: "14000000001", ID: "ladders"}, "m"},
	} {
		for n := 1; n <= 2; n++ {
			e := struck{ev: chat.EventID(fmt.Sprint(i, " ", n)), at: time.Duration(n) * 6 * minute, rule: "r1", points: 1}
			if got := commit(t, s, strikeOf(of.g, e, of.m, begin))[0]; got.Strikes != n {
				t.Errorf("member %q of group %q: %+v, want %d strikes", of.m, of.g.ID, got, n)
			}
		}
	}
	g := group("nobody's ladder")
	for i, test := range []struct {
		name string
		m    chat.MemberID
		own  bool // the case steps the ladder
		want int
	}{
		{"no member", "", true, 0}, {"no member again", "", true, 0}, {"no strike", "m", false, 0}, {"the first strike", "m", true, 2},
		{"no strike, of a member who has some", "m", false, 0}, {"the second strike", "m", true, 4},
	} {
		c := strikeOf(g, struck{ev: chat.EventID(fmt.Sprint(i)), at: second, rule: chat.RuleID(fmt.Sprint("r", i)), points: 2}, test.m, begin)
		if !test.own {
			c.Strike = nil
		}
		if got := commit(t, s, c)[0]; got.Strikes != test.want || got.Queued != test.want/4 {
			t.Errorf("%s: %+v, want %d strikes and %d queued", test.name, got, test.want, test.want/4)
		}
	}
}

// testNoOnce has a rule without a time in which it steps once.
func testNoOnce(t *testing.T, s Observer) {
	g, begin := group("each a step"), longAgo()
	var cases []chat.Case
	for i := range 4 {
		c := strikeOf(g, struck{ev: chat.EventID(fmt.Sprint(i)), rule: "r1", points: 1}, "m", begin)
		c.Strike.Once = 0
		cases = append(cases, c)
	}
	for i, got := range append(commit(t, s, cases[0]), commit(t, s, cases[1:]...)...) {
		if got.Strikes != i+1 {
			t.Errorf("case %d of one instant: %+v, want %d strikes", i, got, i+1)
		}
	}
}
