package policy

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// load loads rules that must be right.
func load(t testing.TB, yaml string) *Rules {
	t.Helper()
	rules, problems := Load(Source{Name: "rules.yaml", Data: []byte(yaml)}, testNow)
	if rules == nil {
		t.Fatalf("the rules were refused: %v", problems)
	}
	return rules
}

// one returns a file with one enforced rule on messages that removes.
func one(t testing.TB, parts string) *Rules {
	t.Helper()
	return load(t, "version: 1\nlists:\n  bad: {kind: word, values: [赌博, казино, casino, free money]}\n"+
		"  ok: {kind: domain, values: [example.com]}\n"+
		"rules:\n  - {id: r, title: T, on: message, mode: enforce, ack: matches-everything, then: [remove: {}], "+parts+"}\n")
}

func message(text string) *chat.Event {
	return &chat.Event{
		At: testNow, Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}, GroupType: chat.Public,
		ID: "e1", Kind: chat.Message, Member: "u1", Text: text,
	}
}

func join(member chat.MemberID) *chat.Event {
	e := message("")
	e.Kind, e.Member = chat.Join, member
	return e
}

// removed tells whether the event becomes a removal, with counts that reach every threshold.
func removed(r *Rules, e *chat.Event, f chat.Facts) bool {
	look := r.Needs(e)
	for len(f.Counts) < len(look.Windows) {
		f.Counts = append(f.Counts, maxThreshold)
	}
	d := r.Evaluate(e, f)
	return d.Case != nil && d.Case.Intents[0].Kind == chat.Remove
}

