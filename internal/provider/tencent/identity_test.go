package tencent

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestTimes(t *testing.T) {
	ms, s := time.UnixMilli(1732060810137).UTC(), time.Unix(1732060810, 0).UTC()
	tests := []struct {
		name, fields string
		want         time.Time
	}{
		{"number", `,"EventTime":1732060810137,"MsgTime":5`, ms},
		{"string", `,"EventTime":"1732060810137"`, ms},
		{"absent, message time", `,"MsgTime":1732060810`, s},
		{"absent", ``, testReceived},
		{"null", `,"EventTime":null,"MsgTime":1732060810`, s},
		{"zero", `,"EventTime":0,"MsgTime":1732060810`, s},
		{"seconds by mistake", `,"EventTime":1732060810`, testReceived},
		{"negative", `,"EventTime":-1732060810137`, testReceived},
		{"a fraction", `,"EventTime":1732060810137.5,"MsgTime":1732060810`, s},
		{"ahead of us", `,"EventTime":1932060810137`, testReceived},
		{"overflow", `,"EventTime":99999999999999999999`, testReceived},
		{"message time ahead of us", `,"MsgTime":1932060810`, testReceived},
		{"message time before the millennium", `,"MsgTime":946684799`, testReceived},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeOne(t, message(tt.fields)).At; !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMessageIdentity(t *testing.T) {
	after := decodeOne(t, message(`,"MsgSeq":7,"MsgId":"x"`))
	before := decodeOne(t, []byte(`{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"g","From_Account":"u","Random":"1"}`))
	if after.ID != "m:u:1" || before.ID != after.ID {
		t.Errorf("%q before, %q after", before.ID, after.ID)
	}
	without := func(more string) chat.EventID {
		return decodeOne(t, []byte(strings.Replace(string(message(more)), `,"Random":1`, "", 1))).ID
	}
	if got := without(`,"MsgSeq":7,"MsgId":"x"`); got != "mi:u:x" {
		t.Error(got)
	}
	if got := without(`,"MsgSeq":7`); got != "mq:u:7" {
		t.Error(got)
	}
	if a, b := without(`,"MsgBody":[]`), without(""); a == b || a != without(`,"MsgBody":[]`) || !strings.HasPrefix(string(a), "mh:u:") {
		t.Error(a, b)
	}
}

func TestTrust(t *testing.T) {
	for fields, want := range map[string]bool{
		``: false, `,"Operator_Account":"u"`: false, `,"Operator_Account":""`: false, `,"Operator_Account":"root"`: true,
	} {
		if got := decodeOne(t, message(fields)).Trusted; got != want {
			t.Errorf("%s: %v", fields, got)
		}
	}
	own := strings.Replace(string(message("")), `"u"`, `"administrator"`, 1)
	if !decodeOne(t, []byte(own)).Trusted {
		t.Error("our own message is not trusted")
	}
	join := `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g","Operator_Account":"administrator","NewMemberList":[{"Member_Account":"M"}]}`
	if decodeOne(t, []byte(join)).Trusted || !decodeOne(t, []byte(strings.Replace(join, `"M"`, `"administrator"`, 1))).Trusted {
		t.Error("trust in a join is not the member's")
	}
}

func TestGroupTypes(t *testing.T) {
	for wire, want := range map[string]chat.GroupType{
		"Private": chat.Private, "Work": chat.Private, "Public": chat.Public, "ChatRoom": chat.ChatRoom, "Meeting": chat.ChatRoom,
		"AVChatRoom": chat.AVChatRoom, "Community": chat.Community, "Live": chat.Live, "BChatRoom": "", "": "",
	} {
		if got := decodeOne(t, message(`,"Type":"`+wire+`"`)).GroupType; got != want {
			t.Errorf("%s: %q, want %q", wire, got, want)
		}
	}
}

func TestStateChanges(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"Online", "Join"}: nameJoin, {"Offline", "Quit"}: nameLeave,
		{"Offline", "HeartbeatInterrupt"}: nameIgnored, {"Online", "HeartbeatRecover"}: nameIgnored,
	} {
		body := `{"CallbackCommand":"Group.CallbackOnMemberStateChange","GroupId":"g","EventType":"` + change[0] +
			`","EventCause":"` + change[1] + `","MemberList":[{"Member_Account":"a"}]}`
		compare(t, []byte(body))
		d, err := testWebhook().Decode(nil, []byte(body), testReceived)
		if err != nil || d.Name != want || (len(d.Events) == 1) != (want != nameIgnored) {
			t.Errorf("%v: %+v, %v", change, d, err)
		}
	}
}

func TestJoinsWithoutATimeAreKnownForAMinute(t *testing.T) {
	body := []byte(`{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g","NewMemberList":[{"Member_Account":"a"}]}`)
	id := func(after time.Duration) chat.EventID {
		d, err := testWebhook().Decode(nil, body, testReceived.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return d.Events[0].ID
	}
	if id(0) != id(59*time.Second) || id(0) == id(time.Minute) {
		t.Error(id(0), id(59*time.Second), id(time.Minute))
	}
}
