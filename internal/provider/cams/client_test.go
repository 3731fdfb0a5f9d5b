package cams

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

func TestAnswersOfCalls(t *testing.T) {
	quota := map[string]string{"x-ratelimit-user-api": "Limit:5,Remain:0,TimeLeft:1500", "x-ratelimit-user": "TimeLeft: 700"}
	for name, tc := range map[string]struct {
		reply reply
		class actions.Class // OK: no error
		code  string
		wait  time.Duration
		text  string
		calls int
	}{
		"success":                       {reply: reply{body: sample(t, "api_delete_participants_ok.json")}, class: actions.OK, calls: 1},
		"success without a result":      {reply: reply{body: `{"Code":"OK"}`}, class: actions.OK, calls: 1},
		"the sample that proves little": {reply: reply{body: sample(t, "api_delete_participants_doc_sample.json")}, class: actions.OK, calls: 1},
		"a field of another type":       {reply: reply{body: `{"RequestId":17,"Code":"OK","Success":"true"}`}, class: actions.OK, calls: 1},
		"business failure":              {reply: reply{body: sample(t, "api_error_business.json")}, class: actions.Permanent, code: "Authentication.NoAuth", text: "No permission", calls: 1},
		"throttled with a header":       {reply: reply{status: 400, body: sample(t, "api_error_throttling_user.json"), header: quota}, class: actions.Limited, code: "Throttling.User", wait: 1500 * time.Millisecond, calls: 1},
		"throttled without":             {reply: reply{status: 400, body: sample(t, "api_error_throttling_user.json")}, class: actions.Limited, code: "Throttling.User", calls: 1},
		"throttled for an absurd time":  {reply: reply{status: 400, body: `{"Code":"Throttling"}`, header: map[string]string{"x-ratelimit-user": "TimeLeft:9223372036854775807"}}, class: actions.Limited, code: "Throttling", wait: maxWait, calls: 1},
		"no permission":                 {reply: reply{status: 403, body: sample(t, "api_error_no_permission.json")}, class: actions.Permanent, code: "NoPermission", text: "ImplicitDeny of cams:DeleteChatGroupParticipants", calls: 1},
		"wrong signature":               {reply: reply{status: 400, body: sample(t, "api_error_signature.json")}, class: actions.Auth, code: "SignatureDoesNotMatch", calls: 2},
		"unavailable":                   {reply: reply{status: 503, body: sample(t, "api_error_service_unavailable.json")}, class: actions.Again, code: "ServiceUnavailable", calls: 1},
		"OK with an error's status":     {reply: reply{status: 400, body: okAnswer}, class: actions.Again, code: "http_400", calls: 1},
		"page of a proxy":               {reply: reply{status: 502, body: "<html>bad gateway</html>"}, class: actions.Again, code: "http_502", calls: 1},
		"page with status 200":          {reply: reply{body: "<html>sign in</html>"}, class: actions.Again, code: "http_200", calls: 1},
		"no code":                       {reply: reply{body: `{"Success":true}`}, class: actions.Again, code: "http_200", calls: 1},
		"redirect":                      {reply: reply{status: 302, header: map[string]string{"Location": "http://127.0.0.1:1/"}}, class: actions.Again, code: "http_302", calls: 1},
		"connection cut":                {reply: reply{cut: true}, class: actions.Again, code: "error", calls: 1},
		"answer without end":            {reply: reply{body: strings.Repeat(" ", provider.MaxAnswer+1)}, class: actions.Again, code: "error", calls: 1},
		"Meta's limit":                  {reply: reply{body: `{"Code":"131208","Message":"slow down"}`}, class: actions.Limited, code: "131208", calls: 1},
		"nonce used, again and again":   {reply: reply{status: 400, body: `{"Code":"SignatureNonceUsed"}`}, class: actions.Again, code: "SignatureNonceUsed", calls: 2},
		"clock off":                     {reply: reply{status: 400, body: `{"Code":"InvalidTimeStamp.Expired"}`}, class: actions.Again, code: "InvalidTimeStamp.Expired", calls: 2},
		"key unknown":                   {reply: reply{status: 404, body: `{"Code":"InvalidAccessKeyId.NotFound"}`}, class: actions.Auth, code: "InvalidAccessKeyId.NotFound", calls: 2},
		"token ended":                   {reply: reply{status: 403, body: `{"Code":"InvalidSecurityToken.Expired"}`}, class: actions.Auth, code: "InvalidSecurityToken.Expired", calls: 2},
		"secrets in the answer":         {reply: reply{status: 400, body: `{"Code":"IncompleteSignature","Message":"the-id the-secret x-acs-security-token:the-token-1 end"}`}, class: actions.Permanent, code: "IncompleteSignature", text: " end", calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiRemove: {tc.reply}})
			_, err := r.client.DeleteChatGroupParticipants(t.Context(), "G1", []chat.MemberID{"15550100001"})
			var got actions.Outcome
			if fault := (*CallError)(nil); errors.As(err, &fault) {
				got = fault.Outcome
			} else if err != nil {
				t.Fatalf("error is %v, want a *CallError", err)
			}
			if got.Class != tc.class || got.Code != tc.code || got.Wait != tc.wait || !strings.Contains(got.Text, tc.text) {
				t.Errorf("outcome is %+v", got)
			}
			if err != nil && strings.Contains(err.Error(), "the-") {
				t.Errorf("a secret is in %v", err)
			}
			if n := len(r.made()); n != tc.calls || len(r.gate.taken()) != tc.calls-1 {
				t.Errorf("%d calls with %d slots of their own, want %d with one less", n, len(r.gate.taken()), tc.calls)
			}
		})
	}
}

