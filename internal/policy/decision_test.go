package policy

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestIntentsOfSeveralRulesMerge(t *testing.T) {
	r := load(t, mergeRules)
	e := message("Bonus at the CASINO")
	d := r.Evaluate(e, chat.Facts{})
	if d.Case == nil {
		t.Fatal("no case")
	}
	id := chat.NewCaseID(e.Group, e.ID, e.Text)
	if d.Case.ID != id || d.Case.Code != id.Code() || d.Case.Rules != r.Hash() || d.Case.Event.ID != e.ID {
		t.Errorf("case %+v", d.Case)
	}
	want := []chat.Intent{
		{Kind: chat.Remove, Rule: "first", Reason: "CASINO First " + id.Code(), Quotes: true, Silent: true},
		{Kind: chat.Alert, Rule: "first", Severity: "critical"},
		{Kind: chat.Mute, Rule: "second", Until: testNow.Add(time.Hour)},
	}
	if fmt.Sprint(d.Case.Intents) != fmt.Sprint(want) {
		t.Errorf("intents\n%+v\nwant\n%+v", d.Case.Intents, want)
	}
	var matches []string
	for _, m := range d.Case.Matches {
		matches = append(matches, string(m.Rule)+" "+m.Mode)
		if strings.Contains(strings.ToLower(m.Why), "casino") || strings.Contains(m.Why, "Bonus") || m.Why == "" {
			t.Errorf("why %q", m.Why)
		}
	}
	if got := strings.Join(matches, ", "); got != "first enforce, watched shadow, second enforce, third enforce" {
		t.Errorf("matches %s", got)
	}
}

const mergeRules = `{version: 1, defaults: {mode: enforce}, rules: [
	{id: first, title: First, on: message, when: {text: {has_any: [casino]}}, then: [remove: {reason: "{match} {title} {code}", silent: true, for: 1h}, alert: {severity: info}]},
	{id: watched, on: message, mode: shadow, when: {text: {has_any: [casino]}}, then: [mute: {for: 5h}]},
	{id: second, on: message, when: {text: {has_any: [bonus]}}, then: [mute: {for: 10m}, remove: {reason: other}, alert: {severity: critical}]},
	{id: third, on: message, when: {text: {has_any: [bonus]}}, then: [mute: {for: 1h}]},
	{id: silent, on: message, mode: off, when: {text: {has_any: [bonus]}}, then: [lockdown: {invite_link: revoke}]}]}`

func TestModesAndStop(t *testing.T) {
	r := load(t, `{version: 1, rules: [
		{id: unnamed, on: message, when: {text: {has_any: [a]}}, then: [remove: {}], stop: true},
		{id: last, on: message, mode: enforce, when: {text: {has_any: [b]}}, then: [alert: {}], stop: true},
		{id: hidden, on: message, mode: enforce, when: {text: {has_any: [a, b]}}, then: [remove: {}]}]}`)
	for text, want := range map[string]string{"a": "unnamed hidden", "b": "last", "a b": "unnamed last", "c": ""} {
		d := r.Evaluate(message(text), chat.Facts{})
		var got []string
		for _, m := range d.Matches {
			got = append(got, string(m.Rule))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
		if (d.Case != nil) != (text != "c") {
			t.Errorf("%q: case %v", text, d.Case)
		}
	}
	if infos := r.Infos(); infos[0].Mode != ModeShadow || infos[1].Mode != ModeEnforce || infos[1].Line != 3 || infos[2].ID != "hidden" {
		t.Errorf("infos %+v", infos)
	}
}

func TestScope(t *testing.T) {
	r := one(t, `when: {text: {has_any: [x]}}, providers: tencent, groups: ["@TGS#1*", "vip-??"], group_types: [Public, AVChatRoom]`)
	for _, tc := range []struct {
		change func(e *chat.Event)
		want   bool
	}{
		{func(*chat.Event) {}, true},
		{func(e *chat.Event) { e.Group.ID = "vip-群1" }, true},
		{func(e *chat.Event) { e.Group.ID = "vip-123" }, false},
		{func(e *chat.Event) { e.GroupType = chat.AVChatRoom }, true},
		{func(e *chat.Event) { e.GroupType = chat.Private }, false},
		{func(e *chat.Event) { e.GroupType = "" }, false},
		{func(e *chat.Event) { e.Provider = chat.CAMS }, false},
		{func(e *chat.Event) { e.Kind = chat.Join }, false},
	} {
		e := message("x")
		tc.change(e)
		if removed(r, e, chat.Facts{}) != tc.want {
			t.Errorf("%+v: removed %t", e, !tc.want)
		}
	}
}

func TestNotesSayWhatIntentsBecome(t *testing.T) {
	_, problems := Load(Source{Name: "rules.yaml", Data: []byte(`{version: 1, defaults: {allow_dissolve: true}, rules: [{id: r, on: message, when: {link: {any: true}},
		then: [remove: {reason: x}, mute: {for: 1m}, lockdown: {invite_link: revoke}, dissolve: {}, block: {}]}]}`)}, testNow)
	var notes strings.Builder
	for _, p := range problems {
		notes.WriteString(p.String() + "\n")
	}
	for _, want := range []string{
		"CAMS: DeleteChatGroupParticipants, without reason and silence", "Tencent AVChatRoom: forbid_send_msg or ban_group_member",
		"Tencent Private, CAMS: not possible", "CAMS: DeleteChatGroupInviteLink", "CAMS: DeleteChatGroup\n", "rules.yaml:2:10: note: ",
		"the answer to a Before callback",
	} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("no note says %q:\n%s", want, notes.String())
		}
	}
}

