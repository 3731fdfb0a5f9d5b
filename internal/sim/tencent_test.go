package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func accountsOf(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(`"u%d"`, i)
	}
	return "[" + strings.Join(names, ",") + "]"
}

func TestTencentRefusesWhatIsBrokenInTheRequest(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{Admins: []string{"administrator"}}})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a"}})
	key := b.options.Tencent.SecretKey
	for _, tt := range []struct {
		name   string
		method string
		path   string
		query  func(url.Values)
		body   string
		want   int
	}{
		{name: "nothing", want: 0},
		{name: "method", method: http.MethodGet, want: badHTTP},
		{name: "service", path: "/v4/other_svc/delete_group_member", want: badResource},
		{name: "command", path: "/v4/group_open_http_svc/delete_group_members", want: badCommand},
		{name: "no sdkappid", query: func(q url.Values) { q.Del("sdkappid") }, want: noApp},
		{name: "sdkappid in letters", query: func(q url.Values) { q.Set("sdkappid", "x") }, want: badQuery},
		{name: "unknown sdkappid", query: func(q url.Values) { q.Set("sdkappid", "1400000001") }, want: appUnknown},
		{name: "no identifier", query: func(q url.Values) { q.Del("identifier") }, want: badQuery},
		{name: "contenttype", query: func(q url.Values) { q.Set("contenttype", "xml") }, want: badQuery},
		{name: "no random", query: func(q url.Values) { q.Del("random") }, want: badURL},
		{name: "random over 32 bits", query: func(q url.Values) { q.Set("random", "4294967296") }, want: badURL},
		{name: "parameter spelled otherwise", query: func(q url.Values) { q.Set("SdkAppId", "1") }, want: badURL},
		{name: "no usersig", query: func(q url.Values) { q.Del("usersig") }, want: sigEmpty},
		{name: "bad usersig", query: func(q url.Values) { q.Set("usersig", "abc") }, want: sigBad},
		{name: "usersig of another user", query: func(q url.Values) { q.Set("identifier", "other") }, want: sigIdentity},
		{name: "not an admin", query: func(q url.Values) {
			q.Set("identifier", "other")
			q.Set("usersig", sig(key, "other", b.options.Tencent.SDKAppID, b.now().Unix(), 60))
		}, want: notAdmin},
		{name: "empty body", body: " ", want: badJSON},
		{name: "body of another kind", body: "[]", want: badJSON},
		{name: "null", body: "null", want: badJSON},
		{name: "two documents", body: "{}{}", want: badJSON},
		{name: "body over 1 MiB", body: strings.Repeat(" ", maxBody+1), want: badJSON},
		{name: "key in another case", body: `{"groupId":"g","MemberToDel_Account":["a"]}`, want: badParameter},
		{name: "no group", body: `{"MemberToDel_Account":["a"]}`, want: badParameter},
		{name: "group not a string", body: `{"GroupId":1,"MemberToDel_Account":["a"]}`, want: badParameter},
		{name: "unknown group", body: `{"GroupId":"h","MemberToDel_Account":["a"]}`, want: noGroup},
		{name: "impossible group", body: `{"GroupId":"ü","MemberToDel_Account":["a"]}`, want: badGroupID},
		{name: "no accounts", body: `{"GroupId":"g"}`, want: badParameter},
		{name: "empty list", body: `{"GroupId":"g","MemberToDel_Account":[]}`, want: badParameter},
		{name: "empty account", body: `{"GroupId":"g","MemberToDel_Account":[""]}`, want: badParameter},
		{name: "account a number", body: `{"GroupId":"g","MemberToDel_Account":[1]}`, want: accountType},
		{name: "101 accounts", body: `{"GroupId":"g","MemberToDel_Account":` + accountsOf(101) + `}`, want: tooMany},
		{name: "100 accounts", body: `{"GroupId":"g","MemberToDel_Account":` + accountsOf(100) + `}`, want: 0},
		{name: "Silence 2", body: `{"GroupId":"g","MemberToDel_Account":["a"],"Silence":2}`, want: badParameter},
		{name: "Silence true", body: `{"GroupId":"g","MemberToDel_Account":["a"],"Silence":true}`, want: badParameter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method, path, q, body := http.MethodPost, "/v4/group_open_http_svc/delete_group_member", b.query(), tt.body
			fill(&body, `{"GroupId":"g","MemberToDel_Account":["nobody"]}`)
			if tt.method != "" {
				method = tt.method
			}
			if tt.path != "" {
				path = tt.path
			}
			if tt.query != nil {
				tt.query(q)
			}
			status, answer, _ := b.do(b.request(method, path+"?"+q.Encode(), body))
			if status != http.StatusOK || answer["ErrorCode"] != float64(tt.want) {
				t.Errorf("HTTP %d, %v, want 200 and %d", status, answer, tt.want)
			}
			if want := map[bool]string{true: "OK", false: "FAIL"}[tt.want == 0]; answer["ActionStatus"] != want {
				t.Errorf("ActionStatus %v, want %s", answer["ActionStatus"], want)
			}
			if tt.want != 0 && !b.world.Has("g", "a") {
				t.Fatal("a refused call took effect")
			}
		})
	}
}