func TestConditionsOnText(t *testing.T) {
	for _, tc := range []struct {
		when, text string
		want       bool
	}{
		{"text: {has_any: bad}", "来赌博吧", true},
		{"text: {has_any: bad}", "наше КАЗИНО лучше", true},
		{"text: {has_any: bad}", "ка\u200bзино", true},
		{"text: {has_any: bad}", "ｃａｓｉｎｏ", true},
		{"text: {has_any: bad}", "来casino吧", true},
		{"text: {has_any: bad}", "casinos", false},
		{"text: {has_any: bad}", "казиношный", false},
		{"text: {has_any: bad}", "mycasino", false},
		{"text: {has_any: bad}", "casino\u0301", true},
		{"text: {has_any: bad}", "Casino!", true},
		{"text: {has_any: bad}", "free  money", true},
		{"text: {has_any: bad}", "", false},
		{"text: {has_any: bad, match: anywhere}", "mycasinos", true},
		{"text: {has_any: bad, match: whole}", " casino! ", true},
		{"text: {has_any: bad, match: whole}", "my casino", false},
		{"text: {has_any: [도박]}", "도박은 싫어", true},
		{"text: {has_any: [คาสิโน]}", "เล่นคาสิโนกัน", true},
		{"text: {has_any: [καζίνο]}", "ΚΑΖΊΝΟ", true},
		{"text: {has_any: ['$$$']}", "a$$$b", true},
		{"text: {has_any: [casino], see_through: [width]}", "CASINO", false},
		{"text: {has_any: [Casino], see_through: []}", "Casino", true},
		{"text: {has_all: [casino, bonus]}", "bonus at the casino", true},
		{"text: {has_all: [casino, bonus]}", "casino casino", false},
		{"text: {regex: 'wi+n \\d+'}", "WIIIN 500", true},
		{"text: {regex: 'wi+n \\d+', see_through: [width]}", "WIIIN 500", false},
		{"text: {regex: '（代开）'}", "(代开)", true},
		{"text: {regex: '（代开）'}", "（代开）", true},
		{"text: {regex: '[！]{3}'}", "hi！！！", true},
		{"text: {regex: '\\bказино\\b|casino royale'}", "the CASINO Royale", true},
		{"text: {has_any: bad, regex: 'now'}", "casino now", true},
		{"text: {has_any: bad, regex: 'now'}", "casino", false},
		{"link: {any: true}", "see t.me/promo", true},
		{"link: {any: true}", "see you.Then", false},
		{"link: {any: false}, text: {has_any: bad}", "casino", true},
		{"link: {any: false}, text: {has_any: bad}", "casino https://example.com", false},
		{"link: {domain_not_in: ok}", "https://www.example.com/x", false},
		{"link: {domain_not_in: ok}", "https://www.example.com/ http://win.example.net", true},
		{"link: {domain_not_in: ok}", "https://example.com@win.example.net", true},
		{"link: {domain_not_in: ok}", "ｈｔｔｐｓ://w\u200bin.example.net", true},
		{"link: {domain_in: [win.example.net]}", "hxxps://a.WIN[.]example[.]net", true},
		{"any: [{link: {any: true}}, {text: {has_any: bad}}]", "casino", true},
		{"any: [{link: {any: true}}, {text: {has_any: bad}}]", "clean", false},
		{"all: [{link: {any: true}}, {text: {has_any: bad}}]", "casino t.me/x", true},
		{"text: {has_any: bad}, not: {link: {any: true}}", "casino t.me/x", false},
		{"text: {has_any: bad}, not: {link: {any: true}}", "casino", true},
	} {
		t.Run(tc.when+" "+tc.text, func(t *testing.T) {
			if got := removed(one(t, "when: {"+tc.when+"}"), message(tc.text), chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestExceptions(t *testing.T) {
	for _, tc := range []struct {
		when, unless, text string
		want               bool
	}{
		{"text: {has_any: bad}", "text: {has_any: [打击赌博]}", "打击赌博", false},
		{"text: {has_any: bad}", "text: {has_any: [打击赌博]}", "打击赌博，来赌博", true},
		{"text: {has_any: bad}", "text: {has_any: [打击赌博]}", "赌博", true},
		{"text: {has_all: [casino, bonus]}", "text: {has_any: [no casino]}", "bonus, no casino", false},
		{"text: {has_all: [casino, bonus]}", "text: {has_any: [no casino]}", "casino bonus, no casino", true},
		{"link: {any: true}", "link: {domain_in: ok}", "https://example.com/a", false},
		{"link: {any: true}", "link: {domain_in: ok}", "https://example.com/a t.me/x", true},
		{"link: {any: true}", "link: {domain_in: ok}", "t.me/x https://example.com/a", true},
		{"text: {has_any: bad}", "link: {domain_in: ok}", "https://example.com/casino", false},
		{"text: {has_any: bad}", "link: {domain_in: ok}", "https://example.com/casino casino", true},
		{"text: {regex: 't\\.me/[a-z0-9]+'}", "text: {regex: 't\\.me/ours'}", "t.me/ours", false},
		{"text: {regex: 't\\.me/[a-z0-9]+'}", "text: {regex: 't\\.me/ours'}", "t.me/ours2", true},
		{"text: {has_any: bad}", "member: {in: [u1]}", "casino", false},
		{"text: {has_any: bad}", "member: {in: ['cams:u1']}", "casino", true},
		{"text: {has_any: bad}", "member: {in: [u1]}, text: {has_any: [no casino]}", "no casino, casino", true},
		{"text: {has_any: bad}", "until: 2026-11-20, member: {in: [u1]}", "casino", false},
		{"text: {has_any: bad}", "until: 2026-11-19, member: {in: [u1]}", "casino", true},
		{"member: {id_matches: 'u?'}", "text: {has_any: [sorry]}", "sorry", false},
		{"member: {id_matches: 'u?'}, not: {text: {has_any: [sorry]}}", "text: {has_any: [so sorry]}", "so sorry", false},
	} {
		t.Run(tc.unless+" "+tc.text, func(t *testing.T) {
			r := one(t, fmt.Sprintf("when: {%s}, unless: [{name: x, %s}]", tc.when, tc.unless))
			if got := removed(r, message(tc.text), chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestJoinedWithin(t *testing.T) {
	r := one(t, "when: {member: {joined_within: 10m}, link: {any: true}}")
	if r.Needs(message("hello")).Joined {
		t.Error("the join time is asked for although there is no link")
	}
	if !r.Needs(message("t.me/x")).Joined {
		t.Error("the join time is not asked for")
	}
	for ago, want := range map[time.Duration]bool{0: true, 10*time.Minute - 1: true, 10 * time.Minute: false, -time.Second: true} {
		if got := removed(r, message("t.me/x"), chat.Facts{JoinedAt: testNow.Add(-ago)}); got != want {
			t.Errorf("joined %s ago, as the store knows: removed %t", ago, got)
		}
		e := message("t.me/x")
		e.JoinedAt = testNow.Add(-ago)
		if r.Needs(e).Joined {
			t.Error("the join time is asked for although the event has it")
		}
		if got := removed(r, e, chat.Facts{}); got != want {
			t.Errorf("joined %s ago, as the event says: removed %t", ago, got)
		}
	}
	if removed(r, message("t.me/x"), chat.Facts{}) {
		t.Error("a member of whom no join is known was removed")
	}
	if k := r.Needs(join("u2")).KeepJoin; k != 10*time.Minute {
		t.Errorf("join times are kept for %s", k)
	}
}

func TestPhone(t *testing.T) {
	r := load(t, `{version: 1, rules: [{id: p, on: [join, message], mode: enforce, when: {phone: {starts_with: ["+86170"]}},
		unless: [{phone: {in: ["+86 1701"]}}], then: [remove: {}]}]}`)
	for member, want := range map[chat.MemberID]bool{
		"8617012345678": true, "+8617012345678": true, "8615012345678": false, "861701": false, "US.86170": false, "": false,
	} {
		e := join(member)
		e.Provider = chat.CAMS
		if got := removed(r, e, chat.Facts{}); got != want {
			t.Errorf("%q was removed: %t", member, got)
		}
		if e.Provider = chat.Tencent; removed(r, e, chat.Facts{}) {
			t.Errorf("%q was removed on tencent, where an ID is no number", member)
		}
	}
}

func TestExceptionsDoNotExcuseOneAnother(t *testing.T) {
	r := one(t, `when: {text: {has_any: bad}}, unless: [{text: {has_any: ["my casino", "casino bonus"]}},
		{any: [{text: {has_any: [casino bonus]}}, {text: {has_any: [zzz]}}]}]`)
	if removed(r, message("my casino bonus"), chat.Facts{}) {
		t.Error("what both exceptions cover is not excused")
	}
	if !removed(r, message("my casino bonus casino"), chat.Facts{}) {
		t.Error("what neither covers is excused")
	}
}
