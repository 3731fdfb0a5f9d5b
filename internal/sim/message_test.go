package sim

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const words = `"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]`

func list(numbers ...int) string {
	var out []string
	for _, n := range numbers {
		out = append(out, fmt.Sprintf(`{"MsgSeq":%d}`, n))
	}
	return `"MsgSeqList":[` + strings.Join(out, ",") + "]"
}

func TestMessageCallsCheckTheirParameters(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Owner: "o", Members: []string{"a"}},
		Group{Provider: Tencent, ID: "@TGS#_c", Type: Community, Owner: "o", Members: []string{"a"}})
	for _, tt := range []struct {
		name, command, rest string
		want                int
	}{
		{"sent", "send_group_msg", `"Random":1,` + words, 0},
		{"no Random", "send_group_msg", words, badParameter},
		{"Random over 32 bits", "send_group_msg", `"Random":4294967296,` + words, badParameter},
		{"no elements", "send_group_msg", `"Random":1,"MsgBody":[]`, badParameter},
		{"an empty text", "send_group_msg", `"Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":""}}]`, badParameter},
		{"an element of no known type", "send_group_msg", `"Random":1,"MsgBody":[{"MsgType":"Text","MsgContent":{"Text":"x"}}]`, badParameter},
		{"a content of another spelling", "send_group_msg", `"Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Words":"x"}}]`, badParameter},
		{"13 KB", "send_group_msg", `"Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"` + strings.Repeat("x", 13<<10) + `"}}]`, tooLong},
		{"a sender who does not exist", "send_group_msg", `"Random":1,"From_Account":"nobody",` + words, notImported},
		{"the admin as sender", "send_group_msg", `"Random":2,"From_Account":"administrator",` + words, 0},
		{"a member as sender", "send_group_msg", `"Random":3,"From_Account":"a",` + words, 0},
		{"a priority that does not exist", "send_group_msg", `"Random":1,"MsgPriority":"high",` + words, badParameter},
		{"a callback that does not exist", "send_group_msg", `"Random":1,"ForbidCallbackControl":["ForbidAll"],` + words, badParameter},
		{"a topic in a group without topics", "send_group_msg", `"Random":1,"TopicId":"g@TOPIC#_1",` + words, badTopic},
		{"an unknown key", "send_group_msg", `"Random":1,"Text":"x",` + words, badParameter},
		{"no messages", "group_msg_recall", list(), badParameter},
		{"11 messages", "group_msg_recall", list(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), tooMany},
		{"10 messages", "group_msg_recall", list(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0},
		{"a message twice", "group_msg_recall", list(1, 2, 1), badParameter},
		{"message 0", "group_msg_recall", list(0), badParameter},
		{"a number as text", "group_msg_recall", `"MsgSeqList":[{"MsgSeq":"1"}]`, badParameter},
		{"bare numbers", "group_msg_recall", `"MsgSeqList":[1]`, badParameter},
		{"recall in a topic that cannot be", "group_msg_recall", `"TopicId":"x",` + list(1), badTopic},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := b.code(tt.command, `{"GroupId":"g",`+tt.rest+`}`); got != tt.want {
				t.Errorf("code %d, want %d", got, tt.want)
			}
		})
	}
	if kept := b.world.Messages("g"); len(kept) != 3 || kept[1].Member != "administrator" || kept[2].Member != "a" {
		t.Errorf("kept %+v", kept)
	}
}

func TestTheSameMessageSentTwiceIsOne(t *testing.T) {
	now := time.Unix(1732060810, 0)
	b := start(t, Options{Now: func() time.Time { return now }})
	got := b.add(public()).listen(accept)
	send := func(random int, text string) any {
		return b.tencent("send_group_msg", fmt.Sprintf(`{"GroupId":"@TGS#1","Random":%d,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%q}}],`+
			`"ForbidCallbackControl":["ForbidBeforeSendMsgCallback","ForbidAfterSendMsgCallback"]}`, random, text))["MsgSeq"]
	}
	first := send(7, "hi")
	if send(7, "hi") != first || send(8, "hi") == first || send(7, "ho") == first || len(b.world.Messages("@TGS#1")) != 3 {
		t.Errorf("messages %+v", b.world.Messages("@TGS#1"))
	}
	now = now.Add(5 * time.Minute)
	if send(7, "hi") == first {
		t.Error("one message after five minutes still")
	}
	if all := b.idle(got); len(all) != 0 {
		t.Errorf("webhooks %v although both are forbidden", commandsOf(all))
	}
}

func TestOnlyTheForbiddenWebhooksAreKeptBack(t *testing.T) {
	for off, want := range map[string][]string{
		``: {beforeSend, afterSend},
		`"ForbidCallbackControl":["ForbidBeforeSendMsgCallback"],`:                              {afterSend},
		`"ForbidCallbackControl":["ForbidAfterSendMsgCallback"],`:                               {beforeSend},
		`"ForbidCallbackControl":["ForbidBeforeSendMsgCallback","ForbidAfterSendMsgCallback"],`: nil,
	} {
		b := start(t, Options{})
		got := b.add(public()).listen(accept)
		b.code("send_group_msg", `{"GroupId":"@TGS#1","Random":1,`+off+words+`}`)
		if all := b.idle(got); !slices.Equal(commandsOf(all), want) {
			t.Errorf("%s: webhooks %v, want %v", off, commandsOf(all), want)
		}
	}
}

func retCodes(answer map[string]any) (codes []float64) {
	for _, e := range answer["RecallRetList"].([]any) {
		codes = append(codes, e.(map[string]any)["RetCode"].(float64))
	}
	return codes
}

