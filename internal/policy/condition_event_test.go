package policy

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// both returns a file with one enforced rule on messages and joins that removes, and calendars.
func both(t testing.TB, parts string) *Rules {
	t.Helper()
	return load(t, "version: 1\nlists:\n  staff: {kind: member, values: [alice, 'cams:8613800000000']}\n"+
		"calendars: {night: {from: '22:00', to: '06:00'}, friday: {days: fri}, monday: {days: mon}}\n"+
		"rules:\n  - {id: r, on: [message, join], mode: enforce, ack: matches-everything, then: [remove: {}], "+parts+"}\n"+
		"  - {id: other, on: join, mode: off, when: {during: [night, friday, monday]}, then: [alert: {}]}\n")
}

// whatSaw returns what the first rule saw of an event, one line for each condition.
func whatSaw(r *Rules, e *chat.Event) string {
	x := r.Examine(e)
	defer x.Release()
	x.Judge()
	var b strings.Builder
	var walk func(seen []chat.Seen)
	walk = func(seen []chat.Seen) {
		for _, s := range seen {
			b.WriteString(s.What + "|" + s.Want + "|" + s.Value + "|" + s.Holds + "\n")
			walk(s.Of)
		}
	}
	seen := x.Explain()[0]
	for _, ex := range seen.Exceptions {
		walk(ex.Conditions)
	}
	walk(seen.Conditions)
	return b.String()
}

