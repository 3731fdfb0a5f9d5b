package sim

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestHookSignVector(t *testing.T) {
	for _, tt := range []struct{ token, at, want string }{
		{"xxxxyyyy", "1669872112", "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"},
		{"sample-webhook-token", "1732060810", "2a7b36dac93f951c4f286a791502bd0de8bed05670f956c3739d446e7de620a3"},
	} {
		if got := HookSign(tt.token, tt.at); got != tt.want {
			t.Errorf("token %q at %s: %s, want %s", tt.token, tt.at, got, tt.want)
		}
	}
}

func commandsOf(all []push) []string {
	var out []string
	for _, p := range all {
		out = append(out, p.query.Get("CallbackCommand"))
	}
	return out
}

func public() Group {
	return Group{Provider: Tencent, ID: "@TGS#1", Type: Public, Owner: "o", Members: []string{"a", "b"}}
}

func TestMessageIsAskedAndToldWithOneIdentity(t *testing.T) {
	now := time.Unix(1732060810, 137e6)
	b := start(t, Options{Now: func() time.Time { return now }, Tencent: TencentOptions{WebhookToken: "sample-webhook-token"}})
	got := b.add(public()).listen(accept)
	said, err := b.world.Say("@TGS#1", "a", "hello")
	if err != nil || !said.Delivered {
		t.Fatalf("said %+v, %v", said, err)
	}
	all := b.idle(got)
	if want := []string{beforeSend, afterSend}; !slices.Equal(commandsOf(all), want) {
		t.Fatalf("webhooks %v, want %v", commandsOf(all), want)
	}
	for _, p := range all {
		if p.path != "/webhook/tencent" || p.query.Get("SdkAppid") != "1400000000" || p.query.Get("contenttype") != "json" || p.query.Get("OptPlatform") == "" {
			t.Errorf("%s?%s", p.path, p.query.Encode())
		}
		if p.query.Get("Sign") != "2a7b36dac93f951c4f286a791502bd0de8bed05670f956c3739d446e7de620a3" || p.query.Get("RequestTime") != "1732060810" {
			t.Errorf("signed by %s at %s", p.query.Get("Sign"), p.query.Get("RequestTime"))
		}
		if p.field(t, "CallbackCommand") != p.query.Get("CallbackCommand") || p.field(t, "Random") != float64(said.Random) || p.field(t, "MsgId") != said.ID ||
			p.field(t, "From_Account") != "a" || p.field(t, "EventTime") != 1732060810137.0 || p.field(t, "Type") != Public {
			t.Errorf("body %s", p.body)
		}
	}
	if all[0].field(t, "MsgSeq") != nil || all[1].field(t, "MsgSeq") != 1.0 {
		t.Error("a message has its number after it was sent, and not before")
	}
}

func TestBotsAnswerDecides(t *testing.T) {
	for _, tt := range []struct {
		name      string
		status    int
		answer    string
		block     bool // on failure
		code      int
		delivered bool
	}{
		{"allowed", 200, fine, false, 0, true},
		{"refused", 200, `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}`, false, 10016, false},
		{"refused with a text", 200, `{"ActionStatus":"OK","ErrorCode":10123,"ErrorInfo":"no"}`, false, 10123, false},
		{"dropped", 200, `{"ActionStatus":"OK","ErrorCode":2,"ErrorInfo":""}`, false, 0, false},
		{"a code out of range", 200, `{"ActionStatus":"OK","ErrorCode":10201,"ErrorInfo":""}`, false, 0, true},
		{"failed", 503, fine, false, 0, true},
		{"not JSON", 200, "oops", false, 0, true},
		{"failed, and failures block", 503, fine, true, 80003, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t, Options{Tencent: TencentOptions{BlockOnFailure: tt.block, HooksOff: []string{afterSend}}})
			b.add(public()).listen(func(int, push) (int, string) { return tt.status, tt.answer })
			said, err := b.world.Say("@TGS#1", "a", "hello")
			if said.Delivered != tt.delivered || said.Code != tt.code || (err != nil) != (tt.code != 0) || err != nil && !errors.Is(err, ErrRefused) {
				t.Errorf("said %+v, %v", said, err)
			}
			if got := len(b.world.Messages("@TGS#1")) == 1; got != tt.delivered {
				t.Errorf("in the group: %v, want %v", got, tt.delivered)
			}
		})
	}
}

