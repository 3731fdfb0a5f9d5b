package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func participants(numbers ...string) map[string]string {
	var list []string
	for _, n := range numbers {
		list = append(list, fmt.Sprintf(`{"ParticipantNumber":"%s"}`, n))
	}
	return map[string]string{"GroupId": "wa", "List": "[" + strings.Join(list, ",") + "]"}
}

func whatsApp(numbers ...string) Group {
	return Group{Provider: CAMS, ID: "wa", Type: WhatsApp, Name: "Support", Members: numbers}
}

func TestGatewayRefusesWhatIsBrokenInTheRequest(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	const missing = http.StatusBadRequest
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, tt := range []struct {
		name   string
		before func(*http.Request) // changed before it is signed
		after  func(*http.Request) // changed on the way
		names  []string
		status int
		code   string
	}{
		{name: "nothing", status: 200, code: "OK"},
		{name: "a space as plus", before: func(r *http.Request) { r.URL.RawQuery += "&Subject=a+b" }, status: 400, code: "InvalidParameter"},
		{name: "no action", after: func(r *http.Request) { r.Header.Del("x-acs-action") }, status: missing, code: "Missingx-acs-action"},
		{name: "no nonce", after: func(r *http.Request) { r.Header.Del("x-acs-signature-nonce") }, status: missing, code: "Missingx-acs-signature-nonce"},
		{name: "no date", after: func(r *http.Request) { r.Header.Del("x-acs-date") }, status: missing, code: "Missingx-acs-date"},
		{name: "no authorization", after: func(r *http.Request) { r.Header.Del("Authorization") }, status: 400, code: "IncompleteSignature"},
		{name: "another algorithm", after: func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "ACS3-HMAC-SHA256", "ACS3-HMAC-SM3", 1))
		}, status: 400, code: "IncompleteSignature"},
		{name: "host not signed", names: usual[1:], status: 400, code: "IncompleteSignature"},
		{name: "a header not signed", before: header("x-acs-extra", "1"), status: 400, code: "IncompleteSignature"},
		{name: "content type not signed", before: header("Content-Type", "application/json"), status: 400, code: "IncompleteSignature"},
		{name: "names out of order", names: append(slices.Clone(usual[1:]), "host"), status: 400, code: "IncompleteSignature"},
		{name: "unknown key", after: func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "SimulatedAccessKeyId", "Other", 1))
		}, status: 404, code: "InvalidAccessKeyId.NotFound"},
		{name: "a token nobody gave out", before: header("x-acs-security-token", "x"), names: []string{"host", "x-acs-action",
			"x-acs-content-sha256", "x-acs-date", "x-acs-security-token", "x-acs-signature-nonce", "x-acs-version"}, status: 400, code: "InvalidSecurityToken.Malformed"},
		{name: "date in another form", before: header("x-acs-date", "20261120T090000Z"), status: 400, code: "InvalidTimeStamp.Format"},
		{name: "date 16 minutes old", before: header("x-acs-date", b.now().UTC().Add(-16*time.Minute).Format(time.RFC3339)), status: 400, code: "InvalidTimeStamp.Expired"},
		{name: "date 16 minutes ahead", before: header("x-acs-date", b.now().UTC().Add(16*time.Minute).Format(time.RFC3339)), status: 400, code: "InvalidTimeStamp.Expired"},
		{name: "date 14 minutes old", before: header("x-acs-date", b.now().UTC().Add(-14*time.Minute).Format(time.RFC3339)), status: 200, code: "OK"},
		{name: "nonce used before", before: header("x-acs-signature-nonce", "nonce-1"), status: 400, code: "SignatureNonceUsed"},
		{name: "signature changed", after: func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")[:len(r.Header.Get("Authorization"))-1]+"x")
		}, status: 400, code: "SignatureDoesNotMatch"},
		{name: "query changed", after: func(r *http.Request) { r.URL.RawQuery += "&Page=1" }, status: 400, code: "SignatureDoesNotMatch"},
		{name: "action changed", after: header("x-acs-action", "DeleteChatGroup"), status: 400, code: "SignatureDoesNotMatch"},
		{name: "sum of another body", before: header("x-acs-content-sha256", sha("x")), status: 400, code: "SignatureDoesNotMatch"},
		{name: "version", before: header("x-acs-version", "2020-06-07"), status: 400, code: "NoSuchVersion"},
		{name: "operation", before: header("x-acs-action", "DropGroup"), status: 404, code: "InvalidApi.NotFound"},
		{name: "method", before: func(r *http.Request) { r.Method = http.MethodGet }, status: 405, code: "UnsupportedHTTPMethod"},
		{name: "path", before: func(r *http.Request) { r.URL.Path = "/api" }, status: 404, code: "InvalidApi.NotFound"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := b.cams("ListChatGroupParticipants", map[string]string{"GroupId": "wa"})
			if tt.before != nil {
				tt.before(r)
			}
			names := tt.names
			if names == nil {
				names = usual
			}
			b.signed(r, names)
			if tt.after != nil {
				tt.after(r)
			}
			status, answer, _ := b.do(r)
			if status != tt.status || answer["Code"] != tt.code {
				t.Errorf("HTTP %d, %v; want %d and %s", status, answer["Code"], tt.status, tt.code)
			}
		})
	}
}

