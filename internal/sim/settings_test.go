package sim

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
)

func TestSettingsThatATypeDoesNotHave(t *testing.T) {
	types := []string{Private, Public, ChatRoom, AVChatRoom, Community}
	for _, tt := range []struct {
		set  string
		want [5]int // code by type
	}{
		{`"ApplyJoinOption":"DisableApply"`, [5]int{badParameter, 0, badParameter, badParameter, 0}},
		{`"InviteJoinOption":"DisableInvite"`, [5]int{0, 0, 0, badParameter, 0}},
		{`"MuteAllMember":"On"`, [5]int{notPermitted, 0, 0, 0, 0}},
		{`"ApplyJoinOption":"disableapply"`, [5]int{badParameter, badParameter, badParameter, badParameter, badParameter}},
		{`"InviteJoinOption":"DisableApply"`, [5]int{badParameter, badParameter, badParameter, badParameter, badParameter}},
	} {
		for _, ignore := range []bool{false, true} {
			b := start(t, Options{Tencent: TencentOptions{IgnoreFixed: ignore, Rate: -1}})
			for i, typ := range types {
				b.add(Group{Provider: Tencent, ID: typ, Type: typ, Owner: "o"})
				before := fmt.Sprint(b.settings(typ))
				want := tt.want[i]
				if good := tt.want[4] == 0; ignore && good {
					want = 0
				}
				if got := b.code("modify_group_base_info", `{"GroupId":"`+typ+`","Name":"new",`+tt.set+`}`); got != want {
					t.Errorf("%s in %s, ignored %v: code %d, want %d", tt.set, typ, ignore, got, want)
				}
				if changed := fmt.Sprint(b.settings(typ)) != before; changed != (tt.want[i] == 0) {
					t.Errorf("%s in %s, ignored %v: changed %v", tt.set, typ, ignore, changed)
				}
			}
		}
	}
}

// settings returns what get_group_info shows of a group's settings.
func (b *bench) settings(group string) map[string]any {
	b.t.Helper()
	info := b.tencent("get_group_info", `{"GroupIdList":["`+group+`"],"ResponseFilter":{"GroupBaseInfoFilter":["ApplyJoinOption","InviteJoinOption","MuteAllMember","MemberNum"]}}`)
	return info["GroupInfo"].([]any)[0].(map[string]any)
}

func TestSettingsOfANewGroup(t *testing.T) {
	b := start(t, Options{})
	for typ, apply := range map[string]string{
		Private: "DisableApply", Public: "NeedPermission", ChatRoom: "FreeAccess", AVChatRoom: "FreeAccess", Community: "FreeAccess",
	} {
		b.add(Group{Provider: Tencent, ID: typ, Type: typ, Owner: "o", Members: []string{"a"}})
		got := b.settings(typ)
		_, invites := got["InviteJoinOption"]
		if got["ApplyJoinOption"] != apply || got["MuteAllMember"] != "Off" || got["MemberNum"] != 2.0 || invites == (typ == AVChatRoom) {
			t.Errorf("%s: %v", typ, got)
		}
	}
}

func TestClosedGroupRefusesApplicantsAndGuestsApart(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Members: []string{"a"}})
	b.code("modify_group_base_info", `{"GroupId":"g","InviteJoinOption":"DisableInvite"}`)
	if err := b.world.Join("g", "guest", "a"); !errors.Is(err, ErrRefused) {
		t.Errorf("a guest: %v", err)
	}
	if err := b.world.Join("g", "applicant"); err != nil {
		t.Errorf("an applicant: %v", err)
	}
	b.code("modify_group_base_info", `{"GroupId":"g","InviteJoinOption":"FreeAccess","ApplyJoinOption":"DisableApply"}`)
	if err := b.world.Join("g", "guest", "a"); err != nil {
		t.Errorf("a guest: %v", err)
	}
	if err := b.world.Join("g", "second"); !errors.Is(err, ErrRefused) {
		t.Errorf("an applicant: %v", err)
	}
	if c := b.History()[1]; c.Settings["ApplyJoinOption"] != "DisableApply" || len(c.Settings) != 2 {
		t.Errorf("recorded %+v", c)
	}
}

func named(names ...string) string {
	text := ""
	for _, n := range names {
		text += fmt.Sprintf(`,{"Member_Account":%q}`, n)
	}
	return "[" + text[1:] + "]"
}

func TestAddMember(t *testing.T) {
	b := start(t, Options{})
	got := b.listen(func(_ int, p push) (int, string) {
		if p.query.Get("CallbackCommand") == beforeInvite {
			return http.StatusOK, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RefusedMembers_Account":["refused"]}`
		}
		return http.StatusOK, fine
	})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Members: []string{"there", "banned"}})
	b.code("ban_group_member", `{"GroupId":"g","Members_Account":["banned"],"Duration":60}`)
	answer := b.tencent("add_group_member", `{"GroupId":"g","Silence":1,"MemberList":`+named("new", "there", "banned", "refused")+`}`)
	if want := "[map[Member_Account:new Result:1] map[Member_Account:there Result:2] map[Member_Account:banned Result:0] map[Member_Account:refused Result:0]]"; fmt.Sprint(answer["MemberList"]) != want {
		t.Errorf("got  %v\nwant %s", answer["MemberList"], want)
	}
	if !b.world.Has("g", "new") || b.world.Has("g", "banned") || b.world.Has("g", "refused") {
		t.Errorf("members %v", b.world.Members("g"))
	}
	all := b.idle(got)
	if len(all) != 2 || all[1].query.Get("CallbackCommand") != afterJoin {
		t.Fatalf("%d webhooks", len(all))
	}
	for _, p := range all {
		if p.query.Get("OptPlatform") != platformREST || p.field(t, "Operator_Account") != "administrator" {
			t.Errorf("webhook %v %s", p.query, p.body)
		}
	}
	if all[1].field(t, "JoinType") != "Invited" || fmt.Sprint(all[1].field(t, "NewMemberList")) != "[map[Member_Account:new]]" {
		t.Errorf("webhook %s", all[1].body)
	}
	if c := b.History()[1]; c.Count != 4 || !c.Silent {
		t.Errorf("recorded %+v", c)
	}
}

func TestAddMemberRefuses(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{AskConsent: true}})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o"}, Group{Provider: Tencent, ID: "live", Type: AVChatRoom, Owner: "o"})
	many := make([]string, maxAdded+1)
	for i := range many {
		many[i] = fmt.Sprint("u", i)
	}
	for body, want := range map[string]int{
		`{"GroupId":"live","MemberList":` + named("a") + `}`: notPermitted,
		`{"GroupId":"none","MemberList":` + named("a") + `}`: noGroup,
		`{"GroupId":"g"}`:                                                badParameter,
		`{"GroupId":"g","MemberList":[]}`:                                badParameter,
		`{"GroupId":"g","MemberList":["a"]}`:                             badParameter,
		`{"GroupId":"g","MemberList":[{"Member_Account":""}]}`:           badParameter,
		`{"GroupId":"g","MemberList":[{"Account":"a"}]}`:                 badParameter,
		`{"GroupId":"g","Silence":2,"MemberList":` + named("a") + `}`:    badParameter,
		`{"GroupId":"g","MemberList":` + named(many...) + `}`:            tooMany,
		`{"GroupId":"g","MemberList":` + named(many[:maxAdded]...) + `}`: 0,
	} {
		if got := b.code("add_group_member", body); got != want {
			t.Errorf("%.60s: code %d, want %d", body, got, want)
		}
	}
	if n := len(b.world.Members("g")); n != 1 {
		t.Errorf("%d members, although nobody has agreed", n)
	}
}
