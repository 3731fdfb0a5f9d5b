package cams

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// vectors are the signatures that official pages print (the first two) and four of our own, all
// computed by other implementations as well.
var vectors = []struct {
	name, host, action, version, date, nonce, token string
	query                                           url.Values
	hash, signature                                 string
}{
	{
		name: "official, RunInstances", host: "ecs.cn-shanghai.aliyuncs.com", action: "RunInstances", version: "2014-05-26",
		date: "2023-10-26T10:22:32Z", nonce: "3156853299f313e23d1673dc12e1703d",
		query:     url.Values{"ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}, "RegionId": {"cn-shanghai"}},
		hash:      "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
		signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
	},
	{
		name: "official, another nonce and date", host: "ecs.cn-shanghai.aliyuncs.com", action: "RunInstances", version: "2014-05-26",
		date: "2023-10-26T09:01:01Z", nonce: "d410180a5abf7fe235dd9b74aca91fc0",
		query:     url.Values{"ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}, "RegionId": {"cn-shanghai"}},
		hash:      "29622f5feb1e9fcaaa2e276a72889c975f7b16f00e02be1ca34965b18cd85015",
		signature: "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
	},
	{
		name: "removal", action: "DeleteChatGroupParticipants", query: removalQuery(),
		hash:      "1208636014b02a974cd9bcd4930016b73980c569690f06b1e8b5af8f800d165a",
		signature: "839059260df5c5d73b3c8e45a730190889f995d5f799794c6b9b32e30a8df1f5",
	},
	{
		name: "removal with a temporary credential", action: "DeleteChatGroupParticipants", token: "ExampleToken/+==", query: removalQuery(),
		hash:      "c4d92bf1f1333f51bd44c6a7528403bf60b6cf4d7a979ad48ba3c4673aaaae63",
		signature: "328daa044b7723c9dfc39a94936bdbb4de6fb56bcf33c3942775ff7c35bd0202",
	},
	{
		name: "member list", action: "ListChatGroupParticipants",
		query: url.Values{
			"BusinessNumber": {"15550100099"}, "ChannelType": {"WHATSAPP"}, "CustSpaceId": {"cams-example01"},
			"GroupId": {"EA93UU0001"}, "Page": {`{"Index":1,"Size":20}`},
		},
		hash:      "ebda9889c1f7ad47d59c16b4d88d3824b7ee21638b5c818008bbb3e1fc02a9fc",
		signature: "9a7a407edaf207acabc0831826532066b15c7a78bca2b762829ed0a8666040bc",
	},
	{
		name: "blanks, stars and letters that need escaping", action: "SendChatappMessage",
		query: url.Values{
			"ChannelType": {"whatsapp"}, "Content": {`{"text":"a+b *~/ é"}`}, "CustSpaceId": {"cams-example01"}, "From": {"15550100099"},
			"MessageType": {"text"}, "RecipientType": {"group"}, "To": {"EA93UU0001"}, "Type": {"message"},
		},
		hash:      "ebb205b87154302c34e98b3c819b2ce8cacc4c64097363bcd2a99bc1779cca7b",
		signature: "da0c1d4c43dfb8fcb1561d2011c06ff0ce340e6f4b3789ab89bcd7b3cc41452b",
	},
}

func removalQuery() url.Values {
	return url.Values{
		"BusinessNumber": {"15550100099"}, "ChannelType": {"WHATSAPP"}, "CustSpaceId": {"cams-example01"}, "GroupId": {"EA93UU0001"},
		"List": {`[{"ParticipantNumber":"15550100001"},{"ParticipantNumber":"15550100002"}]`},
	}
}

func TestSignGivesTheKnownSignatures(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if v.host == "" {
				v.host, v.version, v.date, v.nonce = "cams.ap-southeast-1.aliyuncs.com", apiVersion, "2026-11-20T09:00:00Z", "00112233445566778899aabbccddeeff"
			}
			at, err := time.Parse(time.RFC3339, v.date)
			if err != nil {
				t.Fatal(err)
			}
			u := url.URL{Scheme: "https", Host: v.host, Path: "/", RawQuery: canonicalQuery(v.query)}
			r, err := http.NewRequest(http.MethodPost, u.String(), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			Sign(r, Signing{
				Action: v.action, Version: v.version, At: at, Nonce: v.nonce,
				Key: AccessKey{ID: "YourAccessKeyId", Secret: "YourAccessKeySecret", Token: v.token},
			})
			text, signed := canonicalRequest(r)
			if got := hexHash(text); got != v.hash {
				t.Errorf("hash of the canonical request is %s, want %s; request:\n%s", got, v.hash, text)
			}
			want := "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=" + signed + ",Signature=" + v.signature
			if got := r.Header.Get("Authorization"); got != want {
				t.Errorf("Authorization is %q, want %q", got, want)
			}
			if withToken := strings.Contains(signed, "x-acs-security-token"); withToken != (v.token != "") {
				t.Errorf("signed headers are %s with token %q", signed, v.token)
			}
		})
	}
}

func TestEveryAttemptHasItsOwnNonce(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		n := newNonce()
		if len(n) != 32 || seen[n] {
			t.Fatalf("nonce %q is short or came before", n)
		}
		seen[n] = true
	}
}
