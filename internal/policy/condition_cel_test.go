package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// cel1 returns a file with one enforced rule whose only condition is an expression.
func cel1(t testing.TB, source string) *Rules {
	t.Helper()
	return both(t, "when: {cel: '"+strings.ReplaceAll(source, "'", "''")+"'}")
}

// rich is a message with a bit of everything.
func rich() *chat.Event {
	e := message("Buy now at https://win.example.net and t.me/promo")
	e.Name, e.Media, e.Files, e.Mentions = "Fake Support", []string{chat.File}, []string{"setup.exe"}, []string{"a", "b"}
	return e
}

func TestExpressions(t *testing.T) {
	for _, tc := range []struct {
		source string
		want   bool
	}{
		{`event.kind == "message"`, true},
		{`event.text.contains("now")`, true},
		{`event.text.matches("(?i)BUY\\s+NOW")`, true},
		{`event.text.startsWith("buy")`, false},
		{`size(event.text) > 20 && event.links.size() == 2`, true},
		{`event.links.exists(h, h.endsWith(".example.net"))`, true},
		{`event.links.all(h, h == "t.me")`, false},
		{`event.links.filter(h, h == "t.me").size() == 1`, true},
		{`"file" in event.media && event.files[0].endsWith(".exe")`, true},
		{`event.mentions.map(m, m + "!") == ["a!", "b!"]`, true},
		{`event.at_all || has(event.name)`, true},
		{`event.at.getHours("Asia/Shanghai") == 17`, true},
		{`event.at < timestamp("2026-01-01T00:00:00Z")`, false},
		{`event.name == member.name && member.id == "u1"`, true},
		{`group.id == "@TGS#1" && group.type == "Public" && group.provider == "tencent" && group.account == "1400000000"`, true},
		{`event.provider == group.provider && event.group_type == group.type`, true},
		{`has(event.files) && !has(event.at_all)`, true},
		{`event.mentions.size() * 2 + 1 > 4`, true},
	} {
		t.Run(tc.source, func(t *testing.T) {
			if got := removed(cel1(t, tc.source), rich(), chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

// An expression that fails says nothing, and what says nothing excuses the member.
func TestAFailingExpressionExcuses(t *testing.T) {
	const fails = `cel: 'event.files[5] == "x"'`
	for _, tc := range []struct {
		name, parts string
		want        bool
	}{
		{"in when", "when: {" + fails + "}", false},
		{"under not", "when: {not: {" + fails + "}}", false},
		{"under not twice", "when: {not: {not: {" + fails + "}}}", false},
		{"beside another", "when: {member: {id_matches: u1}, " + fails + "}", false},
		{"beside another under not", "when: {not: {member: {id_matches: u1}, " + fails + "}}", false},
		{"beside one that decides under not", "when: {not: {member: {id_matches: u2}, " + fails + "}}", true},
		{"one of several", "when: {any: [{" + fails + "}, {member: {id_matches: u1}}]}", true},
		{"in an exception", "when: {member: {id_matches: u1}}, unless: [{name: x, " + fails + "}]", false},
		{"under not in an exception", "when: {member: {id_matches: u1}}, unless: [{name: x, not: {" + fails + "}}]", false},
		{"beside another in an exception", "when: {member: {id_matches: u1}}, unless: [{name: x, member: {in: staff}, " + fails + "}]", true},
		{"in itself", `when: {cel: 'event.files[5] == "x" || event.kind == "message"'}`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := removed(both(t, tc.parts), rich(), chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestWhatAnExpressionThatFailsShows(t *testing.T) {
	long, late := message(strings.Repeat("x", maxRegexText+1)), rich()
	late.Late = true
	heavy := rich()
	for range 100 {
		heavy.Files = append(heavy.Files, strings.Repeat("secret", 10_000))
	}
	for _, tc := range []struct {
		source, want string
		e            *chat.Event
	}{
		{`event.files[5] == "x"`, "index out of bounds", rich()},
		{`1 / (event.mentions.size() - 2) == 1`, "division by zero", rich()},
		{`{"a": true}[event.text]`, "no such key", rich()},
		{`int(event.text) == 1`, "it failed", rich()},
		{`9223372036854775807 + event.mentions.size() == 1`, "overflow", rich()},
		{`event.text == ""`, "the text is too long", long},
		{`event.at.getHours() == 1`, "nobody knows when it happened", late},
		{`member.messages == 1`, "nobody knows how many messages the member wrote", late},
		{`event.files.all(f, !f.matches("[0-9]$"))`, "it cost too much", heavy},
	} {
		t.Run(tc.source, func(t *testing.T) {
			if got := whatSaw(cel1(t, tc.source), tc.e); got != "cel||"+tc.want+"|unknown\n" {
				t.Errorf("saw %s", got)
			}
		})
	}
}

func TestExpressionsAskTheStore(t *testing.T) {
	r := cel1(t, `member.joined_ago < duration("10m")`)
	if look := r.Needs(message("hello")); !look.Joined {
		t.Errorf("asks %+v", look)
	}
	if look := r.Needs(join("u1")); look.KeepJoin != 30*24*time.Hour {
		t.Errorf("keeps the join for %s", look.KeepJoin)
	}
	known := message("hello")
	known.JoinedAt = testNow.Add(-time.Minute)
	if look := r.Needs(known); look.Joined || !removed(r, known, chat.Facts{}) {
		t.Error("the event knows when the member joined")
	}
	for ago, want := range map[time.Duration]bool{time.Minute: true, time.Hour: false} {
		if removed(r, message("hello"), chat.Facts{JoinedAt: testNow.Add(-ago)}) != want {
			t.Errorf("joined %s ago: removed %t", ago, !want)
		}
	}
	if removed(r, message("hello"), chat.Facts{}) {
		t.Error("a member who joined long ago is removed")
	}
	if !removed(cel1(t, `!member.joined_known && member.joined_ago > duration("24h")`), message("hello"), chat.Facts{}) {
		t.Error("who joined at an unknown time joined long ago")
	}
	if look := cel1(t, `event.kind == "message"`).Needs(message("hello")); look.Joined || len(look.Windows) > 0 {
		t.Errorf("asks for nothing that it uses: %+v", look)
	}
}

func TestExpressionsOnTheMembersMessages(t *testing.T) {
	r := cel1(t, "member.messages < 3")
	look := r.Needs(message("hello"))
	if len(look.Windows) != 1 || look.Windows[0].Limit != celMessages+1 {
		t.Fatalf("asks %+v", look.Windows)
	}
	for counted, want := range map[int]bool{0: false, 1: true, 3: true, 4: false} {
		x := r.Examine(message("hello"))
		x.Look()
		x.Learn(chat.Facts{Counts: []int{counted}})
		if got := x.Judge().Case != nil; got != want {
			t.Errorf("%d counted: removed %t", counted, got)
		}
		x.Release()
	}
	if removed(r, join("u1"), chat.Facts{}) {
		t.Error("a join has written nothing that could be counted")
	}
}

func TestExpressionsComeLast(t *testing.T) {
	r := both(t, `when: {cel: 'event.kind == "message"', member: {id_matches: u2}}, unless: [{name: x, cel: 'event.at_all'}]`)
	x := r.Examine(rich())
	defer x.Release()
	x.Judge()
	for _, a := range x.cels {
		if a.said {
			t.Error("an expression ran although another condition rules the event out")
		}
	}
}

// FuzzCel wants every expression to be taken or refused, and one that was taken to end.
func FuzzCel(f *testing.F) {
	for _, s := range []string{`event.text.contains("x")`, `event.links.exists(h, h == "a")`, `member.joined_ago > duration("1h")`, `has(event.name)`,
		`event`, `event.`, `[event.text, 1].exists(x, x == dyn(1))`, `event.text.matches("(")`, `{}[event.text]`, `"` + "\xff" + `" == event.text`} {
		f.Add(s)
	}
	rules := &Rules{}
	l := &loader{out: rules, cur: &ruleContext{rule: &rule{}}}
	f.Fuzz(func(t *testing.T, source string) {
		l.problems, rules.cels = nil, 0
		c := l.compileCEL(nil, source)
		if (c == nil) != HasErrors(l.problems) {
			t.Fatalf("%v with %v", c, l.problems)
		}
		if c == nil {
			return
		}
		x := &Exam{r: rules, e: rich(), asked: true, cels: make([]celAnswer, 1)}
		x.r.views, x.seen = []view{{opts: plainFold}}, make([]seen, 1)
		if a := x.cel(c); a.holds && a.fault != "" {
			t.Fatalf("%+v", a)
		}
	})
}
