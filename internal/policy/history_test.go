package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestMessagesUnder(t *testing.T) {
	r := one(t, "when: {text: {has_any: bad}, member: {messages_under: 3}}")
	look := r.Needs(message("hello"))
	if len(look.Windows) != 1 || look.Windows[0].Limit != 4 || look.Windows[0].Within != 30*24*time.Hour {
		t.Fatalf("every message counts: %+v", look.Windows)
	}
	for n, want := range map[int]bool{0: false, 1: true, 3: true, 4: false, 5: false} { // the message itself is counted
		if d := r.Evaluate(message("casino"), chat.Facts{Counts: []int{n}}); (d.Case != nil) != want {
			t.Errorf("%d messages with this one: case %v", n, d.Case)
		}
	}
	if d := r.Evaluate(message("casino"), chat.Facts{}); d.Case != nil {
		t.Error("a member whose messages are not known was taken for new")
	}
}

func TestWhatDependsOnFactsIsCountedOnlyWhenItHolds(t *testing.T) {
	r := one(t, "when: {member: {joined_within: 10m}, count: {messages: 5, within: 1m, per: group}}")
	for name, tc := range map[string]struct {
		joined time.Time
		asks   int
	}{
		"new member":       {testNow.Add(-time.Minute), 1},
		"long-time member": {testNow.Add(-time.Hour), 0},
		"nobody knows":     {time.Time{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			x := r.Examine(message("hi"))
			defer x.Release()
			first := x.Look()
			if !first.Joined || len(first.Windows) != 0 {
				t.Fatalf("first question %+v", first)
			}
			x.Learn(chat.Facts{JoinedAt: tc.joined})
			second := x.Look()
			if len(second.Windows) != tc.asks || second.Joined {
				t.Fatalf("second question %+v", second)
			}
			if tc.asks > 0 {
				x.Learn(chat.Facts{Counts: []int{5}})
			}
			if last := x.Look(); !last.Empty() {
				t.Errorf("third question %+v", last)
			}
			if d := x.Judge(); (d.Case != nil) != (tc.asks > 0) {
				t.Errorf("decision %+v", d)
			}
		})
	}
}

func TestCountsOfLinksAndMatches(t *testing.T) {
	for name, tc := range map[string]struct {
		when, text string
		want       int // what the message adds; 0: it is not counted
	}{
		"links":                    {"count: {links: 5, within: 1m}", "t.me/a t.me/b example.com/c", 3},
		"links of the condition":   {"link: {domain_not_in: ok}, count: {links: 5, within: 1m}", "t.me/a t.me/b example.com/c", 2},
		"links up to the limit":    {"count: {links: 2, within: 1m}", "t.me/a t.me/b example.com/c", 2},
		"no link":                  {"count: {links: 5, within: 1m}", "hello", 0},
		"matches":                  {"text: {has_any: bad}, count: {matches: 9, within: 1m}", "casino, 赌博 and casino", 3},
		"matches without excused":  {"text: {has_any: bad}, count: {matches: 9, within: 1m}, unless: [{text: {has_any: [anti casino]}}]", "anti casino casino", 1},
		"matches that overlap":     {"text: {has_any: [赌博, 博彩]}, count: {matches: 9, within: 1m}", "赌博彩", 1},
		"messages, one each":       {"count: {messages: 5, within: 1m}", "a b c", 1},
		"only excused is no match": {"text: {has_any: bad}, count: {matches: 9, within: 1m}, unless: [{text: {has_any: [anti casino]}}]", "anti casino", 0},
	} {
		t.Run(name, func(t *testing.T) {
			when, unless, _ := strings.Cut(tc.when, " unless: ")
			parts := "when: {" + strings.TrimSuffix(when, ",") + "}"
			if unless != "" {
				parts += ", unless: " + unless
			}
			look := one(t, parts).Needs(message(tc.text))
			got := 0
			for _, w := range look.Windows {
				got += max(w.Add, 1)
			}
			if got != tc.want {
				t.Errorf("counts for %d, want %d: %+v", got, tc.want, look.Windows)
			}
		})
	}
}
