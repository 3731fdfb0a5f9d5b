package tencent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

func warning(id, text string) chat.Action {
	a := act(chat.Warn, chat.Public, "m")
	a.ID, a.Intent.Reason = chat.ActionID(id), text
	return a
}

func TestAWarningSaysWhatTheDocumentsWant(t *testing.T) {
	r := newRig(t, nil)
	a := warning("0123", "请勿发广告")
	a.Topic = "g@TOPIC#_1"
	if got := r.send(t, []chat.Action{a}); !slices.Equal(got, []string{"OK 0"}) || r.apis() != apiRoles+" "+apiSend {
		t.Error(got, r.apis())
	}
	body := r.last().body
	random := body["Random"]
	want := map[string]any{
		"GroupId": testGroup, "TopicId": "g@TOPIC#_1", "From_Account": testAdmin, "Random": random, "MsgPriority": "High",
		"MsgBody":               []any{map[string]any{"MsgType": "TIMTextElem", "MsgContent": map[string]any{"Text": "请勿发广告"}}},
		"ForbidCallbackControl": []any{"ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback"},
	}
	if !reflect.DeepEqual(body, want) {
		t.Errorf("got %v, want %v", body, want)
	}
	r.send(t, []chat.Action{a})
	if r.last().body["Random"] != random {
		t.Error("the same warning has another Random")
	}
	r.send(t, []chat.Action{warning("0124", "请勿发广告")})
	if c := r.last(); c.body["Random"] == random || c.body["TopicId"] != nil {
		t.Errorf("another warning, without a topic: %v", c.body)
	}
}

func TestAWarningNeedsWordsAndAMember(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.s.Route(warning("1", "")); !errors.Is(err, errNoWords) {
		t.Errorf("without words: %v", err)
	}
	if _, err := r.s.Route(act(chat.Warn, chat.Public, "")); !errors.Is(err, errNoMember) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestOneWhoLeftIsStillWarnedOf(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"m": "NotMember"} })
	if got := r.send(t, []chat.Action{warning("1", "x")}); !slices.Equal(got, []string{"OK 0"}) || r.last().api != apiSend {
		t.Error(got, r.apis())
	}
}

func TestCodesOfAWarning(t *testing.T) {
	for n, want := range map[int]string{
		10016: "Permanent 10016", 80001: "Permanent 80001", 80002: "Permanent 80002", 10017: "Permanent 10017",
		10007: "Permanent 10007", 10010: "OK group_gone", 10023: "Again 10023", 60008: "Again 60008", 60018: "Limited 60018", 60010: "Auth 60010",
	} {
		r := newRig(t, func(_ *SenderConfig, f *fake) { f.answers[apiSend] = []func(http.ResponseWriter){code(n)} })
		if got := r.send(t, []chat.Action{warning("1", "x")}); !slices.Equal(got, []string{want}) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

func TestADroppedWarningIsSaidAgain(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.answers[apiSend] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
			_, _ = fmt.Fprint(w, `{"ActionStatus":"OK","ErrorCode":0,"MsgTime":1,"MsgSeq":0,"MsgDropReason":"MsgFreqCtrl"}`)
		}}
	})
	o := r.sendAll(t, []chat.Action{warning("1", "x")})[0]
	if className(o.Class) != "Again" || o.Code != outDropped || o.Wait != time.Second || !strings.Contains(o.Text, "MsgFreqCtrl") {
		t.Errorf("outcome %+v", o)
	}
}

func TestAWarningFitsAndIsCutOnACharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.StringN(1, 20, -1).Draw(t, "part"), rapid.IntRange(1, 3000).Draw(t, "times"))
		got := fitting(text)
		quoted, err := json.Marshal(got)
		if err != nil || len(quoted) > maxSaid || !utf8.ValidString(got) || !strings.HasPrefix(text, got) {
			t.Fatalf("%d bytes of %d, %d as JSON", len(got), len(text), len(quoted))
		}
		if whole, _ := json.Marshal(text); len(whole) <= maxSaid && got != text || len(whole) > maxSaid && len(quoted) < maxSaid-64 {
			t.Fatalf("cut from %d to %d bytes without need", len(whole), len(quoted))
		}
	})
	if got := fitting("a\xffb"); got != "a\ufffdb" {
		t.Errorf("got %q", got)
	}
}
