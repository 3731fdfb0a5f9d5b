package tencent

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestRouteByTypeAndIntent(t *testing.T) {
	tests := []struct {
		name string
		kind chat.IntentKind
		typ  chat.GroupType
		live string
		api  string // empty: impossible
		max  int
	}{
		{"remove from Private", chat.Remove, chat.Private, "", apiKick, 100},
		{"remove from Public", chat.Remove, chat.Public, "", apiKick, 100},
		{"remove from ChatRoom", chat.Remove, chat.ChatRoom, "", apiKick, 100},
		{"remove from Community", chat.Remove, chat.Community, "", apiKick, 100},
		{"remove from AVChatRoom", chat.Remove, chat.AVChatRoom, "", apiForbid, 500},
		{"remove from AVChatRoom by ban", chat.Remove, chat.AVChatRoom, RemovalBan, apiBan, 20},
		{"remove from Live", chat.Remove, chat.Live, RemovalMute, apiForbid, 500},
		{"remove from Live by ban", chat.Remove, chat.Live, RemovalBan, apiBan, 20},
		{"remove from a group of unknown type", chat.Remove, "", "", apiInfo, 100},
		{"mute in Private", chat.Mute, chat.Private, "", "", 0},
		{"mute in Public", chat.Mute, chat.Public, "", apiForbid, 500},
		{"mute in AVChatRoom, where removal is a ban", chat.Mute, chat.AVChatRoom, RemovalBan, apiForbid, 500},
		{"mute in a group of unknown type", chat.Mute, "", "", apiForbid, 500},
		{"dissolve", chat.Dissolve, chat.Public, "", apiDestroy, 1},
		{"lockdown", chat.Lockdown, chat.Public, "", "", 0},
		{"recall of a message without a number", chat.Recall, chat.Public, "", "", 0},
		{"warn in Public", chat.Warn, chat.Public, "", apiSend, 1},
		{"warn in AVChatRoom", chat.Warn, chat.AVChatRoom, "", apiSend, 1},
		{"warn in a group of unknown type", chat.Warn, "", "", apiSend, 1},
		{"unmute in Public", chat.Unmute, chat.Public, "", apiForbid, 500},
		{"unmute in AVChatRoom, where removal is a ban", chat.Unmute, chat.AVChatRoom, RemovalBan, apiForbid, 500},
		{"readmit to Private", chat.Readmit, chat.Private, "", apiAdd, 100},
		{"readmit to AVChatRoom", chat.Readmit, chat.AVChatRoom, "", apiForbid, 500},
		{"readmit to AVChatRoom by ban", chat.Readmit, chat.AVChatRoom, RemovalBan, apiUnban, 20},
		{"readmit to a group of unknown type", chat.Readmit, "", "", apiInfo, 100},
		{"block is no call", chat.Block, chat.Public, "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(c *SenderConfig, _ *fake) { c.LiveRoomRemoval = tt.live })
			route, err := r.s.Route(act(tt.kind, tt.typ, "u"))
			if tt.api == "" {
				if err == nil {
					t.Errorf("routed to %+v", route)
				}
				return
			}
			if err != nil || route.API != tt.api || route.Max != tt.max || route.Rate != 200 {
				t.Errorf("got %+v, %v", route, err)
			}
		})
	}
}

func TestRouteRefusesStrangers(t *testing.T) {
	r := newRig(t, nil)
	a := act(chat.Remove, chat.Public, "u")
	a.Group.Account = "1"
	if _, err := r.s.Route(a); err == nil {
		t.Error("an action of another account is routed")
	}
	if _, err := r.s.Route(act(chat.Remove, chat.Public, "")); err == nil {
		t.Error("a removal of nobody is routed")
	}
}