func TestSilentBotLetsMessagesPassAfterItsTime(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{HookTimeout: 30 * time.Millisecond, HookRetries: []time.Duration{0}}})
	release := make(chan struct{})
	got := b.add(public()).listen(func(n int, _ push) (int, string) {
		if n < 2 { // the question, and the first report
			<-release
		}
		return 200, fine
	})
	defer close(release)
	said, err := b.world.Say("@TGS#1", "a", "hello")
	if err != nil || !said.Delivered {
		t.Fatalf("said %+v, %v", said, err)
	}
	if all, want := b.idle(got), []string{beforeSend, afterSend, afterSend}; !slices.Equal(commandsOf(all), want) {
		t.Errorf("webhooks %v, want %v: a question is never repeated, a report is", commandsOf(all), want)
	}
	if c := b.HookCounts(); c.Sent != 3 || c.Failed != 2 || c.Retried != 1 || c.Lost != 0 {
		t.Errorf("counts %+v", c)
	}
}

func TestReportsAreRepeatedOnlyOnTimeout(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{HookRetries: []time.Duration{0, 0}, HooksOff: []string{beforeSend}}})
	got := b.add(public()).listen(func(int, push) (int, string) { return 500, fine })
	if _, err := b.world.Say("@TGS#1", "a", "hello"); err != nil {
		t.Fatal(err)
	}
	if all := b.idle(got); len(all) != 1 || b.HookCounts().Lost != 1 {
		t.Errorf("%d webhooks, %+v", len(all), b.HookCounts())
	}
}

func TestMembershipWebhooks(t *testing.T) {
	b := start(t, Options{})
	live := Group{Provider: Tencent, ID: "live", Type: AVChatRoom, Owner: "o"}
	work := Group{Provider: Tencent, ID: "work", Type: Private, Owner: "o", Members: []string{"a"}}
	got := b.add(public(), live, work).listen(accept)
	for _, tt := range []struct {
		name   string
		do     func() error
		want   []string
		fields []string // the keys of the last body
	}{
		{"apply", func() error { return b.world.Join("@TGS#1", "n1") }, []string{beforeApply, afterJoin},
			[]string{"CallbackCommand", "EventTime", "GroupId", "JoinType", "NewMemberList", "Operator_Account", "Type"}},
		{"invite several", func() error { return b.world.Arrive(Arrival{Group: "work", Members: []string{"x", "y"}, Inviter: "a"}) },
			[]string{beforeInvite, afterJoin}, []string{"CallbackCommand", "EventTime", "GroupId", "JoinType", "NewMemberList", "Operator_Account", "Type"}},
		{"live room", func() error { return b.world.Join("live", "v") }, []string{beforeApply, afterJoin, stateChange},
			[]string{"CallbackCommand", "EventCause", "EventTime", "EventType", "GroupId", "MemberList"}},
		{"quit", func() error { return b.world.Leave("@TGS#1", "n1") }, []string{afterExit},
			[]string{"CallbackCommand", "EventTime", "ExitMemberList", "ExitType", "GroupId", "Operator_Account", "Type"}},
		{"kick", func() error {
			b.code("delete_group_member", `{"GroupId":"@TGS#1","MemberToDel_Account":["a","b","stranger"]}`)
			return nil
		}, []string{afterExit}, []string{"CallbackCommand", "EventTime", "ExitMemberList", "ExitType", "GroupId", "Operator_Account", "Type"}},
		{"kick of nobody", func() error {
			b.code("delete_group_member", `{"GroupId":"@TGS#1","MemberToDel_Account":["stranger"]}`)
			return nil
		}, nil, nil},
		{"bot's own message", func() error {
			b.code("send_group_msg", `{"GroupId":"@TGS#1","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],`+
				`"ForbidCallbackControl":["ForbidBeforeSendMsgCallback","ForbidAfterSendMsgCallback"]}`)
			return nil
		}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.do(); err != nil {
				t.Fatal(err)
			}
			all := b.idle(got)
			if !slices.Equal(commandsOf(all), tt.want) {
				t.Fatalf("webhooks %v, want %v", commandsOf(all), tt.want)
			}
			if len(all) == 0 {
				return
			}
			var body map[string]any
			if err := json.Unmarshal(all[len(all)-1].body, &body); err != nil {
				t.Fatal(err)
			}
			var keys []string
			for k := range body {
				keys = append(keys, k)
			}
			if slices.Sort(keys); !slices.Equal(keys, tt.fields) {
				t.Errorf("keys %v, want %v", keys, tt.fields)
			}
			if list, ok := body["ExitMemberList"].([]any); ok && body["ExitType"] == "Kicked" && (len(list) != 2 || body["Operator_Account"] != "administrator") {
				t.Errorf("body %v", body)
			}
		})
	}
}

