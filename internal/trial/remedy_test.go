package trial_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
	"pgregory.net/rapid"
)

// remedied is a rule that matches whatever anybody does. A remedy is what is pasted behind it.
const remedied = `version: 1
rules:
  - id: all
    on: [message, join]
    mode: enforce
    ack: matches-everything
    then: [{remove: {}}]
`

// awkward are pieces of texts that YAML, or a terminal, reads as something else.
var awkward = []string{
	`"`, "'", "\\", `\x41`, "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "#", " # x", "!", "!!int 1", "&a", "*a", ": ", "- ", "? ", "%", "@", "`", "|", ">",
	"{", "}", "[", "]", ",", "---\n", "...", "~", "null", "yes", "0170", "1e5", "{code}", " ", "\u00a0", "\u0085", "\u2028", "\u2029", "\ufeff", "\u200b",
	"\u202e", "\u200f", "مرحبا", "赌博", "🙂", "👨‍👩‍👧", "e\u0301", "\ufffd", "\ufffe", "\U000e0001", "\U0010ffff", strings.Repeat("long ", 600), strings.Repeat("[{", 200),
}

func drawText(t *rapid.T, what string) string {
	pieces := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(awkward), rapid.String()), 1, 6).Draw(t, what)
	return cmp.Or(strings.ToValidUTF8(strings.Join(pieces, ""), ""), "#")
}

func drawRecord(t *rapid.T) *chat.Record {
	some := func(what string) bool { return rapid.Bool().Draw(t, what) }
	e := chat.Event{
		At: start, Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}, GroupType: chat.Public,
		ID: "e1", Kind: chat.Message, Member: chat.MemberID(drawText(t, "member")), Text: drawText(t, "text"),
	}
	if some("cams") {
		e.Provider, e.GroupType = chat.CAMS, chat.WhatsApp
		e.Member = chat.MemberID(rapid.StringMatching(`[1-9][0-9]{6,14}`).Draw(t, "number"))
	}
	if some("unknown type") {
		e.GroupType = ""
	}
	if some("named") {
		e.Name = drawText(t, "name")
	}
	if some("join") {
		e.Kind, e.Text = chat.Join, ""
		e.JoinKind = rapid.SampledFrom([]chat.JoinKind{"", chat.Applied, chat.Invited}).Draw(t, "join kind")
		if some("invited") {
			e.Inviter = chat.MemberID(drawText(t, "inviter"))
		}
	} else {
		e.Media = rapid.SliceOf(rapid.SampledFrom([]string{chat.Image, chat.File, "hologram"})).Draw(t, "media")
		e.AtAll = some("everyone")
		if some("files") {
			e.Files = []string{drawText(t, "file"), ""}
		}
		if some("mentions") {
			e.Mentions = []string{drawText(t, "mention"), "7"}
		}
		if some("joined") {
			e.JoinedAt = e.At.Add(-time.Duration(rapid.Int64Range(-10, 1<<62).Draw(t, "ago")))
		}
	}
	c := chat.Case{ID: chat.NewCaseID(e.Group, e.ID, e.Text), Event: e, Matches: []chat.Match{{Rule: "all", Mode: policy.ModeEnforce}}}
	c.Code = c.ID.Code()
	return &chat.Record{Case: c, Fingerprint: chat.Fingerprint(e.Text)}
}

func TestARemedyLoadsAndItsTestPasses(t *testing.T) {
	until := start.AddDate(0, 1, 0)
	rapid.Check(t, func(t *rapid.T) {
		c := drawRecord(t)
		remedy := policy.Remedy(c, until)
		rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(remedied + remedy)}, start)
		if rules == nil {
			t.Fatalf("%v\n%s", problems, remedy)
		}
		results, err := trial.Run(t.Context(), rules, nil)
		if err != nil || len(results) != 1 || !results[0].Passed {
			t.Fatalf("%v, %v\n%s", results, err, remedy)
		}
		e, now := &c.Case.Event, results[0].Test.Events()[0]
		if now.Text != e.Text || now.Name != e.Name || now.Member != e.Member || now.Kind != e.Kind || now.AtAll != e.AtAll ||
			now.Inviter != e.Inviter || now.Provider != e.Provider || len(now.Files) != min(len(e.Files), 1) || !slices.Equal(now.Mentions, e.Mentions) {
			t.Fatalf("the test has\n%+v\nthe case\n%+v\n%s", now, *e, remedy)
		}
		_, test, _ := strings.Cut(remedy, "    tests:\n")
		rules, problems = policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(remedied + "    tests:\n" + test)}, start)
		if rules == nil {
			t.Fatalf("%v\n%s", problems, test)
		}
		if results, err = trial.Run(t.Context(), rules, nil); err != nil || results[0].Passed {
			t.Fatalf("without the exception nothing matches: %v, %v\n%s", results, err, test)
		}
	})
}

func TestARemedyNamesWhatItCannotOffer(t *testing.T) {
	message := chat.Event{At: start, Group: chat.Group{Provider: chat.Tencent, ID: "g"}, Kind: chat.Message, Member: "u1", Text: "hello"}
	matches := []chat.Match{{Rule: "watch", Mode: policy.ModeShadow}, {Rule: "all", Mode: policy.ModeEnforce}, {Rule: "more", Mode: policy.ModeEnforce}}
	gone, nobody, picture := message, message, message
	gone.Text, nobody.Member = "", ""
	picture.Text, picture.Media = "", []string{chat.Image}
	for name, test := range map[string]struct {
		c        chat.Record
		has, not []string
	}{
		"the first enforced rule, and that there is another": {
			chat.Record{Case: chat.Case{Event: message, Matches: matches}},
			[]string{`in the rule "all"`, `The rule "more" acted as well`, `member: {in: ["tencent:u1"]}, until: 2026-12-01}`, `say: "hello"`}, []string{"watch"},
		},
		"no test for a text that is no longer kept": {
			chat.Record{Case: chat.Case{Event: gone, Matches: matches}, Fingerprint: chat.Fingerprint("hello")},
			[]string{"unless:", "# There is no test"}, []string{"tests:"},
		},
		"a test for a message that had no text": {
			chat.Record{Case: chat.Case{Event: picture, Matches: matches}}, []string{`media: "image"`}, []string{"say:", "# There is no test"},
		},
		"the rule of a part is that of what it wants": {
			chat.Record{Case: chat.Case{Event: gone, Of: "whole", Intents: []chat.Intent{{Kind: chat.Remove, Rule: "raid"}}}},
			[]string{`in the rule "raid"`, "unless:"}, []string{"tests:"},
		},
		"nothing without a member": {chat.Record{Case: chat.Case{Event: nobody, Matches: matches}}, []string{"# Case "}, []string{"unless:", "tests:"}},
		"nothing without a rule":   {chat.Record{Case: chat.Case{Event: message}}, []string{"# Case "}, []string{"unless:", "tests:"}},
	} {
		got := policy.Remedy(&test.c, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
		for _, part := range test.has {
			if !strings.Contains(got, part) {
				t.Errorf("%s: want %s in\n%s", name, part, got)
			}
		}
		for _, part := range test.not {
			if strings.Contains(got, part) {
				t.Errorf("%s: %s is not wanted in\n%s", name, part, got)
			}
		}
	}
	if got := policy.Remedy(&chat.Record{Case: chat.Case{Event: message, Matches: matches}}, time.Time{}); strings.Contains(got, "until") {
		t.Errorf("without an end\n%s", got)
	}
}
