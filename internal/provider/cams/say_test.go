package cams

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func warning(member chat.MemberID, text string) chat.Action {
	a := act(chat.Warn, member)
	a.Intent.Reason = text
	return a
}

func TestAWarningSaysWhatTheDocumentsWant(t *testing.T) {
	r := newRig(t, map[string][]reply{apiSay: {{body: sample(t, "api_send_message_ok.json")}}})
	a := warning("15550100001", "please \"stop\" <now>")
	route, err := r.sender.Route(a)
	if err != nil {
		t.Fatal(err)
	}
	out := r.sender.Send(t.Context(), route, []chat.Action{a})
	if len(out) != 1 || out[0].Class != actions.OK || out[0].RequestID == "" || len(r.gate.taken()) != 0 {
		t.Errorf("outcomes %+v, slots of its own %v", out, r.gate.taken())
	}
	got := r.calls[0]
	var content map[string]string
	if err := json.Unmarshal([]byte(got.Get("Content")), &content); err != nil || !maps.Equal(content, map[string]string{"text": a.Intent.Reason}) {
		t.Errorf("content %s", got.Get("Content"))
	}
	for _, k := range []string{"Content", "Action", "Token"} { // the last two are the fake's
		got.Del(k)
	}
	want := url.Values{
		"ChannelType": {"whatsapp"}, "Type": {"message"}, "MessageType": {"text"}, "From": {testBusiness}, "To": {"G1"},
		"RecipientType": {"group"}, "CustSpaceId": {testSpace},
	}
	if got.Encode() != want.Encode() {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOutcomesOfAWarning(t *testing.T) {
	const one = "15550100001"
	for name, tc := range map[string]struct {
		member chat.MemberID
		reply  reply
		want   string // class and code
		calls  int
	}{
		"said":                     {one, reply{}, "0 OK", 1},
		"said, as samples answer":  {one, reply{body: `{"Code":"OK","Success":false}`}, "0 OK", 1},
		"after 24 hours":           {one, reply{body: `{"Code":"131047","Message":"Re-engagement message"}`}, "5 131047", 1},
		"the group is unknown":     {one, reply{body: `{"Code":"131041"}`}, "5 131041", 1},
		"not permitted":            {one, reply{status: 403, body: sample(t, "api_error_no_permission.json")}, "5 NoPermission", 1},
		"throttled":                {one, reply{status: 400, body: `{"Code":"Throttling.User"}`}, "3 Throttling.User", 1},
		"too fast for WhatsApp":    {one, reply{body: `{"Code":"130429"}`}, "3 130429", 1},
		"unknown outcome":          {one, reply{cut: true}, "2 error", 1},
		"to the business number":   {testBusiness, reply{}, "1 business_number", 0},
		"business number, written": {"+" + testBusiness, reply{}, "1 business_number", 0},
	} {
		t.Run(name, func(t *testing.T) {
			replies := map[string][]reply{}
			if tc.reply.body != "" || tc.reply.cut {
				replies[apiSay] = []reply{tc.reply}
			}
			r := newRig(t, replies)
			a := warning(tc.member, "please stop")
			route, err := r.sender.Route(a)
			if err != nil {
				t.Fatal(err)
			}
			o := r.sender.Send(t.Context(), route, []chat.Action{a})[0]
			if got := fmt.Sprintf("%d %s", o.Class, o.Code); got != tc.want || len(r.made()) != tc.calls || strings.Contains(o.Text, "please") {
				t.Errorf("outcome %+v after %v, want %s", o, r.made(), tc.want)
			}
		})
	}
}

func TestAMessageCannotBeTakenBack(t *testing.T) {
	a := act(chat.Recall, "15550100001")
	a.Intent.Message = "wamid.1"
	if _, err := newRig(t, nil).sender.Route(a); err == nil || !strings.Contains(err.Error(), "taken back") {
		t.Errorf("Route says %v", err)
	}
}

func TestAWarningIsCutOnACharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(0, 30).Draw(t, "limit")
		got := fitting(text, limit)
		units := 0
		for _, r := range text[:len(got)] {
			units += 1 + min(int(r)>>16, 1)
		}
		if !strings.HasPrefix(text, got) || !utf8.ValidString(got) || units > limit || got != text && units < limit-1 {
			t.Fatalf("%q is cut to %q at %d", text, got, limit)
		}
	})
	if got := fitting("a\U0001F600b", 2); got != "a" {
		t.Errorf("a character of two units is halved: %q", got)
	}
}

func TestABatchOfWarningsIsRefused(t *testing.T) {
	r := newRig(t, nil)
	out := r.sender.Send(t.Context(), actions.Route{API: apiSay}, []chat.Action{warning("1", "a"), warning("2", "b")})
	if len(r.made()) != 0 || slices.ContainsFunc(out, func(o actions.Outcome) bool { return o.Class != actions.Permanent }) {
		t.Errorf("outcomes %+v after %v", out, r.made())
	}
}