// TestRouteMerges checks that actions share a call exactly when one call can say what they want.
func TestRouteMerges(t *testing.T) {
	r := newRig(t, nil)
	at := testReceived.Add(time.Minute)
	tests := []struct {
		name   string
		typ    chat.GroupType
		change func(*chat.Intent)
		same   bool
	}{
		{"kick, another reason", chat.Public, func(i *chat.Intent) { i.Reason = "x" }, false},
		{"kick, silent", chat.Public, func(i *chat.Intent) { i.Silent = true }, false},
		{"kick, another end", chat.Public, func(i *chat.Intent) { i.Until = at.Add(time.Hour) }, true},
		{"kick, another rule", chat.Public, func(i *chat.Intent) { i.Rule = "other" }, true},
		{"live room, another end", chat.AVChatRoom, func(i *chat.Intent) { i.Until = at.Add(time.Hour) }, false},
		{"live room, for ever", chat.AVChatRoom, func(i *chat.Intent) { i.Until = time.Time{} }, false},
		{"live room, same second", chat.AVChatRoom, func(i *chat.Intent) { i.Until = at.Add(-time.Millisecond) }, true},
		{"live room, another reason", chat.AVChatRoom, func(i *chat.Intent) { i.Reason = "x" }, true},
		{"unknown type, another reason", "", func(i *chat.Intent) { i.Reason = "x" }, false},
		{"readmission", chat.Public, func(i *chat.Intent) { i.Kind = chat.Readmit }, false},
		{"readmission to a live room", chat.AVChatRoom, func(i *chat.Intent) { i.Kind = chat.Readmit }, false},
		{"readmission, unknown type", "", func(i *chat.Intent) { i.Kind = chat.Readmit }, false},
		{"unknown type, another end", "", func(i *chat.Intent) { i.Until = at.Add(time.Hour) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := act(chat.Remove, tt.typ, "u")
			a.Intent.Until = at
			b := a
			tt.change(&b.Intent)
			if ra, rb := mustRoute(t, r.s, a), mustRoute(t, r.s, b); (ra == rb) != tt.same {
				t.Errorf("%+v and %+v, want the same: %v", ra, rb, tt.same)
			}
		})
	}
}

func mustRoute(t *testing.T, s *Sender, a chat.Action) actions.Route {
	t.Helper()
	route, err := s.Route(a)
	if err != nil {
		t.Fatal(err)
	}
	return route
}

func TestReasonIsCutOnACharacter(t *testing.T) {
	a := act(chat.Remove, chat.Public, "u")
	a.Intent.Reason = strings.Repeat("禁", 400)
	if got := reason(a); len(got) != 999 || !utf8.ValidString(got) {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestResolveEndpoint(t *testing.T) {
	for in, want := range map[string]string{
		"china": "https://console.tim.qq.com", "Singapore": "https://adminapisgp.im.qcloud.com",
		"https://x.example/": "https://x.example", "http://127.0.0.1:8099": "http://127.0.0.1:8099",
		"mars": "", "": "", "ftp://x.example": "", "https://": "", "https://u:p@x.example": "", "https://x.example?a=b": "",
	} {
		if got, err := ResolveEndpoint(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	if len(regions()) != 7 {
		t.Errorf("%d regions", len(regions()))
	}
}

func TestNewSenderRefusesBadSettings(t *testing.T) {
	good := SenderConfig{SDKAppID: testAppID, Identifier: testAdmin, Key: vectorKey}
	for name, spoil := range map[string]func(*SenderConfig){
		"app":      func(c *SenderConfig) { c.SDKAppID = "x" },
		"key":      func(c *SenderConfig) { c.Key = "" },
		"endpoint": func(c *SenderConfig) { c.Endpoint = "mars" },
		"live":     func(c *SenderConfig) { c.LiveRoomRemoval = "kick" },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := NewSender(cfg, nil, actions.Gate{}, time.Now); err == nil || strings.Contains(err.Error(), vectorKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSender(good, nil, actions.Gate{}, time.Now); err != nil {
		t.Error(err)
	}
}
