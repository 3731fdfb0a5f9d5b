package tencent

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestKickSaysWhatTheDocumentsWant(t *testing.T) {
	r := newRig(t, nil)
	batch := removals(chat.Public, "a", "b", "a")
	for i := range batch {
		batch[i].Intent.Silent = true
	}
	if got := r.send(t, batch); !slices.Equal(got, []string{"OK 0", "OK 0", "OK 0"}) {
		t.Error(got)
	}
	if r.apis() != "get_role_in_group delete_group_member" {
		t.Error(r.apis())
	}
	c := r.last()
	want := map[string]any{
		"GroupId": testGroup, "MemberToDel_Account": []any{"a", "b"}, "Silence": 1.0, "Reason": "spam",
	}
	if !reflect.DeepEqual(c.body, want) {
		t.Errorf("got %v, want %v", c.body, want)
	}
	if c.query.Get("sdkappid") != testAppID || c.query.Get("identifier") != testAdmin || c.query.Get("contenttype") != "json" || c.query.Get("random") == "" {
		t.Errorf("query %v", c.query)
	}
	if sig := unpack(t, c.query.Get("usersig")); sig.Identifier != testAdmin || sig.Time != r.now.Unix() {
		t.Errorf("UserSig %+v", sig)
	}
	if !slices.Equal(r.taken.keys, []string{"a get_role_in_group"}) {
		t.Errorf("slots taken: %v; the kick's own was the dispatcher's", r.taken.keys)
	}
}

func TestNobodyProtectedIsActedOn(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.roles = map[string]string{"o": "Owner", "a": "Admin", "gone": "NotMember", "m": "Member "}
	})
	got := r.send(t, removals(chat.Public, "o", "a", testAdmin, "gone", "m"))
	want := []string{"Immune owner", "Immune admin", "Immune self", "OK not_member", "OK 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if kicked := r.last().body["MemberToDel_Account"]; !reflect.DeepEqual(kicked, []any{"m"}) {
		t.Errorf("kicked %v", kicked)
	}
}

func TestAMuteReachesWhoLeft(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"gone": "NotMember", "a": "Admin"} })
	got := r.send(t, []chat.Action{act(chat.Mute, chat.Public, "gone"), act(chat.Mute, chat.Public, "a")})
	if !slices.Equal(got, []string{"OK 0", "Immune admin"}) {
		t.Error(got)
	}
}

func TestLiveRoomsAreNeverKickedFrom(t *testing.T) {
	for _, typ := range []chat.GroupType{chat.AVChatRoom, ""} {
		t.Run("type "+string(typ), func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind, f.owner = "AVChatRoom", "o" })
			if got := r.send(t, removals(typ, "o", "a")); !slices.Equal(got, []string{"Immune owner", "OK 0"}) {
				t.Error(got)
			}
			if r.apis() != "get_group_info forbid_send_msg" {
				t.Error(r.apis())
			}
			want := map[string]any{"GroupId": testGroup, "Members_Account": []any{"a"}, "MuteTime": 4294967295.0}
			if !reflect.DeepEqual(r.last().body, want) {
				t.Errorf("got %v", r.last().body)
			}
			if route := mustRoute(t, r.s, act(chat.Remove, "", "x")); route.API != apiForbid {
				t.Errorf("now that the type is known, the route is %+v", route)
			}
		})
	}
}

func TestARoomThatTurnsOutToBeLiveIsNotKickedFrom(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind = "AVChatRoom" })
	batch := removals(chat.Public, "a")
	if got := r.send(t, batch); !slices.Equal(got, []string{"Again live_room"}) {
		t.Error(got)
	}
	if got := r.send(t, batch); !slices.Equal(got, []string{"OK 0"}) || r.apis() != "get_role_in_group get_group_info forbid_send_msg" {
		t.Error(got, r.apis())
	}
}

func TestUnknownTypeIsLookedUpOnce(t *testing.T) {
	r := newRig(t, nil)
	if got := r.send(t, removals("", "a", "b")); !slices.Equal(got, []string{"OK 0", "OK 0"}) {
		t.Error(got)
	}
	if got := r.send(t, removals("", "c")); !slices.Equal(got, []string{"OK 0"}) {
		t.Error(got)
	}
	if r.apis() != "get_group_info get_role_in_group delete_group_member get_role_in_group delete_group_member" {
		t.Error(r.apis())
	}
	if want := []string{"a get_role_in_group", "a delete_group_member", "a get_role_in_group"}; !slices.Equal(r.taken.keys, want) {
		t.Errorf("slots %v, want %v", r.taken.keys, want)
	}
}

