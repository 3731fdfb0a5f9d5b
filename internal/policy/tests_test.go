package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// ruleWith returns a file with one rule that has these keys besides its conditions, and these tests.
func ruleWith(keys, when, tests string) string {
	return "version: 1\nrules:\n  - id: a\n" + keys + "    when: " + when + "\n    then: [{remove: {}}]\n    tests:\n" + tests
}

const (
	onMessage = "    on: message\n"
	onJoin    = "    on: join\n"
	hello     = `{text: {has_any: ["hello"]}}`
	anyLin    = `{member: {id_matches: "lin*"}}`
)

// shown writes an event without what all events of tests have.
func shown(e chat.Event) string {
	parts := []string{e.At.Format(time.TimeOnly), string(e.Provider), string(e.GroupType), string(e.Group.ID), string(e.Kind), string(e.Member), e.Text}
	for _, more := range [][]string{e.Media, e.Files, e.Mentions} {
		parts = append(parts, strings.Join(more, ","))
	}
	if !e.JoinedAt.IsZero() {
		parts = append(parts, "joined "+e.At.Sub(e.JoinedAt).String())
	}
	parts = append(parts, string(e.JoinKind), string(e.Inviter), e.Name)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func TestEventsOfTests(t *testing.T) {
	for _, test := range []struct {
		name, keys, when, test string
		want                   []string
	}{
		{"a message, with all defaults", onMessage, hello, "{say: hello, expect: match}",
			[]string{"12:00:00 tencent Public test-group message tester hello"}},
		{"texts in turn, twice", onMessage, hello, "{say: [x, y], times: 2, every: 200ms, expect: pass}", []string{
			"12:00:00 tencent Public test-group message tester x", "12:00:00 tencent Public test-group message tester y",
			"12:00:00 tencent Public test-group message tester x", "12:00:00 tencent Public test-group message tester y"}},
		{"members and groups in turn", onMessage, hello, "{say: x, from: [a, b, c], group: [g1, g2], at: \"21:30\", expect: pass}", []string{
			"21:30:00 tencent Public g1 message a x", "21:30:01 tencent Public g2 message b x", "21:30:02 tencent Public g1 message c x"}},
		{"one who joined lately", onMessage, hello, "{say: hello, joined: 3m, name: Ann, expect: match}",
			[]string{"12:00:00 tencent Public test-group message tester hello joined 3m0s Ann"}},
		{"files and mentions", onMessage, hello, "{files: [a.exe, b.txt], mentions: 2, expect: pass}",
			[]string{"12:00:00 tencent Public test-group message tester file,file a.exe,b.txt mentioned-1,mentioned-2"}},
		{"media and members who are mentioned", onMessage, hello, "{media: image, mentions: [ann, bob], expect: pass}",
			[]string{"12:00:00 tencent Public test-group message tester image ann,bob"}},
		{"a join", onJoin, anyLin, "{from: lin7, expect: match}",
			[]string{"12:00:00 tencent Public test-group join lin7 apply"}},
		{"an invited member", onJoin, anyLin, "{from: lin7, inviter: ann, expect: match}",
			[]string{"12:00:00 tencent Public test-group join lin7 invited ann"}},
		{"many joins", onJoin, anyLin, "{joins: 2, every: 30s, expect: pass}", []string{
			"12:00:00 tencent Public test-group join member-1 apply", "12:00:30 tencent Public test-group join member-2 apply"}},
		{"both, a message because it says something", "    on: [join, message]\n", anyLin, "{say: x, expect: pass}",
			[]string{"12:00:00 tencent Public test-group message tester x"}},
		{"both, else a join", "    on: [join, message]\n", anyLin, "{from: lin, expect: match}",
			[]string{"12:00:00 tencent Public test-group join lin apply"}},
		{"a number on the rule's provider", onMessage + "    providers: [cams]\n", hello, `{say: hello, from: "+8617012345678", expect: match}`,
			[]string{"12:00:00 cams WhatsApp test-group message 8617012345678 hello"}},
		{"where the rule applies", onMessage + "    groups: \"vip-*\"\n    group_types: [AVChatRoom]\n", hello, "{say: hello, expect: match}",
			[]string{"12:00:00 tencent AVChatRoom vip- message tester hello"}},
		{"elsewhere on request", onMessage, hello, "{say: hello, provider: cams, group: g, expect: match}",
			[]string{"12:00:00 cams WhatsApp g message tester hello"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := load(t, ruleWith(test.keys, test.when, "      - "+test.test+"\n"))
			tests := r.Tests()
			if len(tests) != 1 || tests[0].Rule != "a" || tests[0].Number != 1 || tests[0].File != "rules.yaml" || tests[0].Line < 8 || tests[0].Column != 9 {
				t.Fatalf("got %+v", tests)
			}
			var got []string
			ids := map[chat.EventID]bool{}
			for _, e := range tests[0].Events() {
				ids[e.ID] = true
				got = append(got, shown(e))
			}
			if !slices.Equal(got, test.want) || len(ids) != len(got) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestATestSaysWhenItHappens(t *testing.T) {
	r := load(t, ruleWith(onMessage, hello, `      - {say: hello, expect: match}
      - {say: hello, at: 2027-02-03T04:05:06+08:00, expect: match}
      - {say: hello, times: 5, at: 5, expect: match, note: never the fifth}
`))
	tests := r.Tests()
	if at := tests[0].Events()[0].At; at.Weekday() != time.Monday || at.Hour() != 12 {
		t.Errorf("a test without a time happens at %v", at)
	}
	if at := tests[1].Events()[0].At; !at.Equal(time.Date(2027, 2, 2, 20, 5, 6, 0, time.UTC)) {
		t.Errorf("got %v", at)
	}
	if tests[2].At != 5 || !tests[2].Match || tests[2].Note == "" || len(tests[2].Events()) != 5 {
		t.Errorf("got %+v", tests[2])
	}
}

func TestMistakesInTests(t *testing.T) {
	for _, test := range []struct{ keys, tests, want string }{
		{onMessage, "      - {say: x}\n", `8:9: error: a test has no "expect"`},
		{onMessage, "      - {say: x, expect: mtach}\n", `8:26: error: expect cannot be "mtach" (did you mean "match"?)`},
		{onMessage, "      - {sya: x, expect: pass}\n", `8:10: error: a test has no key "sya" (did you mean "say"?)`},
		{onMessage, "      - {expect: pass}\n", `8:9: error: the test says nothing, and the rule looks at messages (such as say: "some text")`},
		{onMessage, "      []\n", `8:7: error: tests must be a list of tests (such as [{say: "some text", expect: match}])`},
		{onMessage, "      - {say: x, joins: 3, expect: pass}\n", `8:18: error: a test is about messages or about joins, and say makes it both (make it two tests)`},
		{onMessage, "      - {joins: 3, expect: pass}\n", `8:9: error: the test is about a join, and the rule does not look at such (on: message)`},
		{onJoin, "      - {say: x, expect: pass}\n", `8:9: error: the test is about a message, and the rule does not look at such (on: join)`},
		{onJoin, "      - {joins: 3, from: x, expect: pass}\n", `8:10: error: joins makes up its members, and from names them (remove one of them)`},
		{onMessage, "      - {say: x, at: 3, expect: match}\n", `8:18: error: at is event 3, and the test has 1`},
		{onMessage, "      - {say: x, at: 1, expect: pass}\n", `8:18: error: at says which event the rule must match, and expect says that it must match none`},
		{onMessage, "      - {say: x, at: noon, expect: pass}\n", `8:22: error: at "noon" is neither an event nor a time (such as 5 for the fifth event`},
		{onMessage, "      - {say: x, every: 10, expect: pass}\n", `8:25: error: every "10" has no unit (did you mean "10s"?)`},
		{onMessage, "      - {say: x, every: 31d, expect: pass}\n", `8:25: error: every must be 1s to 30d`},
		{onMessage, "      - {say: [x, y], times: 501, expect: pass}\n", `8:9: error: the test has 1002 events, more than 1000`},
		{onMessage, "      - {say: x, from: +86170, expect: pass}\n", `8:24: error: YAML reads +86170 as the number 86170`},
		{onMessage, "      - {say: x, media: picture, expect: pass}\n", `8:25: error: media cannot be "picture"`},
		{onMessage, strings.Repeat("      - {say: x, times: 1000, expect: pass}\n", 102), `108:9: error: the tests up to here have more than 100000 events`},
	} {
		_, problems := Load(Source{Name: "f", Data: []byte(ruleWith(test.keys, anyLin, test.tests))}, testNow)
		var got []string
		for _, p := range problems {
			if p.Severity == SeverityError {
				got = append(got, strings.TrimPrefix(p.String(), "f:"))
			}
		}
		if len(got) != 1 || !strings.HasPrefix(got[0], test.want) {
			t.Errorf("%.80s\n got %s\nwant %s", test.tests, strings.Join(got, "\n     "), test.want)
		}
	}
}

func TestAwakeRulesJudgeThoughTheyAreOff(t *testing.T) {
	file := []byte(strings.Replace(ruleWith(onMessage, hello, "      - {say: hello, expect: match}\n"), "when:", "mode: off\n    when:", 1))
	for _, awake := range []bool{false, true} {
		r, problems := Load(Source{Name: "f", Data: file, Awake: awake}, testNow)
		if r == nil {
			t.Fatal(problems)
		}
		if d := r.Evaluate(&r.Tests()[0].Events()[0], chat.Facts{}); (len(d.Matches) == 1) != awake || d.Case != nil {
			t.Errorf("awake %v: %+v", awake, d)
		}
	}
}

func TestWants(t *testing.T) {
	r := load(t, `version: 1
rules:
  - id: a
    on: message
    when: {text: {has_any: ["x"]}}
    then: [{strike: {}}, {mute: {for: 10m}}, {remove: {}, at_strikes: 3}]
`)
	if got := fmt.Sprint(r.Wants()["a"]); got != "[strike mute remove at 3 strikes]" {
		t.Error(got)
	}
}

// FuzzTests wants every test that is taken to have events of its rule, in order, and not too many.
func FuzzTests(f *testing.F) {
	for _, seed := range []string{
		"{say: hello, expect: match}", "{say: [a, b], from: [x, y, z], times: 9, every: 1s, at: 3, expect: match}", "{joins: 7, at: '21:00', expect: pass}",
		"{files: a.exe, mentions: 3, joined: 3650d, expect: pass}", "{from: '+8617012345678', provider: cams, join_kind: invited, expect: pass}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, test string) {
		r, problems := Load(Source{Name: "f", Data: []byte(ruleWith("    on: [message, join]\n", anyLin, "      - "+test+"\n"))}, testNow)
		if (r == nil) != HasErrors(problems) {
			t.Fatal(problems)
		}
		if r == nil {
			return
		}
		for _, test := range r.Tests() {
			events := test.Events()
			if len(events) < 1 || len(events) > maxTestEvents || test.At > len(events) {
				t.Fatalf("%d events, at %d", len(events), test.At)
			}
			for i, e := range events {
				if e.Member == "" || e.Group.ID == "" || e.Kind != chat.Message && e.Kind != chat.Join || e.At.Year() < 2000 || e.At.Year() > 2290 ||
					i > 0 && e.At.Before(events[i-1].At) {
					t.Fatalf("event %d is %+v", i, e)
				}
			}
		}
	})
}
