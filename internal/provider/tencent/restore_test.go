package tencent

import (
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func restores(kind chat.IntentKind, t chat.GroupType, members ...string) (out []chat.Action) {
	for _, m := range members {
		out = append(out, act(kind, t, m))
	}
	return out
}

func TestUnmuteLiftsWhateverMuteThereIs(t *testing.T) {
	r := newRig(t, nil)
	if got := r.send(t, restores(chat.Unmute, chat.Public, "a", "b", "a")); !slices.Equal(got, []string{"OK 0", "OK 0", "OK 0"}) {
		t.Error(got)
	}
	want := map[string]any{"GroupId": testGroup, "Members_Account": []any{"a", "b"}, "MuteTime": 0.0}
	if c := r.last(); r.apis() != apiForbid || !reflect.DeepEqual(c.body, want) {
		t.Errorf("%s %v", r.apis(), c.body)
	}
	r = newRig(t, nil)
	if got := r.send(t, restores(chat.Unmute, chat.Private, "a")); !slices.Equal(got, []string{"OK no_mutes"}) || r.apis() != "" {
		t.Error(got, r.apis())
	}
}

func TestReadmitBringsBack(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.added = map[string]int{"there": 2, "asked": 3, "failed": 0, "odd": 4, "untold": -1}
	})
	batch := restores(chat.Readmit, chat.Public, "a", "there", "asked", "failed", "odd", "untold", "a")
	for i := range batch {
		batch[i].Intent.Silent = true
	}
	r.s.roles.put(memberOf{testGroup, "a"}, roleAdmin, keepAdmin)
	got := r.send(t, batch)
	want := []string{"OK 0", "OK member", "OK invited", "Permanent not_added", "Again bad_answer", "Again bad_answer", "OK 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	body := r.last().body
	if list := body["MemberList"].([]any); r.apis() != apiAdd || len(list) != 6 || body["Silence"] != 1.0 || body["GroupId"] != testGroup {
		t.Errorf("%s %v", r.apis(), body)
	}
	if _, known := r.s.roles.get(memberOf{testGroup, "a"}); known {
		t.Error("the role that the member had before is still believed")
	}
}

// The operator's programs may add members under the same account. Only whom the bot itself brings back
// is left alone, and only for a moment.
func TestOnlyTheJoinThatWeCauseIsOurs(t *testing.T) {
	r := newRig(t, nil)
	r.send(t, restores(chat.Readmit, chat.Public, "a"))
	join := chat.Event{Kind: chat.Join, Member: "a", Inviter: testAdmin, JoinKind: chat.Invited}
	join.Group = restores(chat.Readmit, chat.Public, "a")[0].Group
	ours := func(e chat.Event) bool {
		got, err := r.s.Readmitted(t.Context(), []chat.Event{e})
		return err == nil && got[0]
	}
	if !ours(join) {
		t.Error("the join of the one who was brought back is not ours")
	}
	for name, change := range map[string]func(*chat.Event){
		"another member":  func(e *chat.Event) { e.Member = "b" },
		"another inviter": func(e *chat.Event) { e.Inviter = "ann" },
		"by himself":      func(e *chat.Event) { e.Inviter = "" },
		"another group":   func(e *chat.Event) { e.Group.ID = "@TGS#other" },
		"another account": func(e *chat.Event) { e.Account = "1400000001" },
		"a message":       func(e *chat.Event) { e.Kind = chat.Message },
	} {
		e := join
		if change(&e); ours(e) {
			t.Errorf("%s: taken for the join that we caused", name)
		}
	}
	r.now = r.now.Add(ownJoin)
	if ours(join) {
		t.Error("taken for ours after two minutes")
	}
}

func TestReadmitUndoesWhatRemovalIsInALiveRoom(t *testing.T) {
	for live, want := range map[string]got{
		RemovalMute: {api: apiForbid, body: map[string]any{"GroupId": testGroup, "Members_Account": []any{"a"}, "MuteTime": 0.0}},
		RemovalBan:  {api: apiUnban, body: map[string]any{"GroupId": testGroup, "Members_Account": []any{"a"}}},
	} {
		for _, typ := range []chat.GroupType{chat.AVChatRoom, ""} {
			r := newRig(t, func(c *SenderConfig, f *fake) { c.LiveRoomRemoval, f.kind = live, "AVChatRoom" })
			if got := r.send(t, restores(chat.Readmit, typ, "a")); !slices.Equal(got, []string{"OK 0"}) {
				t.Error(got)
			}
			if c := r.last(); c.api != want.api || !reflect.DeepEqual(c.body, want.body) {
				t.Errorf("%s, type %q: %s %v", live, typ, c.api, c.body)
			}
		}
	}
}

func TestReadmitToARoomThatTurnsOutToBeLive(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind = "AVChatRoom" })
	batch := restores(chat.Readmit, chat.Public, "a")
	if got := r.send(t, batch); !slices.Equal(got, []string{"Again live_room"}) {
		t.Error(got)
	}
	if got := r.send(t, batch); !slices.Equal(got, []string{"OK 0"}) || r.last().api != apiForbid {
		t.Error(got, r.apis())
	}
	r = newRig(t, func(_ *SenderConfig, f *fake) {
		f.answers[apiAdd] = []func(http.ResponseWriter){code(codeNotPermitted)}
	})
	if got := r.send(t, batch); !slices.Equal(got, []string{"Permanent 10007"}) {
		t.Error("in another group:", got)
	}
}

func TestOneBadAccountDoesNotKeepOthersOut(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.spoil = "bad" })
	if got := r.send(t, restores(chat.Readmit, chat.Public, "a", "bad")); !slices.Equal(got, []string{"Suspect 10019", "Suspect 10019"}) {
		t.Error(got)
	}
}