func TestTopicsNumberTheirOwnMessages(t *testing.T) {
	b := start(t, Options{})
	c := Group{Provider: Tencent, ID: "@TGS#_c", Type: Community, Owner: "o", Members: []string{"a"}}
	got := b.add(c, public()).listen(accept)
	const topic = "@TGS#_c@TOPIC#_1"
	for _, in := range []string{"", topic, topic} {
		if _, err := b.world.Post(Message{Group: c.ID, Topic: in, Member: "a", Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	for _, p := range b.idle(got) {
		told = append(told, fmt.Sprint(p.field(t, "TopicId"), " ", p.field(t, "MsgSeq")))
	}
	slices.Sort(told)
	if want := []string{"<nil> 1", "<nil> <nil>", topic + " 1", topic + " 2", topic + " <nil>", topic + " <nil>"}; !slices.Equal(told, want) {
		t.Errorf("webhooks say %q, want %q", told, want)
	}
	if codes := retCodes(b.tencent("group_msg_recall", `{"GroupId":"@TGS#_c","TopicId":"`+topic+`",`+list(1)+`}`)); !slices.Equal(codes, []float64{0}) {
		t.Errorf("recall in the topic: %v", codes)
	}
	if codes := retCodes(b.tencent("group_msg_recall", `{"GroupId":"@TGS#_c",`+list(2)+`}`)); !slices.Equal(codes, []float64{messageGone}) {
		t.Errorf("recall beside the topic: %v", codes)
	}
	var recalled []bool
	for _, m := range b.world.Messages(c.ID) {
		recalled = append(recalled, m.Recalled)
	}
	if !slices.Equal(recalled, []bool{false, true, false}) {
		t.Errorf("recalled %v", recalled)
	}
	if _, err := b.world.Post(Message{Group: "@TGS#1", Topic: topic, Member: "a", Text: "x"}); err == nil {
		t.Error("a Public group has a topic")
	}
}

func TestRecallsAreWatched(t *testing.T) {
	now := time.Unix(1732060810, 0)
	b := start(t, Options{Now: func() time.Time { return now }})
	b.add(Group{Provider: Tencent, ID: "live", Type: AVChatRoom, Owner: "o", Members: []string{"a"}})
	for _, m := range []string{"a", "o"} {
		if _, err := b.world.Say("live", m, "x"); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(time.Hour)
	if codes := retCodes(b.tencent("group_msg_recall", `{"GroupId":"live",`+list(1, 2, 3)+`}`)); !slices.Equal(codes, []float64{0, 0, messageGone}) {
		t.Errorf("codes %v", codes)
	}
	if v := b.Violations(); v != (Violations{StaffRecalls: 1}) || !slices.Equal(b.MembersPerCall("group_msg_recall"), []int{3}) {
		t.Errorf("violations %+v, messages per call %v", v, b.MembersPerCall("group_msg_recall"))
	}
	now = now.Add(time.Second)
	if codes := retCodes(b.tencent("group_msg_recall", `{"GroupId":"live",`+list(1)+`}`)); !slices.Equal(codes, []float64{messageOld}) {
		t.Errorf("after an hour: %v", codes)
	}
}

func TestWhatsAppTakesTextsForADay(t *testing.T) {
	now := time.Unix(1732060810, 0)
	b := start(t, Options{Now: func() time.Time { return now }, CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	send := func(change url.Values) string {
		r := b.cams("SendChatappMessage", nil)
		q := url.Values{"CustSpaceId": {b.options.CAMS.CustSpaceID}, "ChannelType": {"whatsapp"}, "Type": {"message"}, "MessageType": {"text"},
			"From": {b.options.CAMS.BusinessNumber}, "To": {"wa"}, "RecipientType": {"group"}, "Content": {`{"text":"please stop"}`}}
		for k, v := range change {
			q[k] = v
		}
		r.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
		_, a, _ := b.do(b.signed(r, usual))
		return a["Code"].(string)
	}
	if got := send(nil); got != codeReengage {
		t.Errorf("before anybody wrote: %s", got)
	}
	if _, err := b.world.Say("wa", "15550100001", "hello"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change url.Values
		want   string
	}{
		{"said", nil, "OK"},
		{"channel in capitals", url.Values{"ChannelType": {"WHATSAPP"}}, codeChannel},
		{"another number", url.Values{"From": {"15550100098"}}, codeNumber},
		{"a plus sign", url.Values{"From": {"+15550100099"}}, codeDigits},
		{"an image", url.Values{"MessageType": {"image"}}, codeMessage},
		{"a bare text", url.Values{"Content": {"please stop"}}, codeContent},
		{"an empty text", url.Values{"Content": {`{"text":""}`}}, codeContent},
		{"another key", url.Values{"Content": {`{"body":"x"}`}}, codeContent},
		{"4,097 characters", url.Values{"Content": {`{"text":"` + strings.Repeat("界", 4097) + `"}`}}, codeContent},
		{"a group that does not exist", url.Values{"To": {"x"}}, codeNoGroup},
		{"a group as an individual", url.Values{"RecipientType": {"individual"}}, codeNumber},
		{"a recipient of no known type", url.Values{"RecipientType": {"Group"}}, codeInvalid},
		{"the parameters of group operations", url.Values{"BusinessNumber": {"15550100099"}}, codeInvalid},
		{"another channel", url.Values{"CustSpaceId": {"cams-other"}}, codeNoAuth},
	} {
		if got := send(tt.change); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if kept := b.world.Messages("wa"); len(kept) != 2 || kept[1].Text != "please stop" || kept[1].Member != b.options.CAMS.BusinessNumber {
		t.Errorf("kept %+v", kept)
	}
	if now = now.Add(24*time.Hour + time.Second); send(nil) != codeReengage {
		t.Error("still said a day after the last message")
	}
}