func TestConditionsOnWhatAnEventCarries(t *testing.T) {
	with := func(change func(e *chat.Event)) *chat.Event {
		e := message("hello")
		change(e)
		return e
	}
	mentions := func(ids ...string) *chat.Event { return with(func(e *chat.Event) { e.Mentions = ids }) }
	media := func(kinds ...string) *chat.Event { return with(func(e *chat.Event) { e.Media = kinds }) }
	files := func(names ...string) *chat.Event {
		return with(func(e *chat.Event) { e.Media, e.Files = []string{chat.File}, names })
	}
	named := func(name string) *chat.Event { return with(func(e *chat.Event) { e.Name = name }) }
	joined := func(kind chat.JoinKind, inviter chat.MemberID) *chat.Event {
		e := join("u1")
		e.JoinKind, e.Inviter = kind, inviter
		return e
	}
	everybody := with(func(e *chat.Event) { e.AtAll = true })
	for _, tc := range []struct {
		name, when string
		e          *chat.Event
		want       bool
	}{
		{"more mentions than allowed", "mention: {count_over: 2}", mentions("a", "b", "c"), true},
		{"as many mentions as allowed", "mention: {count_over: 2}", mentions("a", "b"), false},
		{"one member mentioned three times", "mention: {count_over: 2}", mentions("a", "a", "a"), false},
		{"any mention", "mention: {count_over: 0}", mentions("a"), true},
		{"no mention", "mention: {count_over: 0}", mentions(), false},
		{"everybody is mentioned", "mention: {everyone: true}", everybody, true},
		{"not everybody is mentioned", "mention: {everyone: true}", mentions("a"), false},
		{"everybody though not wanted", "mention: {everyone: false, count_over: 0}", everybody, false},
		{"some though not everybody", "mention: {everyone: false, count_over: 0}", mentions("a"), true},
		{"a join mentions nobody", "mention: {everyone: false}, member: {id_matches: u1}", join("u1"), false},
		{"a kind of media", "media: {kind_in: [image, video]}", media("video"), true},
		{"another kind of media", "media: {kind_in: [image, video]}", media("audio"), false},
		{"no media", "media: {kind_in: image}", media(), false},
		{"a file by its name", "media: {name_matches: '\\.exe$'}", files("a.pdf", "Setup.EXE"), true},
		{"a file by its wide name", "media: {name_matches: '\\.exe$'}", files("setup．ｅｘｅ"), true},
		{"a file with an invisible letter", "media: {name_matches: '\\.exe$'}", files("setup.e\u200bxe"), true},
		{"a file with another name", "media: {name_matches: ['\\.exe$', '^virus']}", files("a.pdf"), false},
		{"no file", "media: {name_matches: '.*'}", media("image"), false},
		{"the kind but not the name", "media: {kind_in: file, name_matches: exe}", files("a.pdf"), false},
		{"the name but not the kind", "media: {kind_in: image, name_matches: pdf}", files("a.pdf"), false},
		{"the kind and the name", "media: {kind_in: file, name_matches: pdf}", files("a.pdf"), true},
		{"a join carries no media", "media: {kind_in: image}", join("u1"), false},
		{"who applied", "join: {kind_in: apply}", joined(chat.Applied, ""), true},
		{"who was invited and should have applied", "join: {kind_in: apply}", joined(chat.Invited, "bob"), false},
		{"nobody knows how", "join: {kind_in: [apply, invited]}", joined("", ""), false},
		{"invited by one of the list", "join: {invited_by_in: staff}", joined(chat.Invited, "alice"), true},
		{"invited by another", "join: {invited_by_in: staff}", joined(chat.Invited, "bob"), false},
		{"invited by nobody", "join: {invited_by_in: staff}", joined(chat.Applied, ""), false},
		{"invited and by whom", "join: {kind_in: invited, invited_by_in: [alice]}", joined(chat.Invited, "alice"), true},
		{"a message is no join", "join: {kind_in: [apply, invited]}", message("hello"), false},
		{"a name", "member: {name_matches: 'support|客服'}", named("Official SUPPORT"), true},
		{"a name in Chinese", "member: {name_matches: 'support|客服'}", named("官方客服"), true},
		{"a wide name", "member: {name_matches: support}", named("ｓｕｐ\u200bｐｏｒｔ"), true},
		{"an expression that is wide", "member: {name_matches: 'ＳＵＰＰＯＲＴ'}", named("support"), true},
		{"another name", "member: {name_matches: '^support$'}", named("supporter"), false},
		{"no name", "member: {name_matches: '.*'}", named(""), false},
		{"a name and another key", "member: {name_matches: a, id_matches: 'v*'}", named("a"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := removed(both(t, "when: {"+tc.when+"}"), tc.e, chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestANumberOnCAMSInvites(t *testing.T) {
	e := join("8617000000000")
	e.Provider, e.GroupType, e.JoinKind, e.Inviter = chat.CAMS, chat.WhatsApp, chat.Invited, "+8613800000000"
	if !removed(both(t, "when: {join: {invited_by_in: staff}}"), e, chat.Facts{}) {
		t.Error("the inviter is not found")
	}
}

func TestMediaOfTheRuleAreCounted(t *testing.T) {
	r := one(t, "when: {media: {kind_in: [image, video]}, count: {media: 4, within: 1m}}")
	e := message("")
	e.Media = []string{chat.Image, chat.File, chat.Video}
	if look := r.Needs(e); len(look.Windows) != 1 || look.Windows[0].Add != 2 {
		t.Errorf("asks %+v", look.Windows)
	}
}

func TestWhatConditionsShow(t *testing.T) {
	e := message("hello")
	e.Name, e.Mentions, e.Media, e.Files = "Fake Support", []string{"a", "b"}, []string{chat.File, chat.Image}, []string{"secret.exe"}
	j := join("u1")
	j.Inviter, j.JoinKind = "alice", chat.Invited
	for _, tc := range []struct {
		when, want string
		e          *chat.Event
	}{
		{"mention: {count_over: 1}", "mention.count_over|1|more than 1 mentioned|yes\n", e},
		{"mention: {count_over: 2, everyone: true}", "mention.count_over|2|2 mentioned|no\nmention.everyone|true|not everybody|no\n", e},
		{"mention: {everyone: true}", "mention.everyone|true|no message|no\n", j},
		{"media: {kind_in: file, name_matches: exe}", "media.kind_in|file|1 of 2|yes\nmedia.name_matches||1 files|yes\n", e},
		{"join: {kind_in: invited, invited_by_in: staff}", "join.kind_in|invited|invited|yes\njoin.invited_by_in|list staff|alice|yes\n", j},
		{"join: {kind_in: invited}", "join.kind_in|invited|no join|no\n", e},
		{"member: {name_matches: support}", "member.name_matches||Fake Support|yes\n", e},
		{"member: {name_matches: support}", "member.name_matches||no name|no\n", j},
		{"during: [friday, night]", "during|friday, night|Fri 09:00 UTC|yes\n", e},
	} {
		t.Run(tc.when, func(t *testing.T) {
			if got := whatSaw(both(t, "when: {"+tc.when+"}"), tc.e); got != tc.want {
				t.Errorf("saw %s", got)
			}
		})
	}
}
