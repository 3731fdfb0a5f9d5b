package tencent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDecodeSamples compares all samples with testdata/events.golden: a line with file and delivery
// name, then one line per event.
func TestDecodeSamples(t *testing.T) {
	all := samples(t)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	var got bytes.Buffer
	for _, name := range names {
		d, err := testWebhook().Decode(nil, all[name], testReceived)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		fmt.Fprintf(&got, "%s %s\n", name, d.Name)
		for _, e := range d.Events {
			if e.At.IsZero() || !e.Received.Equal(testReceived) {
				t.Errorf("%s: times %v, %v", name, e.At, e.Received)
			}
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "  %s\n", b)
		}
	}
	want, err := os.ReadFile("testdata/events.golden")
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d differs; got all of:\n%s", i+1, got.String())
		}
	}
}

// oddBody is a body that is not among the samples, and what becomes of it.
type oddBody struct {
	name, body string
	refused    bool
}

func oddBodies() []oddBody {
	const msg = `{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","From_Account":"u","Random":1`
	const join = `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g","NewMemberList":[{"Member_Account":"a"}]`
	text := func(content string) string {
		return msg + `,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":` + content + `}]}`
	}
	deep := func(n int) string {
		return `{"CallbackCommand":"x","a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	return []oddBody{
		{"empty", ``, true},
		{"white space", " \n", true},
		{"an array", `[]`, true},
		{"a string", `"x"`, true},
		{"no command", `{}`, true},
		{"command is a number", `{"CallbackCommand":1}`, true},
		{"command twice", `{"CallbackCommand":"x","CallbackCommand":"x"}`, true},
		{"command in another case", `{"callbackCommand":"x"}`, true},
		{"command with a Kelvin sign", `{"Callbac\u212aCommand":"x"}`, true},
		{"command spelled with an escape", `{"\u0043allbackCommand":"x"}`, false},
		{"second document", `{"CallbackCommand":"x"}{}`, true},
		{"trailing NUL", `{"CallbackCommand":"x"}` + "\x00", true},
		{"trailing white space", `{"CallbackCommand":"x"}` + " \r\n\t", false},
		{"trailing comma", `{"CallbackCommand":"x",}`, true},
		{"comment", `{"CallbackCommand":"x"/**/}`, true},
		{"byte order mark", "\ufeff" + `{"CallbackCommand":"x"}`, true},
		{"leading zero", `{"CallbackCommand":"x","a":01}`, true},
		{"bare minus", `{"CallbackCommand":"x","a":-}`, true},
		{"all number forms", `{"CallbackCommand":"x","a":[-0,1.5,1e5,1E+5,1.0e-5]}`, false},
		{"number without fraction", `{"CallbackCommand":"x","a":1.}`, true},
		{"control character in a string", "{\"CallbackCommand\":\"x\",\"a\":\"\n\"}", true},
		{"bad escape", `{"CallbackCommand":"x","a":"\x41"}`, true},
		{"short unicode escape", `{"CallbackCommand":"x","a":"\u12"}`, true},
		{"deepest allowed", deep(maxDepth - 1), false},
		{"one level too deep", deep(maxDepth), true},
		{"unknown command with odd fields", `{"CallbackCommand":"x","GroupId":1,"groupid":2,"MsgBody":"?"}`, false},
		{"message without elements", msg + `}`, false},
		{"message with null elements", msg + `,"MsgBody":null}`, false},
		{"message before its command", `{"MsgBody":[{"MsgContent":{"Text":"hi"},"MsgType":"TIMTextElem"}],` + msg[1:] + `}`, false},
		{"no group", `{"CallbackCommand":"Group.CallbackAfterSendMsg","From_Account":"u"}`, true},
		{"empty group", strings.Replace(msg, `"g"`, `""`, 1) + `}`, true},
		{"no sender", `{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g"}`, true},
		{"sender is a number", strings.Replace(msg, `"u"`, `5`, 1) + `}`, true},
		{"sender with broken characters", strings.Replace(msg, `"u"`, "\"u\xff\"", 1) + `}`, true},
		{"sender with a lone surrogate", strings.Replace(msg, `"u"`, `"u\ud800"`, 1) + `}`, true},
		{"sender of 257 bytes", strings.Replace(msg, `"u"`, `"`+strings.Repeat("u", 257)+`"`, 1) + `}`, true},
		{"group twice", msg + `,"GroupId":"h"}`, true},
		{"group in another case", msg + `,"groupID":"h"}`, true},
		{"text in another case", text(`{"text":"x"}`), true},
		{"text twice", text(`{"Text":"x","Text":"y"}`), true},
		{"text is a number", text(`{"Text":5}`), true},
		{"text is null", text(`{"Text":null}`), false},
		{"content is a string", text(`"x"`), true},
		{"content is null", text(`null`), false},
		{"invalid UTF-8 becomes U+FFFD", text("{\"Text\":\"a\xff\xc3(\xe4\xb8\"}"), false},
		{"surrogates", text(`{"Text":"\ud83d\ude00\ud83dx\ude00\ud83d\u0041"}`), false},
		{"all escapes", text(`{"Text":"\"\\\/\b\f\n\r\t\u00e9"}`), false},
		{"element is a number", msg + `,"MsgBody":[5]}`, true},
		{"element without a type", msg + `,"MsgBody":[{"MsgContent":{}}]}`, true},
		{"element type twice", msg + `,"MsgBody":[{"MsgType":"a","MsgType":"b"}]}`, true},
		{"unknown element with a lookalike key", msg + `,"MsgBody":[{"MsgType":"New","MsgContent":{"text":5,"Text":[]}}]}`, false},
		{"file name in the table's spelling", msg + `,"MsgBody":[{"MsgType":"TIMFileElem","MsgContent":{"fileName":"a.apk"}}]}`, false},
		{"file name in both spellings", msg + `,"MsgBody":[{"MsgType":"TIMFileElem","MsgContent":{"fileName":"a","FileName":"b"}}]}`, true},
		{"custom data is an array", msg + `,"CloudCustomData":[]}`, true},
		{"mentions are an object", msg + `,"GroupAtInfo":{}}`, true},
		{"random with a fraction", strings.Replace(msg, `:1`, `:1.5`, 1) + `}`, true},
		{"random in a string", strings.Replace(msg, `:1`, `:"4026038328"`, 1) + `}`, false},
		{"negative random", strings.Replace(msg, `:1`, `:-5`, 1) + `}`, false},
		{"number of a message", msg + `,"MsgSeq":1208}`, false},
		{"number of a message in a string", msg + `,"MsgSeq":"4294967295","OnlineOnlyFlag":0}`, false},
		{"number over 32 bits", msg + `,"MsgSeq":4294967296}`, false},
		{"number that is none", msg + `,"MsgSeq":0}`, false},
		{"number with a fraction", msg + `,"MsgSeq":1.5}`, false},
		{"number with a leading zero", msg + `,"MsgSeq":"07"}`, false},
		{"number in a list", msg + `,"MsgSeq":[7]}`, false},
		{"number of an online-only message", msg + `,"MsgSeq":7,"OnlineOnlyFlag":1}`, false},
		{"online-only in an odd form", msg + `,"MsgSeq":7,"OnlineOnlyFlag":{}}`, false},
		{"number beside a before-event", strings.Replace(msg, "After", "Before", 1) + `,"MsgSeq":7}`, false},
		{"event time is an object", msg + `,"EventTime":{}}`, true},
		{"event time is a word", msg + `,"EventTime":"soon"}`, false},
		{"join without a list", `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g"}`, true},
		{"join of nobody", `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g","NewMemberList":[]}`, false},
		{"join of strings", `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"g","NewMemberList":["a"]}`, true},
		{"member with two accounts", strings.Replace(join, `"a"`, `"a","Member_Account":"b"`, 1) + `}`, true},
		{"member with unknown fields", strings.Replace(join, `"a"`, `"a","X":{}`, 1) + `}`, false},
		{"join type is a number", join + `,"JoinType":5}`, true},
		{"too many members", `{"CallbackCommand":"Group.CallbackAfterMemberExit","GroupId":"g","ExitMemberList":[` +
			strings.Repeat(`{"Member_Account":"a"},`, maxMembers) + `{"Member_Account":"a"}]}`, true},
	}
}

func TestDecodeOddBodies(t *testing.T) {
	for _, tt := range oddBodies() {
		t.Run(tt.name, func(t *testing.T) {
			_, err := testWebhook().Decode(nil, []byte(tt.body), testReceived)
			if (err != nil) != tt.refused {
				t.Errorf("got error %v, want one: %v", err, tt.refused)
			}
			compare(t, []byte(tt.body))
		})
	}
}
