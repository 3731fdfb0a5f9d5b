package tencent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

func sign(token, at string) string {
	sum := sha256.Sum256([]byte(token + at))
	return hex.EncodeToString(sum[:])
}

func TestAnswer(t *testing.T) {
	const ok = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`
	asked := func(members ...string) chat.Delivery {
		d := chat.Delivery{Name: nameBeforeJoin}
		for _, m := range members {
			d.Events = append(d.Events, chat.Event{Member: chat.MemberID(m), Asked: true})
		}
		return d
	}
	block := chat.Verdict{Block: true}
	tests := []struct {
		name string
		d    chat.Delivery
		v    []chat.Verdict
		want string
	}{
		{"nothing to say", chat.Delivery{Name: nameIgnored}, nil, ok},
		{"allowed", asked("a"), []chat.Verdict{{}}, ok},
		{"verdicts missing", asked("a"), nil, ok},
		{"not asked", chat.Delivery{Events: []chat.Event{{Member: "a"}}}, []chat.Verdict{block}, ok},
		{"blocked", asked("a"), []chat.Verdict{block}, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}`},
		{"blocked with code and text", asked("a"), []chat.Verdict{{Block: true, Code: 10100, Text: "no \"links\""}},
			`{"ActionStatus":"OK","ErrorInfo":"no \"links\"","ErrorCode":10100}`},
		{"code that Tencent would not pass on", asked("a"), []chat.Verdict{{Block: true, Code: 10201, Text: "x"}},
			`{"ActionStatus":"OK","ErrorInfo":"x","ErrorCode":1}`},
		{"some of an invitation", asked("a", "b", "c"), []chat.Verdict{{}, block, {}},
			`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RefusedMembers_Account":["b"]}`},
		{"all of an invitation", asked("a", "b"), []chat.Verdict{{Block: true, Code: 10150}, block},
			`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":10150}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(testWebhook().Answer(tt.d, tt.v)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAnswerCutsTextOnACharacter(t *testing.T) {
	d := chat.Delivery{Events: []chat.Event{{Member: "a", Asked: true}}}
	var got answer
	b := testWebhook().Answer(d, []chat.Verdict{{Block: true, Text: strings.Repeat("禁", 500)}})
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.ErrorInfo) != 999 || !utf8.ValidString(got.ErrorInfo) || strings.Contains(got.ErrorInfo, "\ufffd") {
		t.Errorf("got %d bytes, want 333 whole characters", len(got.ErrorInfo))
	}
}

func TestRouteIsWhereTheConsoleSends(t *testing.T) {
	if got := testWebhook().Route(); got != "/webhook/tencent" {
		t.Error(got)
	}
}

func TestRefuse(t *testing.T) {
	w := testWebhook()
	if got := string(w.Refuse(401, "bad signature")); got != `{"ActionStatus":"FAIL","ErrorInfo":"bad signature","ErrorCode":401}` {
		t.Error(got)
	}
	if got := string(w.Refuse(0, "x")); got != `{"ActionStatus":"FAIL","ErrorInfo":"x","ErrorCode":1}` {
		t.Error(got)
	}
}