func TestTencentCommandsKeepTheirLimitsPerGroupType(t *testing.T) {
	b := start(t, Options{})
	for _, typ := range []string{Private, Public, ChatRoom, AVChatRoom, Community} {
		b.add(Group{Provider: Tencent, ID: typ, Type: typ, Owner: "o", Members: []string{"a"}})
	}
	few, many21, many501 := `["a"]`, accountsOf(21), accountsOf(501)
	for _, tt := range []struct {
		command, group, rest string
		want                 int
	}{
		{"delete_group_member", AVChatRoom, `,"MemberToDel_Account":` + few, badParameter},
		{"forbid_send_msg", Private, `,"MuteTime":60,"Members_Account":` + few, notPermitted},
		{"forbid_send_msg", Public, `,"Members_Account":` + few, badParameter},
		{"forbid_send_msg", Public, `,"MuteTime":-1,"Members_Account":` + few, badParameter},
		{"forbid_send_msg", Public, `,"MuteTime":4294967296,"Members_Account":` + few, badParameter},
		{"forbid_send_msg", Public, `,"MuteTime":60,"Members_Account":` + many501, tooMany},
		{"forbid_send_msg", AVChatRoom, `,"MuteTime":4294967295,"Members_Account":` + few, 0},
		{"ban_group_member", Public, `,"Members_Account":` + few, badParameter},
		{"ban_group_member", Public, `,"Duration":60,"Members_Account":` + many21, tooMany},
		{"ban_group_member", AVChatRoom, `,"Duration":60,"Members_Account":` + few, 0},
		{"unban_group_member", AVChatRoom, `,"Members_Account":` + few, 0},
		{"unban_group_member", AVChatRoom, `,"Members_Account":` + many21, tooMany},
		{"get_role_in_group", AVChatRoom, `,"User_Account":` + few, notPermitted},
		{"get_role_in_group", Public, `,"User_Account":` + many501, tooMany},
		{"get_group_member_info", AVChatRoom, ``, notPermitted},
		{"get_group_member_info", Community, `,"Offset":0`, badParameter},
		{"get_group_member_info", Public, `,"Next":""`, badParameter},
		{"get_group_muted_account", Public, ``, 0},
		{"get_group_ban_member", Public, `,"Limit":101`, badParameter},
		{"modify_group_base_info", Public, `,"MuteAllMember":"on"`, badParameter},
		{"modify_group_base_info", Private, `,"MuteAllMember":"On"`, notPermitted},
	} {
		t.Run(fmt.Sprintf("%s %s %.60s", tt.command, tt.group, tt.rest), func(t *testing.T) {
			if got := b.code(tt.command, `{"GroupId":"`+tt.group+`"`+tt.rest+`}`); got != tt.want {
				t.Errorf("code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestBanNeedsTheEdition(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{NoBans: true}})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a"}})
	if got := b.code("ban_group_member", `{"GroupId":"g","Members_Account":["a"],"Duration":60}`); got != notPermitted || !b.world.Has("g", "a") {
		t.Errorf("code %d, member %v; want 10007 and still there", got, b.world.Has("g", "a"))
	}
}

func TestKickRemovesMembersSparesTheOwnerAndIsRecorded(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Admins: []string{"adm"}, Members: []string{"a", "b", "c"}})
	body := `{"GroupId":"g","MemberToDel_Account":["a","o","adm","stranger"],"Reason":"spam","Silence":1}`
	if got := b.code("delete_group_member", body); got != 0 {
		t.Fatalf("code %d", got)
	}
	if got, want := b.world.Members("g"), []string{"o", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
	if got, want := b.Removed("g"), []string{"a", "adm"}; !slices.Equal(got, want) {
		t.Errorf("removed %v, want %v", got, want)
	}
	if got := b.Asked("g"); len(got) != 4 {
		t.Errorf("asked for %v, want all four", got)
	}
	if got, want := b.Violations(), (Violations{OwnerKicks: 1, AdminKicks: 1}); got != want {
		t.Errorf("violations %+v, want %+v", got, want)
	}
	h := b.History()
	if len(h) != 1 || h[0].Reason != "spam" || !h[0].Silent || h[0].Count != 4 || h[0].Code != "0" || h[0].Group != "g" {
		t.Errorf("history %+v", h)
	}
	if got := b.MembersPerCall("delete_group_member"); !slices.Equal(got, []int{4}) {
		t.Errorf("members per call %v", got)
	}
}

func TestMutesAndBansBind(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "live", Type: AVChatRoom, Owner: "o", Members: []string{"a", "b"}})
	b.code("forbid_send_msg", `{"GroupId":"live","Members_Account":["a"],"MuteTime":4294967295}`)
	b.code("ban_group_member", `{"GroupId":"live","Members_Account":["b"],"Duration":4294967295}`)
	if said, err := b.world.Say("live", "a", "x"); err == nil || said.Code != 10017 {
		t.Errorf("a muted member spoke: %+v, %v", said, err)
	}
	if b.world.Has("live", "b") || b.world.Join("live", "b") == nil {
		t.Error("a banned member is in the group")
	}
	if got, want := b.Removed("live"), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("removed %v, want %v", got, want)
	}
	list := b.tencent("get_group_muted_account", `{"GroupId":"live"}`)["MutedAccountList"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["MutedUntil"] != float64(forever) {
		t.Errorf("muted %v", list)
	}
	b.code("forbid_send_msg", `{"GroupId":"live","Members_Account":["a"],"MuteTime":0}`)
	b.code("unban_group_member", `{"GroupId":"live","Members_Account":["b"]}`)
	if _, err := b.world.Say("live", "a", "x"); err != nil {
		t.Error(err)
	}
	if err := b.world.Join("live", "b"); err != nil {
		t.Error(err)
	}
}

