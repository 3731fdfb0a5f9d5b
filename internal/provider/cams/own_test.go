package cams

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// spellings of the business number, and of none of its neighbours.
var spellings = []string{testBusiness, "+" + testBusiness, "00" + testBusiness, " +" + testBusiness + " ", "+1 (555) 010-0099", "1-555-010-0099"}

func TestTheBotsOwnMessagesAreNeverJudged(t *testing.T) {
	judged := func(d chat.Delivery) bool {
		for _, e := range d.Events {
			if !e.Trusted {
				return true
			}
		}
		return false
	}
	for _, own := range spellings {
		for name, changes := range map[string]map[string]any{
			"in the group":         {"From": own},
			"to the group":         {"From": own, "To": "G1"},
			"to a member":          {"From": own, "To": "15550100001"},
			"to a member, outside": {"From": own, "To": "15550100001", "GroupId": nil},
			"as a user ID":         {"From": nil, "FromUserId": own},
		} {
			w := testWebhook()
			d := decode(t, w, push(changes))
			if judged(d) || testutil.ToFloat64(w.Foreign)+testutil.ToFloat64(w.NoGroup)+testutil.ToFloat64(w.Refused) != 0 {
				t.Errorf("%s, from %q: %+v", name, own, d.Events)
			}
		}
		meta := `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"metadata":{"display_phone_number":"` +
			testBusiness + `"},"messages":[{"from":"` + own + `","id":"m1","group_id":"G1","timestamp":"1795165200","type":"text","text":{"body":"hi"}}]}}]}]}`
		if d := decode(t, testWebhook(), meta); len(d.Events) != 1 || judged(d) {
			t.Errorf("in Meta's shape, from %q: %+v", own, d.Events)
		}
		joined := strings.ReplaceAll(sample(t, "meta_participants_add.json"), "15550100002", own)
		if d := decode(t, testWebhook(), joined); len(d.Events) != 0 {
			t.Errorf("the bot joins as %q: %+v", own, d.Events)
		}
	}
	for _, other := range []string{"15550100098", "+5550100099", "US." + testBusiness, testBusiness + "0"} {
		if d := decode(t, testWebhook(), push(map[string]any{"From": other})); !judged(d) {
			t.Errorf("%q is taken for the bot: %+v", other, d.Events)
		}
	}
}

func TestTheBotIsNeverActedOnInAnySpelling(t *testing.T) {
	for _, own := range spellings {
		r := newRig(t, nil)
		for _, a := range []chat.Action{act(chat.Remove, chat.MemberID(own)), warning(chat.MemberID(own), "please stop")} {
			route, err := r.sender.Route(a)
			if err != nil {
				t.Fatal(err)
			}
			if o := r.sender.Send(t.Context(), route, []chat.Action{a})[0]; o.Code != "business_number" || len(r.made()) != 0 {
				t.Errorf("%s of %q: %+v after %v", a.Intent.Kind, own, o, r.made())
			}
		}
	}
}
