package tencent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// plainBody is how one would decode a text message with encoding/json alone.
type plainBody struct {
	CallbackCommand string
	GroupID         string `json:"GroupId"`
	Type            string
	From            string `json:"From_Account"`
	Operator        string `json:"Operator_Account"`
	Random          json.Number
	MsgBody         []struct {
		MsgType    string
		MsgContent struct{ Text, Data, Desc, Ext, FileName string }
	}
	CloudCustomData string
	TopicID         string `json:"TopicId"`
	EventTime       int64
}

func plainDecode(body []byte) (chat.Delivery, error) {
	var b plainBody
	if err := json.Unmarshal(body, &b); err != nil {
		return chat.Delivery{}, err
	}
	ev := chat.Event{
		At: time.UnixMilli(b.EventTime), Kind: chat.Message, Member: chat.MemberID(b.From),
		Group: chat.Group{Provider: chat.Tencent, ID: chat.GroupID(b.GroupID)}, GroupType: chat.GroupType(b.Type),
		ID: chat.EventID("m:" + b.From + ":" + b.Random.String()),
	}
	for _, el := range b.MsgBody {
		ev.Text += el.MsgContent.Text
	}
	return chat.Delivery{Name: nameMessage, Events: []chat.Event{ev}}, nil
}

// BenchmarkDecode reports Decode and encoding/json side by side, and their ratio.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{
		"group_before_send_text_public.json", "group_before_send_text_avchatroom.json", "group_before_send_multi_elem_chatroom.json",
		"group_after_send_text_avchatroom.json",
	} {
		body, w := samples(b)[name], testWebhook()
		var own, ref time.Duration
		b.Run(name+"/own", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := w.Decode(nil, body, testReceived); err != nil {
					b.Fatal(err)
				}
			}
			own = b.Elapsed() / time.Duration(b.N)
		})
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := plainDecode(body); err != nil {
					b.Fatal(err)
				}
			}
			ref = b.Elapsed() / time.Duration(b.N)
			if own > 0 {
				b.ReportMetric(float64(own)/float64(ref), "own/json")
			}
		})
	}
}