func TestBanInLiveRoomsGoesByTwenties(t *testing.T) {
	r := newRig(t, func(c *SenderConfig, f *fake) { c.LiveRoomRemoval, f.kind = RemovalBan, "AVChatRoom" })
	var members []string
	for i := range 45 {
		members = append(members, fmt.Sprint("u", i))
	}
	batch := removals("", members...)
	for i := range batch {
		batch[i].Intent.Until = r.now.Add(90*time.Second + time.Millisecond)
	}
	for i, o := range r.send(t, batch) {
		if o != "OK 0" {
			t.Errorf("%d: %s", i, o)
		}
	}
	var sizes []int
	for _, c := range r.calls {
		if c.api == apiBan {
			sizes = append(sizes, len(c.body["Members_Account"].([]any)))
			if c.body["Duration"] != 91.0 || c.body["Description"] != "spam" {
				t.Errorf("got %v", c.body)
			}
		}
	}
	if !slices.Equal(sizes, []int{20, 20, 5}) {
		t.Errorf("sizes %v", sizes)
	}
}

func TestMutesEndWhenTheyWereToEnd(t *testing.T) {
	r := newRig(t, nil)
	a := act(chat.Mute, chat.Public, "a")
	a.Intent.Until = r.now.Add(10 * time.Minute)
	r.now = r.now.Add(4 * time.Minute)
	if got := r.send(t, []chat.Action{a}); !slices.Equal(got, []string{"OK 0"}) || r.last().body["MuteTime"] != 360.0 {
		t.Error(got, r.last().body)
	}
	r.now = r.now.Add(6 * time.Minute)
	before := r.apis()
	if got := r.send(t, []chat.Action{a}); !slices.Equal(got, []string{"OK expired"}) || r.apis() != before {
		t.Error(got, r.apis())
	}
}

func TestDissolve(t *testing.T) {
	r := newRig(t, nil)
	if got := r.send(t, []chat.Action{act(chat.Dissolve, chat.Public, "")}); !slices.Equal(got, []string{"OK 0"}) {
		t.Error(got)
	}
	if r.apis() != apiDestroy || r.last().body["GroupId"] != testGroup {
		t.Error(r.apis(), r.last().body)
	}
}

// TestCodes gives each class of code in the answer to the kick, and in that of the lookup before it.
func TestCodes(t *testing.T) {
	tests := []struct {
		code       int
		kick, role string
	}{
		{60007, "Limited 60007", "Limited 60007"},
		{60018, "Limited 60018", "Limited 60018"},
		{60011, "Limited 60011", "Limited 60011"},
		{60019, "Limited 60019", "Limited 60019"},
		{10006, "Limited 10006", "Limited 10006"},
		{10023, "Again 10023", "Again 10023"},
		{60008, "Again 60008", "Again 60008"},
		{10002, "Again 10002", "Again 10002"},
		{99999, "Again 99999", "Again 99999"},
		{70009, "Auth 70009", "Auth 70009"},
		{60020, "Auth 60020", "Auth 60020"},
		{60021, "Auth 60021", "Auth 60021"},
		{60028, "Auth 60028", "Auth 60028"},
		{10004, "Suspect 10004", "Suspect 10004"},
		{10005, "Permanent 10005", "Permanent 10005"},
		{10007, "Permanent 10007", "Permanent 10007"},
		{10015, "Permanent 10015", "Permanent 10015"},
		{10010, "OK group_gone", "OK group_gone"},
		{10019, "Suspect 10019", "OK not_member"},
		{70107, "Suspect 70107", "Suspect 70107"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			for api, want := range map[string]string{apiKick: tt.kick, apiRoles: tt.role} {
				r := newRig(t, func(_ *SenderConfig, f *fake) {
					f.answers[api] = []func(http.ResponseWriter){code(tt.code)}
				})
				out := r.sendAll(t, removals(chat.Public, "a"))[0]
				if got := className(out.Class) + " " + out.Code; got != want {
					t.Errorf("%s: got %s, want %s", api, got, want)
				}
				if api == apiRoles && strings.Contains(r.apis(), apiKick) {
					t.Errorf("kicked although the role is not known")
				}
				if out.Class >= actions.Again && out.Text != fmt.Sprintf("text of %d", tt.code) {
					t.Errorf("text %q", out.Text)
				}
			}
		})
	}
}

func TestBrokenAnswersAreRepeated(t *testing.T) {
	write := func(s string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { _, _ = w.Write([]byte(s)) }
	}
	tests := map[string]struct {
		answer func(http.ResponseWriter)
		code   string
	}{
		"bad gateway":    {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, "http_502"},
		"redirect":       {func(w http.ResponseWriter) { w.Header().Set("Location", "/"); w.WriteHeader(302) }, "http_302"},
		"no JSON":        {write("<html>"), outBadAnswer},
		"no code":        {write(`{"ActionStatus":"OK"}`), outBadAnswer},
		"contradiction":  {write(`{"ActionStatus":"FAIL","ErrorCode":0}`), outBadAnswer},
		"two documents":  {write(`{"ActionStatus":"OK","ErrorCode":0}{}`), outBadAnswer},
		"too large":      {write(`{"x":"` + strings.Repeat("x", 1<<20) + `"}`), outNoAnswer},
		"cut connection": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, outNoAnswer},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) {
				f.answers[apiKick] = []func(http.ResponseWriter){tt.answer}
			})
			if got := r.send(t, removals(chat.Public, "a")); !slices.Equal(got, []string{"Again " + tt.code}) {
				t.Error(got)
			}
		})
	}
}
