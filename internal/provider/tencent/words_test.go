package tencent

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// message builds a body of an AfterSendMsg from more fields in JSON.
func message(more string) []byte {
	return []byte(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","From_Account":"u","Random":1` + more + `}`)
}

func element(typ, content string) string {
	return `,"MsgBody":[{"MsgType":"` + typ + `","MsgContent":` + content + `}]`
}

func quote(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func decodeOne(t *testing.T, body []byte) chat.Event {
	t.Helper()
	compare(t, body)
	d, err := testWebhook().Decode(nil, body, testReceived)
	if err != nil || len(d.Events) != 1 {
		t.Fatalf("%d events, %v of %s", len(d.Events), err, body)
	}
	return d.Events[0]
}

func TestTextOfDocuments(t *testing.T) {
	tests := []struct{ name, doc, data, cloud string }{
		{"plain", "hello", "hello", "hello"},
		{"values, not keys", `{"a":"x","b":["y",5,true,{"c":"z"}]}`, "x\ny\nz", "x\ny\nz"},
		{"a string in a string", `"x"`, "x", "x"},
		{"broken JSON", `{"a":"x"`, `{"a":"x"`, `{"a":"x"`},
		{"two documents", `{"a":"x"}{}`, `{"a":"x"}{}`, `{"a":"x"}{}`},
		{"a bracket that is no JSON", `[Link] gift`, `[Link] gift`, `[Link] gift`},
		{"JSON in JSON", `{"a":"{\"b\":\"x\"}"}`, "x", "x"},
		{"a quoted message", `{"messageReply":{"messageAbstract":"spam"},"x":"own"}`, "spam\nown", "own"},
		{"quoted replies", `{"messageReplies":{"replies":[{"messageAbstract":"spam"}]}}`, "spam", ""},
		{"a quote spelled with an escape", `{"\u006dessageReply":{"messageAbstract":"spam"}}`, "spam", ""},
		{"a value that is called like a quote", `{"x":"messageReply","y":"z"}`, "messageReply\nz", "messageReply\nz"},
		{"nothing to read", `{"version":1}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := quote(t, tt.doc)
			if got := decodeOne(t, message(element("TIMCustomElem", `{"Data":`+q+`}`))).Text; got != tt.data {
				t.Errorf("Data: got %q, want %q", got, tt.data)
			}
			if got := decodeOne(t, message(`,"CloudCustomData":`+q)).Text; got != tt.cloud {
				t.Errorf("CloudCustomData: got %q, want %q", got, tt.cloud)
			}
		})
	}
}

func TestDocumentsInDocumentsEnd(t *testing.T) {
	doc := "x"
	for range maxDocument + 2 {
		doc = `[` + quote(t, doc) + `]`
	}
	want := `["[\"x\"]"]` // what is left when maxDocument levels have been read
	if got := decodeOne(t, message(`,"CloudCustomData":`+quote(t, doc))).Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// relay nests a text in merged messages.
func relay(levels int, text string) string {
	body := `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"` + text + `"}}]`
	for range levels {
		body = `[{"MsgType":"TIMRelayElem","MsgContent":{"MsgList":[{"From_Account":"a","MsgBody":` + body + `}]}}]`
	}
	return `,"MsgBody":` + body
}

func TestMergedMessagesAreReadToABound(t *testing.T) {
	for levels, want := range map[int]string{0: "deep", 1: "deep", maxRelay: "deep", maxRelay + 1: "", 150: ""} {
		ev := decodeOne(t, message(relay(levels, "deep")))
		if ev.Text != want || levels > 0 && len(ev.Media) != min(levels, maxRelay+1) {
			t.Errorf("%d levels: text %q, media %v", levels, ev.Text, ev.Media)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	long := strings.Repeat("禁", maxText/3-1)
	ev := decodeOne(t, message(element("TIMFileElem", `{"FileName":"`+long+`"}`)+`,"CloudCustomData":"赌博赌博"`))
	if len(ev.Text) > maxText || len(ev.Text) < maxText-3 || !utf8.ValidString(ev.Text) || strings.Contains(ev.Text, "\ufffd") {
		t.Errorf("%d bytes of text", len(ev.Text))
	}
	many := strings.TrimSuffix(strings.Repeat(`{"MsgType":"TIMFileElem","MsgContent":{"FileName":"a"}},`, maxListed+9), ",")
	mentions := strings.TrimSuffix(strings.Repeat(`{"GroupAt_Account":"a"},`, maxListed+9), ",")
	ev = decodeOne(t, message(`,"MsgBody":[`+many+`],"GroupAtInfo":[`+mentions+`]`))
	if len(ev.Media) != maxListed || len(ev.Files) != maxListed || len(ev.Mentions) != maxListed {
		t.Errorf("%d, %d, %d listed", len(ev.Media), len(ev.Files), len(ev.Mentions))
	}
}

// TestEventsOutliveTheBody checks that nothing of an event is part of a buffer that is used again.
func TestEventsOutliveTheBody(t *testing.T) {
	w := testWebhook()
	first := samples(t)["group_after_send_text_public_at.json"]
	want, err := w.Decode(nil, first, testReceived)
	if err != nil {
		t.Fatal(err)
	}
	body := append([]byte(nil), first...)
	got, err := w.Decode(nil, body, testReceived)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	for _, other := range samples(t) {
		if _, err := w.Decode(nil, other, testReceived); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDecodeAllocatesTwicePerTextMessage(t *testing.T) {
	w, body := testWebhook(), samples(t)["group_before_send_text_public.json"]
	if n := testing.AllocsPerRun(200, func() {
		if _, err := w.Decode(nil, body, testReceived); err != nil {
			t.Fatal(err)
		}
	}); n > 3 { // the race detector empties the pool at times
		t.Errorf("%v allocations, want 2", n)
	}
}

func TestFieldNamesAreFound(t *testing.T) {
	for i, n := range fieldNames() {
		if f, exact := findField(value{text: []byte(n), kind: '"'}); f != field(i) || !exact {
			t.Errorf("%s is found as %d", n, f)
		}
		if f, exact := findField(value{text: []byte(strings.ToLower(n)), kind: '"'}); f != field(i) || exact {
			t.Errorf("%s in lower case is found as %d", n, f)
		}
	}
}