func TestBotRefusesSomeOfTheInvited(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Private, Owner: "o"}).listen(func(int, push) (int, string) {
		return 200, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RefusedMembers_Account":["bad"]}`
	})
	if err := b.world.Arrive(Arrival{Group: "g", Members: []string{"good", "bad"}, Inviter: "o"}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.world.Members("g"), []string{"o", "good"}; !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
}

func TestBotRefusesAnApplicant(t *testing.T) {
	b := start(t, Options{})
	b.add(public()).listen(func(int, push) (int, string) { return 200, `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}` })
	if err := b.world.Join("@TGS#1", "x"); !errors.Is(err, ErrRefused) || b.world.Has("@TGS#1", "x") {
		t.Errorf("joined with %v", err)
	}
}

func TestEventTimeForms(t *testing.T) {
	at := time.UnixMilli(1732060810137)
	for _, tt := range []struct {
		o    TencentOptions
		want any
	}{
		{TencentOptions{}, 1732060810137.0},
		{TencentOptions{EventTimeAsText: true}, "1732060810137"},
		{TencentOptions{EventTimeMissing: true}, nil},
	} {
		b := start(t, Options{Tencent: tt.o})
		got := b.add(public()).listen(accept)
		if _, err := b.world.Post(Message{Group: "@TGS#1", Member: "a", Text: "x", At: at}); err != nil {
			t.Fatal(err)
		}
		if v := b.idle(got)[0].field(t, "EventTime"); v != tt.want {
			t.Errorf("EventTime %v, want %v", v, tt.want)
		}
	}
}

func TestOneGroupsWebhooksKeepTheirOrder(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{HooksOff: []string{beforeSend}}})
	got := b.add(public()).listen(accept)
	for range 50 {
		if _, err := b.world.Say("@TGS#1", "a", "x"); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range b.idle(got) {
		if p.field(t, "MsgSeq") != float64(i+1) {
			t.Fatalf("webhook %d reports message %v", i+1, p.field(t, "MsgSeq"))
		}
	}
}

func TestRepeatSendsTheSameReportAgain(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{HooksOff: []string{beforeSend}}})
	got := b.add(public()).listen(accept)
	if _, err := b.world.Post(Message{Group: "@TGS#1", Member: "a", Text: "x", Repeat: 5}); err != nil {
		t.Fatal(err)
	}
	all := b.idle(got)
	if len(all) != 5 {
		t.Fatalf("%d webhooks, want 5", len(all))
	}
	for _, p := range all[1:] {
		if string(p.body) != string(all[0].body) {
			t.Errorf("bodies differ: %s and %s", p.body, all[0].body)
		}
	}
}

func TestNothingIsSentAfterClose(t *testing.T) {
	b := start(t, Options{})
	b.add(public()).listen(accept)
	b.Close()
	if err := b.world.Leave("@TGS#1", "a"); !errors.Is(err, errClosed) {
		t.Errorf("error %v, want %v", err, errClosed)
	}
}