func TestGatewayRefusesABody(t *testing.T) {
	b := start(t, Options{})
	r := b.cams("ListChatGroup", map[string]string{"Page": `{"Index":1,"Size":20}`})
	withBody := b.request(http.MethodPost, "/?"+r.URL.RawQuery, "{}")
	withBody.Header = r.Header
	withBody.Header.Set("x-acs-content-sha256", sha("{}"))
	status, answer, _ := b.do(b.signed(withBody, usual))
	if status != 400 || answer["Code"] != "InvalidParameter" {
		t.Errorf("HTTP %d, %v", status, answer)
	}
}

func TestSecurityTokenIsNeededWhereOneWasGivenOut(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{SecurityToken: "token"}})
	b.add(whatsApp())
	if _, code, _ := b.operation("ListChatGroupParticipants", map[string]string{"GroupId": "wa"}); code != "InvalidSecurityToken.Malformed" {
		t.Errorf("without it: %s", code)
	}
	r := b.cams("ListChatGroupParticipants", map[string]string{"GroupId": "wa"})
	r.Header.Set("x-acs-security-token", "token")
	names := append(slices.Clone(usual), "x-acs-security-token")
	slices.Sort(names)
	if status, answer, _ := b.do(b.signed(r, names)); status != 200 {
		t.Errorf("with it: %v", answer)
	}
}

func TestCAMSChecksParameters(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	list := func(text string) map[string]string { return map[string]string{"GroupId": "wa", "List": text} }
	page := func(text string) map[string]string { return map[string]string{"GroupId": "wa", "Page": text} }
	for _, tt := range []struct {
		name, action string
		params       map[string]string
		status       int
		code         string
	}{
		{"no group", "ListChatGroupParticipants", nil, 400, "MissingGroupId"},
		{"unknown group", "ListChatGroupParticipants", map[string]string{"GroupId": "x"}, 200, codeNoGroup},
		{"another space", "ListChatGroupParticipants", map[string]string{"GroupId": "wa", "CustSpaceId": "cams-other"}, 200, codeNoAuth},
		{"another business", "ListChatGroupParticipants", map[string]string{"GroupId": "wa", "BusinessNumber": "15550100098"}, 200, codeNumber},
		{"plus sign", "ListChatGroupParticipants", map[string]string{"GroupId": "wa", "BusinessNumber": "+15550100099"}, 200, codeDigits},
		{"channel in lower case", "ListChatGroupParticipants", map[string]string{"GroupId": "wa", "ChannelType": "whatsapp"}, 200, codeChannel},
		{"page 0", "ListChatGroupParticipants", page(`{"Index":0,"Size":20}`), 200, codePage},
		{"size 0", "ListChatGroupParticipants", page(`{"Index":1,"Size":0}`), 200, codePage},
		{"page with blanks", "ListChatGroupParticipants", page(`{"Index": 1, "Size": 20}`), 200, codePage},
		{"page spelled otherwise", "ListChatGroupParticipants", page(`{"PageIndex":1,"PageSize":20}`), 200, codePage},
		{"a page too far", "ListChatGroupParticipants", page(`{"Index":9223372036854775807,"Size":20}`), 200, "OK"},
		{"groups without a page", "ListChatGroup", nil, 400, "MissingPage"},
		{"flat list", "DeleteChatGroupParticipants", map[string]string{"GroupId": "wa", "List.1.ParticipantNumber": "15550100001"}, 400, codeInvalid},
		{"no list", "DeleteChatGroupParticipants", map[string]string{"GroupId": "wa"}, 400, codeInvalid},
		{"empty list", "DeleteChatGroupParticipants", list(`[]`), 400, codeInvalid},
		{"null list", "DeleteChatGroupParticipants", list(`null`), 400, codeInvalid},
		{"list of text", "DeleteChatGroupParticipants", list(`["15550100001"]`), 400, codeInvalid},
		{"key spelled otherwise", "DeleteChatGroupParticipants", list(`[{"Number":"15550100001"}]`), 400, codeInvalid},
		{"number with plus", "DeleteChatGroupParticipants", list(`[{"ParticipantNumber":"+15550100001"}]`), 200, codeNumber},
		{"twice", "DeleteChatGroupParticipants", participants("15550100001", "15550100001"), 200, codeDuplicate},
		{"nine", "DeleteChatGroupParticipants", participants("1555011", "1555012", "1555013", "1555014", "1555015", "1555016", "1555017", "1555018", "1555019"), 200, codeTooMany},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, code, answer := b.operation(tt.action, tt.params)
			if status != tt.status || code != tt.code {
				t.Errorf("HTTP %d, %v; want %d and %s", status, answer, tt.status, tt.code)
			}
		})
	}
	if got := b.Violations().EmptyLists; got != 3 {
		t.Errorf("%d removals without members counted, want 3", got)
	}
	if !b.world.Has("wa", "15550100001") {
		t.Error("a refused call took effect")
	}
}

