package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestWindows(t *testing.T) {
	r := load(t, `{version: 1, rules: [
		{id: flood, on: message, mode: enforce, when: {count: {messages: 5, within: 10s}}, then: [remove: {reason: "{count} in {within} by {rule}"}]},
		{id: links, on: message, mode: enforce, when: {link: {any: true}, count: {messages: 2, within: 1m, per: account}}, then: [alert: {}]},
		{id: raid, on: join, mode: enforce, when: {count: {joins: 20, within: 1m}}, then: [remove: {}]},
		{id: invites, on: join, when: {count: {joins: 3, within: 1d, per: [inviter, group]}}, then: [remove: {}]}]}`)
	clean, linked := r.Needs(message("hi")), r.Needs(message("hi t.me/x"))
	if len(clean.Windows) != 1 || len(linked.Windows) != 2 {
		t.Fatalf("windows: %v and %v", clean.Windows, linked.Windows)
	}
	flood, links := linked.Windows[0], linked.Windows[1]
	if flood.Group == nil || *flood.Group != message("").Group || flood.Limit != 5 || flood.Within != 10*time.Second || links.Group != nil {
		t.Errorf("windows: %+v, %+v", flood, links)
	}
	if n := len(r.Needs(join("u2")).Windows); n != 1 {
		t.Errorf("a join without an inviter has %d windows", n)
	}
	for n, want := range map[int]bool{4: false, 5: true, 6: true} {
		d := r.Evaluate(message("hi"), chat.Facts{Counts: []int{n}})
		if (d.Case != nil) != want {
			t.Errorf("%d messages: case %v", n, d.Case)
		}
		if want && d.Case.Intents[0].Reason != fmt.Sprintf("%d in 10s by flood", n) {
			t.Errorf("reason %q", d.Case.Intents[0].Reason)
		}
	}
	if d := r.Evaluate(message("t.me/x"), chat.Facts{Counts: []int{1, 2}}); d.Case == nil || d.Case.Intents[0].Rule != "links" {
		t.Errorf("the second count was not the second rule's: %+v", d)
	}
	if d := r.Evaluate(message("hi"), chat.Facts{}); d.Case != nil {
		t.Error("a count that the store did not answer was taken as reached")
	}
	keys := map[string]bool{}
	for _, ids := range [][3]string{{"a", "bc", "d"}, {"ab", "c", "d"}, {"a", "b", "cd"}, {"a", "b:1", "c"}, {"a", "b", "1:c"}} {
		e := message("hi")
		e.Account, e.ID, e.Member = chat.Account(ids[0]), "x", chat.MemberID(ids[2])
		e.Group.ID = chat.GroupID(ids[1])
		keys[r.Needs(e).Windows[0].Key] = true
	}
	if len(keys) != 5 {
		t.Errorf("different members share a window: %v", keys)
	}
}

func TestLateEvents(t *testing.T) {
	r := load(t, `{version: 1, rules: [
		{id: raid, on: join, mode: enforce, when: {count: {joins: 2, within: 1m}}, then: [alert: {}]},
		{id: fresh, on: [join, message], mode: enforce, when: {member: {joined_within: 1h}}, then: [alert: {}]},
		{id: either, on: join, mode: enforce, when: {any: [{member: {joined_within: 1h}}, {member: {id_matches: "spam_*"}}]}, then: [alert: {}]},
		{id: phone, on: join, mode: enforce, when: {phone: {starts_with: ["+86170"]}}, then: [remove: {}]},
		{id: name, on: join, mode: enforce, when: {member: {id_matches: "spam_*"}}, then: [remove: {}]},
		{id: pair, on: join, mode: enforce, when: {count: {joins: 3, within: 1m, per: account}}, then: [alert: {}]}]}`)
	for _, tc := range []struct {
		member     chat.MemberID
		late       bool
		joinedAt   time.Time
		rules      string
		windows    int
		keptNotFor bool
	}{
		{"8617012345678", false, time.Time{}, "raid fresh either phone pair", 2, false},
		{"8617012345678", true, time.Time{}, "phone", 0, true},
		{"8617012345678", true, testNow, "phone", 0, true},
		{"spam_1", true, time.Time{}, "either name", 0, true},
		{"15550100001", false, time.Time{}, "raid fresh either pair", 2, false},
		{"15550100001", true, time.Time{}, "", 0, true},
	} {
		e := join(tc.member)
		e.Provider, e.Late, e.JoinedAt = chat.CAMS, tc.late, tc.joinedAt
		look := r.Needs(e)
		if len(look.Windows) != tc.windows || (look.KeepJoin == 0) != tc.keptNotFor || look.Kind != chat.Join || look.Joined || look.Empty() {
			t.Errorf("%s, late %t: asks %+v", tc.member, tc.late, look)
		}
		// A store that answers more than it was asked changes nothing.
		d := r.Evaluate(e, chat.Facts{Counts: []int{9, 9}, JoinedAt: testNow})
		var rules []string
		for _, m := range d.Matches {
			rules = append(rules, string(m.Rule))
		}
		if got := strings.Join(rules, " "); got != tc.rules {
			t.Errorf("%s, late %t: rules %q fit, want %q", tc.member, tc.late, got, tc.rules)
		}
	}
}

