package tencent

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// recalls returns recalls of messages, each "member number".
func recalls(t chat.GroupType, messages ...string) (out []chat.Action) {
	for _, m := range messages {
		member, number, _ := strings.Cut(m, " ")
		a := act(chat.Recall, t, member)
		a.Intent.Message, a.Intent.Reason = number, ""
		out = append(out, a)
	}
	return out
}

func TestRecallSaysWhatTheDocumentsWant(t *testing.T) {
	r := newRig(t, nil)
	batch := recalls(chat.Public, "a 1208", "a 4294967295", "b 7", "b 7")
	for i := range batch {
		batch[i].Topic = "g@TOPIC#_1"
	}
	if got := r.send(t, batch); !slices.Equal(got, []string{"OK 0", "OK 0", "OK 0", "OK 0"}) {
		t.Error(got)
	}
	want := map[string]any{"GroupId": testGroup, "TopicId": "g@TOPIC#_1", "MsgSeqList": []any{
		map[string]any{"MsgSeq": 1208.0}, map[string]any{"MsgSeq": 4294967295.0}, map[string]any{"MsgSeq": 7.0},
	}}
	if !reflect.DeepEqual(r.last().body, want) || r.apis() != apiRoles+" "+apiRecall {
		t.Errorf("%s, the last with %v, want %v", r.apis(), r.last().body, want)
	}
	if got := r.send(t, recalls(chat.Public, "a 1")); !slices.Equal(got, []string{"OK 0"}) || r.last().body["TopicId"] != nil {
		t.Errorf("%v, without a topic %v", got, r.last().body)
	}
}

func TestRecallRoutes(t *testing.T) {
	r := newRig(t, nil)
	one := recalls(chat.Public, "a 1")[0]
	want := actions.Route{API: apiRecall, Max: 10, Rate: 200, PerMessage: true, Yields: true}
	if got := mustRoute(t, r.s, one); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	other, topic := recalls(chat.AVChatRoom, "b 2")[0], one
	topic.Topic = "t"
	if mustRoute(t, r.s, other) != want || mustRoute(t, r.s, topic) == want {
		t.Error("recalls must share a call within a topic and nowhere else")
	}
	for number, why := range map[string]error{
		"": errNoNumber, "0": errBadNumber, "-1": errBadNumber, "01": errBadNumber, "4294967296": errBadNumber, "1208 ": errBadNumber,
	} {
		if _, err := r.s.Route(recalls(chat.Public, "a "+number)[0]); !errors.Is(err, why) {
			t.Errorf("number %q: %v, want %v", number, err, why)
		}
	}
	if _, err := r.s.Route(recalls(chat.Public, " 1")[0]); !errors.Is(err, errNoMember) {
		t.Errorf("a message of nobody: %v", err)
	}
}

func TestEachMessageHasItsOwnOutcome(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.recalls = map[float64]int{2: 10030, 3: 10031, 4: 10032, 5: 10033, 6: 10041, 7: 10002}
		f.roles = map[string]string{"gone": "NotMember"}
	})
	got := r.send(t, recalls(chat.Public, "a 1", "a 2", "b 3", "b 4", "c 5", "c 6", "c 7", "gone 8"))
	want := []string{"OK 0", "OK 10030", "Permanent 10031", "Permanent 10032", "Permanent 10033", "Permanent 10041", "Again 10002", "OK 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestARecallIsSureOnlyWhenTheAnswerSaysSo(t *testing.T) {
	for _, list := range []string{``, `,"RecallRetList":[]`, `,"RecallRetList":[{"MsgSeq":2,"RetCode":0}]`, `,"RecallRetList":[{"MsgSeq":1}]`} {
		r := newRig(t, func(_ *SenderConfig, f *fake) {
			f.answers[apiRecall] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
				_, _ = fmt.Fprintf(w, `{"ActionStatus":"OK","ErrorCode":0%s}`, list)
			}}
		})
		if got := r.send(t, recalls(chat.Public, "a 1")); !slices.Equal(got, []string{"Again bad_answer"}) {
			t.Errorf("%s: %v", list, got)
		}
	}
}

func TestARefusedRecall(t *testing.T) {
	for _, tt := range []struct {
		code      int
		one, many string
	}{
		{10030, "OK 10030", "Suspect 10030"},
		{10031, "Permanent 10031", "Suspect 10031"},
		{10032, "Permanent 10032", "Suspect 10032"},
		{10033, "Permanent 10033", "Suspect 10033"},
		{10004, "Permanent 10004", "Suspect 10004"},
		{10041, "Permanent 10041", "Permanent 10041"},
		{10007, "Permanent 10007", "Permanent 10007"},
		{10010, "OK group_gone", "OK group_gone"},
		{60007, "Limited 60007", "Limited 60007"},
		{10002, "Again 10002", "Again 10002"},
		{70009, "Auth 70009", "Auth 70009"},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) {
				f.answers[apiRecall] = []func(http.ResponseWriter){code(tt.code), code(tt.code)}
			})
			if got := r.send(t, recalls(chat.Public, "a 1")); !slices.Equal(got, []string{tt.one}) {
				t.Errorf("alone: %v, want %s", got, tt.one)
			}
			if got := r.send(t, recalls(chat.Public, "a 1", "a 2")); !slices.Equal(got, []string{tt.many, tt.many}) {
				t.Errorf("with another: %v, want %s", got, tt.many)
			}
		})
	}
}

func TestStaffIsNeitherTakenBackNorWarned(t *testing.T) {
	for typ, wire := range map[chat.GroupType]string{chat.Public: "Public", "": "Public", chat.AVChatRoom: "AVChatRoom"} {
		r := newRig(t, func(_ *SenderConfig, f *fake) {
			f.kind, f.owner, f.roles = wire, "o", map[string]string{"o": "Owner", "a": "Admin"}
		})
		got := r.send(t, recalls(typ, "o 1", testAdmin+" 2", "m 3"))
		if !slices.Equal(got, []string{"Immune owner", "Immune self", "OK 0"}) {
			t.Errorf("%q: %v", typ, got)
		}
		if list := r.last().body["MsgSeqList"]; !reflect.DeepEqual(list, []any{map[string]any{"MsgSeq": 3.0}}) {
			t.Errorf("%q: recalled %v", typ, list)
		}
		for member, want := range map[string]string{"o": "Immune owner", testAdmin: "Immune self"} {
			if got := r.send(t, []chat.Action{act(chat.Warn, typ, member)}); !slices.Equal(got, []string{want}) {
				t.Errorf("%q: a warning of %s: %v", typ, member, got)
			}
		}
		if strings.Contains(r.apis(), apiSend) {
			t.Errorf("%q: staff was warned", typ)
		}
	}
}

func TestNobodyIsTakenBackOrWarnedWhileRolesAreUnknown(t *testing.T) {
	for _, a := range []chat.Action{recalls(chat.Public, "a 1")[0], act(chat.Warn, chat.Public, "a")} {
		r := newRig(t, func(_ *SenderConfig, f *fake) { f.answers[apiRoles] = []func(http.ResponseWriter){code(10002)} })
		if got := r.send(t, []chat.Action{a}); !slices.Equal(got, []string{"Again 10002"}) || r.apis() != apiRoles {
			t.Errorf("%s: %v after %s", a.Intent.Kind, got, r.apis())
		}
	}
}