func TestCAMSRemovalIsForGood(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001", "15550100002"))
	_, code, answer := b.operation("DeleteChatGroupParticipants", participants("15550100001", "15550100777", b.options.CAMS.BusinessNumber))
	if code != "OK" || answer["Success"] != true || answer["Result"] != 1.0 {
		t.Errorf("answer %v", answer)
	}
	if err := b.world.Join("wa", "15550100001"); err == nil {
		t.Error("a removed member came back through the link")
	}
	if got := b.Removed("wa"); !slices.Equal(got, []string{"15550100001"}) {
		t.Errorf("removed %v", got)
	}
	if got := b.Violations().BusinessKicks; got != 1 {
		t.Errorf("%d removals of the business number counted, want 1", got)
	}
	for i := range 7 {
		if err := b.world.Join("wa", fmt.Sprintf("1555010010%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.world.Join("wa", "15550100199"); err == nil {
		t.Error("a ninth member joined")
	}
}

func numbers(answer map[string]any) []string {
	var out []string
	for _, e := range answer["Data"].(map[string]any)["List"].([]any) {
		out = append(out, e.(map[string]any)["ParticipantNumber"].(string))
	}
	return out
}

func TestCAMSListsInPagesAndMayLinger(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1, Linger: 2, ListBusiness: true}})
	b.add(whatsApp("15550100001", "15550100002"))
	b.operation("DeleteChatGroupParticipants", participants("15550100001"))
	business := b.options.CAMS.BusinessNumber
	for reading, want := range [][]string{{"15550100002", "15550100001", business}, {"15550100002", "15550100001", business}, {"15550100002", business}} {
		var got []string
		for index := 1; index <= 2; index++ {
			_, _, answer := b.operation("ListChatGroupParticipants", map[string]string{"GroupId": "wa", "Page": fmt.Sprintf(`{"Index":%d,"Size":2}`, index)})
			got = append(got, numbers(answer)...)
			if answer["Data"].(map[string]any)["Total"] == float64(index*2) {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("reading %d: %v, want %v", reading+1, got, want)
		}
	}
}

func TestCAMSDocSampleAnswer(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{DocSample: true}})
	b.add(whatsApp("15550100001"))
	status, code, answer := b.operation("DeleteChatGroupParticipants", participants("15550100001"))
	if status != 200 || code != "OK" || answer["Success"] != false || answer["Result"] != 20.0 || b.world.Has("wa", "15550100001") {
		t.Errorf("HTTP %d, %v", status, answer)
	}
}

func TestCAMSInviteLinkAndEnd(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	id := map[string]string{"GroupId": "wa"}
	if _, _, a := b.operation("DeleteChatGroupInviteLink", id); a["Result"] != 1.0 {
		t.Errorf("first deletion of the link: %v", a)
	}
	if _, _, a := b.operation("DeleteChatGroupInviteLink", id); a["Result"] != 0.0 {
		t.Errorf("second deletion of the link: %v", a)
	}
	if b.world.Join("wa", "15550100002") == nil {
		t.Error("somebody joined without a link")
	}
	if _, _, a := b.operation("AddChatGroupInviteLink", id); a["InviteLink"] == "" || b.world.Join("wa", "15550100002") != nil {
		t.Errorf("new link: %v", a)
	}
	_, _, a := b.operation("ListChatGroup", map[string]string{"Page": `{"Index":1,"Size":20}`})
	if first := a["Data"].(map[string]any)["List"].([]any)[0].(map[string]any); first["GroupId"] != "wa" || first["TotalParticipantCount"] != 2.0 {
		t.Errorf("groups: %v", a)
	}
	b.operation("DeleteChatGroup", id)
	if _, code, _ := b.operation("ListChatGroupParticipants", id); code != codeNoGroup {
		t.Errorf("code %s after the end", code)
	}
}