func TestWindowIDsSurviveReloads(t *testing.T) {
	id := func(count string) string {
		r := load(t, "{version: 1, rules: [{id: r, on: message, when: {count: {"+count+"}}, then: [remove: {}]}]}")
		return r.Needs(message("x")).Windows[0].ID
	}
	base := id("messages: 5, within: 60s, per: [group, member]")
	if other := id("messages: 9, within: 1m, per: [member, group]"); other != base {
		t.Errorf("the count starts anew with another threshold: %s, %s", base, other)
	}
	if other := id("messages: 5, within: 61s"); other == base {
		t.Error("two lengths share one count")
	}
}

func TestWhoIsSpared(t *testing.T) {
	r := load(t, `{version: 1, lists: {staff: {kind: member, values: [boss]}}, defaults: {exempt: {roles: [owner, admin], members: ["tencent:mod"], lists: [staff]}},
		rules: [{id: s, on: [join, message], mode: enforce, ack: matches-everything, when: {member: {joined_within: 1h}}, then: [remove: {}]},
		{id: f, on: message, mode: enforce, when: {count: {messages: 2, within: 1m}}, then: [remove: {}]}]}`)
	for _, tc := range []struct {
		name   string
		change func(e *chat.Event)
		exempt bool
	}{
		{"a member of an exempt list", func(e *chat.Event) { e.Member = "boss" }, true},
		{"an exempt member", func(e *chat.Event) { e.Member = "mod" }, true},
		{"our own side", func(e *chat.Event) { e.Trusted = true }, true},
		{"one who leaves", func(e *chat.Event) { e.Kind = chat.Leave }, false},
	} {
		for _, e := range []*chat.Event{message("hi"), join("u1")} {
			e.JoinedAt = e.At
			tc.change(e)
			look := r.Needs(e)
			if len(look.Windows) > 0 || look.Joined || e.Kind == chat.Join && (look.Kind != chat.Join || look.Empty()) {
				t.Errorf("%s, %s: asks %+v", tc.name, e.Kind, look)
			}
			if d := r.Evaluate(e, chat.Facts{JoinedAt: e.At, Counts: []int{9, 9}}); len(d.Matches) > 0 || d.Case != nil || d.Exempt != tc.exempt {
				t.Errorf("%s, %s: %+v", tc.name, e.Kind, d)
			}
		}
	}
	if e := join("u1"); !removed(r, e, chat.Facts{}) {
		t.Error("an ordinary member was spared")
	}
}

func TestAskedEvents(t *testing.T) {
	r := load(t, `{version: 1, rules: [{id: r, on: [join, message], mode: enforce, when: {member: {id_matches: "bot_*"}},
		then: [remove: {}, block: {code: 10101, text: "no {rule}"}, alert: {severity: info}]},
		{id: b, on: [join, message], mode: enforce, when: {member: {id_matches: "*_only"}}, then: [block: {}]}]}`)
	kinds := func(d Decision) string {
		if d.Case == nil {
			return ""
		}
		var s []string
		for _, in := range d.Case.Intents {
			s = append(s, string(in.Kind))
		}
		return strings.Join(s, " ")
	}
	for _, tc := range []struct {
		member  chat.MemberID
		kind    chat.Kind
		asked   bool
		intents string
		verdict chat.Verdict
	}{
		{"bot_1", chat.Join, true, "block alert", chat.Verdict{Block: true, Code: 10101, Text: "no r"}},
		{"bot_1", chat.Join, false, "remove alert", chat.Verdict{}},
		{"bot_1", chat.Message, true, "remove block alert", chat.Verdict{Block: true, Code: 10101, Text: "no r"}},
		{"bot_1", chat.Message, false, "remove alert", chat.Verdict{}},
		{"block_only", chat.Message, true, "block", chat.Verdict{Block: true}},
		{"block_only", chat.Message, false, "", chat.Verdict{}},
		{"bot_only", chat.Join, true, "block alert", chat.Verdict{Block: true, Code: 10101, Text: "no r"}},
	} {
		e := join(tc.member)
		e.Kind, e.Asked = tc.kind, tc.asked
		d := r.Evaluate(e, chat.Facts{})
		if kinds(d) != tc.intents || d.Verdict != tc.verdict || len(d.Matches) == 0 {
			t.Errorf("%s %s asked %t: %q, %+v", tc.member, tc.kind, tc.asked, kinds(d), d.Verdict)
		}
		if look := r.Needs(e); look.Peek != (tc.asked && tc.kind == chat.Join) {
			t.Errorf("%s asked %t: peek %t", tc.kind, tc.asked, look.Peek)
		}
	}
}
