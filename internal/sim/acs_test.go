package sim

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

func TestACSVectors(t *testing.T) {
	with := func(base url.Values, more ...string) url.Values {
		q := url.Values{}
		for k, v := range base {
			q[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	ecs := url.Values{"ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}, "RegionId": {"cn-shanghai"}}
	group := url.Values{"BusinessNumber": {"15550100099"}, "ChannelType": {"WHATSAPP"}, "CustSpaceId": {"cams-example01"}, "GroupId": {"EA93UU0001"}}
	del := with(group, "List", `[{"ParticipantNumber":"15550100001"},{"ParticipantNumber":"15550100002"}]`)
	send := url.Values{"ChannelType": {"whatsapp"}, "Content": {`{"text":"a+b *~/ é"}`}, "CustSpaceId": {"cams-example01"}, "From": {"15550100099"},
		"MessageType": {"text"}, "RecipientType": {"group"}, "To": {"EA93UU0001"}, "Type": {"message"}}
	const ecsHost, camsHost, camsDate, camsNonce = "ecs.cn-shanghai.aliyuncs.com", "cams.ap-southeast-1.aliyuncs.com", "2026-11-20T09:00:00Z", "00112233445566778899aabbccddeeff"
	for i, tt := range []struct {
		host, action, version, date, nonce, token string
		query                                     url.Values
		canonical, signature                      string
	}{
		{ecsHost, "RunInstances", "2014-05-26", "2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d", "", ecs,
			"7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259", "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"},
		{ecsHost, "RunInstances", "2014-05-26", "2023-10-26T09:01:01Z", "d410180a5abf7fe235dd9b74aca91fc0", "", ecs,
			"29622f5feb1e9fcaaa2e276a72889c975f7b16f00e02be1ca34965b18cd85015", "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804"},
		{camsHost, "DeleteChatGroupParticipants", "2020-06-06", camsDate, camsNonce, "", del,
			"1208636014b02a974cd9bcd4930016b73980c569690f06b1e8b5af8f800d165a", "839059260df5c5d73b3c8e45a730190889f995d5f799794c6b9b32e30a8df1f5"},
		{camsHost, "DeleteChatGroupParticipants", "2020-06-06", camsDate, camsNonce, "ExampleToken/+==", del,
			"c4d92bf1f1333f51bd44c6a7528403bf60b6cf4d7a979ad48ba3c4673aaaae63", "328daa044b7723c9dfc39a94936bdbb4de6fb56bcf33c3942775ff7c35bd0202"},
		{camsHost, "ListChatGroupParticipants", "2020-06-06", camsDate, camsNonce, "", with(group, "Page", `{"Index":1,"Size":20}`),
			"ebda9889c1f7ad47d59c16b4d88d3824b7ee21638b5c818008bbb3e1fc02a9fc", "9a7a407edaf207acabc0831826532066b15c7a78bca2b762829ed0a8666040bc"},
		{camsHost, "SendChatappMessage", "2020-06-06", camsDate, camsNonce, "", send,
			"ebb205b87154302c34e98b3c819b2ce8cacc4c64097363bcd2a99bc1779cca7b", "da0c1d4c43dfb8fcb1561d2011c06ff0ce340e6f4b3789ab89bcd7b3cc41452b"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+tt.host+"/?"+tt.query.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		names := slices.Clone(usual)
		r.Header.Set("x-acs-action", tt.action)
		r.Header.Set("x-acs-version", tt.version)
		r.Header.Set("x-acs-date", tt.date)
		r.Header.Set("x-acs-signature-nonce", tt.nonce)
		r.Header.Set("x-acs-content-sha256", sha(""))
		if tt.token != "" {
			r.Header.Set("x-acs-security-token", tt.token)
			names = append(names, "x-acs-security-token")
			slices.Sort(names)
		}
		signature, canonical, err := acsSignature(r, names, sha(""), "YourAccessKeySecret")
		if err != nil || canonical != tt.canonical || signature != tt.signature {
			t.Errorf("vector %d: canonical %s, signature %s, %v", i+1, canonical, signature, err)
		}
	}
}

func FuzzACS(f *testing.F) {
	f.Add("ACS3-HMAC-SHA256 Credential=SimulatedAccessKeyId,SignedHeaders=host;x-acs-action,Signature=00", "a=b&c=%20+")
	f.Add("ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=", ";=%zz")
	s := New(Options{})
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, authorization, query string) {
		r := &http.Request{Method: http.MethodPost, Host: "h", URL: &url.URL{Path: "/", RawQuery: query}, Header: http.Header{}}
		for _, name := range usual[1:] {
			r.Header.Set(name, "x")
		}
		r.Header.Set("x-acs-date", s.now().UTC().Format(time.RFC3339))
		r.Header.Set("Authorization", authorization)
		if s.checkACS(r, nil, s.now()) == nil {
			t.Errorf("%q was let in without the secret", authorization)
		}
		if once, err := canonicalQuery(query); err == nil {
			if twice, err := canonicalQuery(once); err != nil || twice != once {
				t.Errorf("canonical query %q becomes %q, %v", once, twice, err)
			}
		}
	})
}