func TestSealedSpans(t *testing.T) {
	spans := []span{{10, 12}, {0, 8}, {2, 4}, {20, 30}}
	seal(spans)
	for s, want := range map[span]bool{
		{0, 8}: true, {5, 7}: true, {2, 8}: true, {7, 9}: false, {9, 11}: false, {10, 12}: true, {8, 12}: false, {25, 31}: false, {3, 3}: false,
	} {
		if s.within(spans) != want {
			t.Errorf("%v is excused: %t", s, !want)
		}
	}
}

func TestHugeMessagesAreJudgedInTime(t *testing.T) {
	r := shipped(t)
	for _, piece := range []string{"打击赌博", "赌博", "https://a.example.net/ ", "t.me/+our_own_channel ", "[[[(((", "a.b.c.", "x://", "free crypto ", "ж", "https://ж.", "ж.ж"} {
		e := message(strings.Repeat(piece, (1<<20)/len(piece)))
		e.JoinedAt = testNow
		start := time.Now()
		r.Needs(e)
		r.Evaluate(e, chat.Facts{})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("1 MiB of %q took %s", piece, took)
		} else {
			t.Logf("%q: %s", piece, took)
		}
	}
}

func TestGlobs(t *testing.T) {
	for _, tc := range []struct {
		glob glob
		s    string
		want bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a*c", "abbbc", true}, {"a*c", "abbbd", false}, {"a?c", "a赌c", true}, {"??", "赌", false},
		{"*赌?", "xx赌博", true}, {"a*b*c", "a-b-b-c", true}, {"*a", strings.Repeat("b", 1000), false}, {"[a]", "a", false},
	} {
		if tc.glob.matches(tc.s) != tc.want {
			t.Errorf("%q on %q: %t", tc.glob, tc.s, !tc.want)
		}
	}
}

func TestShippedRules(t *testing.T) {
	r := shipped(t)
	link := message("cheap coins http://win.example.net")
	link.JoinedAt = testNow.Add(-3 * time.Minute)
	risky, partner := join("8617099999999"), join("8617012345678")
	risky.Provider, partner.Provider = chat.CAMS, chat.CAMS
	trusted := message("see https://www.example.com/")
	trusted.JoinedAt = link.JoinedAt
	for _, tc := range []struct {
		name   string
		e      *chat.Event
		counts []int
		want   string
	}{
		{"the twentieth join", join("u20"), []int{20}, "raid"},
		{"the nineteenth", join("u19"), []int{19}, ""},
		{"a link of a new member", link, nil, "new-member-link"},
		{"a trusted link", trusted, nil, ""},
		{"a banned word", message("来赌博吧"), nil, "banned-words"},
		{"a harmless phrase", message("我们打击赌博"), nil, ""},
		{"the fifth message", message("hi"), []int{5, 5}, "flood-pause flood"},
		{"a risky number", risky, nil, "risky-phone-prefix"},
		{"a partner", partner, nil, ""},
		{"our own channel", message("t.me/+our_own_channel"), nil, ""},
		{"another channel", message("t.me/+our_own_channel2"), nil, "foreign-invite"},
		{"a bot's name", join("promo_bot_7"), []int{1}, "bot-account"},
	} {
		var got []string
		for _, m := range r.Evaluate(tc.e, chat.Facts{Counts: tc.counts}).Matches {
			got = append(got, string(m.Rule))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got, tc.want)
		}
	}
}

func TestRulesAreSharedByGoroutines(t *testing.T) {
	r := shipped(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 200 {
				text, want := "来赌博吧", true
				if (i+j)%2 == 0 {
					text, want = fmt.Sprintf("nothing %d", j), false
				}
				if removed := r.Evaluate(message(text), chat.Facts{}).Case != nil; removed != want {
					t.Errorf("%q: removed %t", text, removed)
				}
			}
		})
	}
	wg.Wait()
}