func TestARefusedCredentialIsReplacedOnce(t *testing.T) {
	r := newRig(t, map[string][]reply{apiDissolve: {{status: 403, body: `{"Code":"InvalidSecurityToken.Expired"}`}, {body: okAnswer}}})
	if _, _, err := r.client.DeleteChatGroup(t.Context(), "G1"); err != nil {
		t.Fatal(err)
	}
	if first, second := r.calls[0].Get("Token"), r.calls[1].Get("Token"); first != "the-token-1" || second != "the-token-2" {
		t.Errorf("signed with %s, then with %s", first, second)
	}
}

func TestNoCredentialMeansNoCall(t *testing.T) {
	r := newRig(t, nil)
	r.client.keys = NewCredentials(func() (func() (AccessKey, error), error) { return nil, errors.New("away") }, time.Now)
	_, _, err := r.client.DeleteChatGroupInviteLink(t.Context(), "G1")
	if fault := faultOf(err); fault.Outcome.Class != actions.Auth || len(r.made()) != 0 {
		t.Errorf("outcome is %+v after %v", fault.Outcome, r.made())
	}
}

func TestARemovalIsNeverEmptyNorTooLong(t *testing.T) {
	r := newRig(t, nil)
	for _, n := range []int{0, 9} {
		if _, err := r.client.DeleteChatGroupParticipants(t.Context(), "G1", make([]chat.MemberID, n)); faultOf(err).Outcome.Class != actions.Permanent {
			t.Errorf("%d members: %v", n, err)
		}
	}
	if len(r.made()) != 0 {
		t.Errorf("calls were made: %v", r.made())
	}
}

func TestTheMemberListIsCompactJSON(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.client.DeleteChatGroupParticipants(t.Context(), "G1", []chat.MemberID{"15550100001", "15550100002"}); err != nil {
		t.Fatal(err)
	}
	if got := r.calls[0].Get("List"); got != `[{"ParticipantNumber":"15550100001"},{"ParticipantNumber":"15550100002"}]` {
		t.Errorf("List is %s", got)
	}
}

func TestClientSettingsAreChecked(t *testing.T) {
	good := ClientConfig{CustSpaceID: testSpace, BusinessNumber: testBusiness, Endpoint: "https://cams.example.com"}
	for name, change := range map[string]func(*ClientConfig){
		"endpoint without scheme": func(c *ClientConfig) { c.Endpoint = "cams.example.com" },
		"endpoint of a file":      func(c *ClientConfig) { c.Endpoint = "file:///etc" },
		"no channel":              func(c *ClientConfig) { c.CustSpaceID = "" },
		"number of letters":       func(c *ClientConfig) { c.BusinessNumber = "US.1" },
	} {
		c := good
		change(&c)
		if _, err := NewClient(c, nil, actions.Gate{}, nil, time.Now); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := NewClient(good, nil, actions.Gate{}, nil, time.Now); err != nil {
		t.Error(err)
	}
}