func TestQueries(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Admins: []string{"adm"}, Members: []string{"a", "b", "c"}},
		Group{Provider: Tencent, ID: "@TGS#_c", Type: Community, Owner: "o", Members: []string{"a", "b"}})
	infos := b.tencent("get_group_info", `{"GroupIdList":["g","missing"]}`)["GroupInfo"].([]any)
	g, missing := infos[0].(map[string]any), infos[1].(map[string]any)
	if g["Owner_Account"] != "o" || g["Type"] != Public || g["ErrorCode"] != 0.0 || len(g["MemberList"].([]any)) != 5 {
		t.Errorf("info %v", g)
	}
	if missing["ErrorCode"] != float64(noGroup) {
		t.Errorf("a missing group has %v", missing)
	}
	narrow := b.tencent("get_group_info", `{"GroupIdList":["g"],"ResponseFilter":{"GroupBaseInfoFilter":["Owner_Account"]}}`)
	if first := narrow["GroupInfo"].([]any)[0].(map[string]any); first["MemberList"] != nil || first["Type"] != nil || first["Owner_Account"] != "o" {
		t.Errorf("filtered info %v", first)
	}
	var roles []string
	for _, r := range b.tencent("get_role_in_group", `{"GroupId":"g","User_Account":["o","adm","a","x"]}`)["UserIdList"].([]any) {
		roles = append(roles, r.(map[string]any)["Role"].(string))
	}
	if want := []string{"Owner", "Admin", "Member", "NotMember"}; !slices.Equal(roles, want) {
		t.Errorf("roles %v, want %v", roles, want)
	}
	var names []string
	for offset := range 3 {
		page := b.tencent("get_group_member_info", fmt.Sprintf(`{"GroupId":"g","Limit":2,"Offset":%d}`, 2*offset))
		for _, m := range page["MemberList"].([]any) {
			names = append(names, m.(map[string]any)["Member_Account"].(string))
		}
	}
	if want := []string{"o", "adm", "a", "b", "c"}; !slices.Equal(names, want) {
		t.Errorf("pages hold %v, want %v", names, want)
	}
	first := b.tencent("get_group_member_info", `{"GroupId":"@TGS#_c","Limit":2,"Next":""}`)
	second := b.tencent("get_group_member_info", fmt.Sprintf(`{"GroupId":"@TGS#_c","Limit":2,"Next":%q}`, first["Next"]))
	if first["Next"] == "" || second["Next"] != "" || len(second["MemberList"].([]any)) != 1 {
		t.Errorf("a Community's pages: %v, %v", first, second)
	}
}

func TestGroupCommands(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Members: []string{"a"}})
	said, err := b.world.Say("g", "a", "first")
	if err != nil {
		t.Fatal(err)
	}
	ret := b.tencent("group_msg_recall", fmt.Sprintf(`{"GroupId":"g","MsgSeqList":[{"MsgSeq":%d},{"MsgSeq":99}]}`, said.Seq))["RecallRetList"].([]any)
	if ret[0].(map[string]any)["RetCode"] != 0.0 || ret[1].(map[string]any)["RetCode"] != 10030.0 || !b.world.Messages("g")[0].Recalled {
		t.Errorf("recall %v", ret)
	}
	sent := b.tencent("send_group_msg", `{"GroupId":"g","Random":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]}`)
	if sent["MsgSeq"] != 2.0 || b.world.Messages("g")[1].Text != "hi" {
		t.Errorf("sent %v", sent)
	}
	b.code("modify_group_base_info", `{"GroupId":"g","MuteAllMember":"On","ApplyJoinOption":"DisableApply"}`)
	if _, err := b.world.Say("g", "a", "x"); err == nil {
		t.Error("a member spoke although all are muted")
	}
	if b.world.Join("g", "late") == nil {
		t.Error("somebody joined a closed group")
	}
	b.code("destroy_group", `{"GroupId":"g"}`)
	if got := b.code("destroy_group", `{"GroupId":"g"}`); got != noGroup {
		t.Errorf("code %d after the end, want %d", got, noGroup)
	}
}
