package tencent

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestExpiredUserSigIsRenewedOnce(t *testing.T) {
	for _, tt := range []struct {
		refusals int
		want     string
		kicks    int
	}{{1, "OK 0", 2}, {2, "Auth 70001", 2}} {
		r := newRig(t, func(_ *SenderConfig, f *fake) {
			for range tt.refusals {
				f.answers[apiKick] = append(f.answers[apiKick], code(codeSigExpired))
			}
		})
		if _, err := r.s.signer.Sig(); err != nil {
			t.Fatal(err)
		}
		r.now = r.now.Add(time.Hour)
		if got := r.send(t, removals(chat.Public, "a")); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%d refusals: %v", tt.refusals, got)
		}
		if n := strings.Count(r.apis(), apiKick); n != tt.kicks {
			t.Errorf("%d refusals: %d kicks", tt.refusals, n)
		}
		if sig := unpack(t, r.last().query.Get("usersig")); sig.Time != r.now.Unix() {
			t.Error("the repeated call has the old UserSig")
		}
		if !slices.Contains(r.taken.keys, "a "+apiKick) {
			t.Error("the repeated call took no slot")
		}
	}
}

func TestLookupsAreRememberedAsLongAsTheyAreSafe(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"a": "Admin"} })
	asked := func() int { return strings.Count(r.apis(), apiRoles) }
	mute := func(member string) { r.send(t, []chat.Action{act(chat.Mute, chat.Public, member)}) }
	mute("a")
	mute("m")
	mute("a")
	mute("m")
	if asked() != 2 {
		t.Errorf("asked %d times, want 2", asked())
	}
	r.now = r.now.Add(keepMember)
	mute("a")
	if asked() != 2 {
		t.Error("an admin is asked for after a minute")
	}
	mute("m")
	if asked() != 3 {
		t.Error("a member is believed to be one for more than a minute")
	}
	r.send(t, removals(chat.Public, "m"))
	mute("m")
	if asked() != 4 {
		t.Error("a removed member is still believed to be one")
	}
	r.now = r.now.Add(keepAdmin)
	mute("a")
	if asked() != 5 {
		t.Error("an admin is believed to be one for ever")
	}
}

func TestANewOwnerOfALiveRoomIsSparedSoon(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind, f.owner = "AVChatRoom", "o" })
	r.send(t, removals(chat.AVChatRoom, "a"))
	r.fake.owner = "n"
	r.now = r.now.Add(keepOwner)
	if got := r.send(t, removals(chat.AVChatRoom, "n")); !slices.Equal(got, []string{"Immune owner"}) {
		t.Error(got)
	}
}

func TestNobodyIsActedOnWhileTheOwnerIsUnknown(t *testing.T) {
	inner := func(n int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"ActionStatus":"OK","ErrorCode":0,"GroupInfo":[{"GroupId":%q,"ErrorCode":%d,"ErrorInfo":"x"}]}`, testGroup, n)
		}
	}
	tests := []struct {
		name   string
		answer func(http.ResponseWriter)
		typ    chat.GroupType
		want   string
	}{
		{"trouble", code(10002), chat.AVChatRoom, "Again 10002"},
		{"trouble with the group", inner(10002), chat.AVChatRoom, "Again 10002"},
		{"rate", code(60007), chat.AVChatRoom, "Limited 60007"},
		{"no group in the answer", code(0), chat.AVChatRoom, "Again bad_answer"},
		{"no type in the answer", inner(0), chat.AVChatRoom, "Again no_type"},
		{"not permitted", inner(10007), chat.AVChatRoom, "Permanent 10007"},
		{"group is gone", inner(10010), chat.AVChatRoom, "OK group_gone"},
		{"a room of TUILiveKit may exist elsewhere", inner(10010), chat.Live, "Permanent 10010"},
		{"type unknown, trouble", code(10002), "", "Again 10002"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) {
				f.kind, f.answers[apiInfo] = "AVChatRoom", []func(http.ResponseWriter){tt.answer}
			})
			if got := r.send(t, removals(tt.typ, "a")); !slices.Equal(got, []string{tt.want}) || r.apis() != apiInfo {
				t.Error(got, r.apis())
			}
		})
	}
}

func TestARefusalForOneMemberIsSuspect(t *testing.T) {
	for _, spoiled := range []string{apiKick, apiRoles} {
		r := newRig(t, func(_ *SenderConfig, f *fake) { f.spoil = "u3" })
		if spoiled == apiKick { // the roles are known already, and only the kick is refused
			for _, m := range []chat.MemberID{"u1", "u2", "u3"} {
				r.s.roles.put(memberOf{testGroup, m}, roleMember, time.Minute)
			}
		}
		want := []string{"Suspect 10019", "Suspect 10019", "Immune self", "Suspect 10019"}
		if got := r.send(t, removals(chat.Public, "u1", "u2", testAdmin, "u3")); !slices.Equal(got, want) {
			t.Errorf("%s: %q", spoiled, got)
		}
		if got := r.send(t, removals(chat.Public, "u1", "u2")); !slices.Equal(got, []string{"OK 0", "OK 0"}) {
			t.Errorf("%s, without the bad one: %q", spoiled, got)
		}
	}
}

func TestAKickThatIsRefusedInALiveRoomBecomesAMute(t *testing.T) {
	r := newRig(t, nil)
	if got := r.send(t, removals("", "a")); !slices.Equal(got, []string{"OK 0"}) {
		t.Error(got)
	}
	// The group was dissolved, and its ID is a live room's now.
	r.fake.kind = "AVChatRoom"
	r.s.roles.put(memberOf{testGroup, "b"}, roleMember, time.Minute)
	r.answers[apiKick] = []func(http.ResponseWriter){code(codeBadParameter)}
	if got := r.send(t, removals(chat.Public, "b")); !slices.Equal(got, []string{"Again live_room"}) {
		t.Error(got)
	}
	if got := r.send(t, removals(chat.Public, "b")); !slices.Equal(got, []string{"OK 0"}) || r.last().api != apiForbid {
		t.Error(got, r.apis())
	}
}

func TestNoSecretGetsOut(t *testing.T) {
	var sig string
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.answers[apiKick] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
			fmt.Fprintf(w, `{"ActionStatus":"FAIL","ErrorCode":10004,"ErrorInfo":"usersig=%s key=%s %s"}`, sig, vectorKey, strings.Repeat("界", 400))
		}}
	})
	var err error
	if sig, err = r.s.signer.Sig(); err != nil {
		t.Fatal(err)
	}
	o := r.sendAll(t, removals(chat.Public, "a"))[0]
	if strings.Contains(o.Text, sig) || strings.Contains(o.Text, vectorKey) || len(o.Text) > maxOutcomeText || !strings.Contains(o.Text, "usersig=[secret] key=[secret]") {
		t.Errorf("text %q", o.Text)
	}
	r.s.base = "http://127.0.0.1:1" // nobody listens there
	o = r.sendAll(t, removals(chat.Public, "b"))[0]
	if o.Class != actions.Again || o.Text == "" || strings.Contains(o.Text, "usersig") || strings.Contains(o.Text, sig) {
		t.Errorf("outcome %+v", o)
	}
}

func TestEndedContextIsNoOutcome(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	batch := removals(chat.Public, "a")
	out := r.s.Send(ctx, mustRoute(t, r.s, batch[0]), batch)
	if len(out) != 1 || out[0].Class != actions.Again {
		t.Errorf("got %+v", out)
	}
}

func TestCallsAreCountedByCode(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.answers[apiKick] = []func(http.ResponseWriter){code(60007)}
	})
	r.send(t, removals(chat.Public, "a"))
	want := `
# HELP groupguard_provider_requests_total Calls to a provider by API and by the provider's answer code.
# TYPE groupguard_provider_requests_total counter
groupguard_provider_requests_total{api="delete_group_member",code="60007",provider="tencent"} 1
groupguard_provider_requests_total{api="get_role_in_group",code="0",provider="tencent"} 1
`
	if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), "groupguard_provider_requests_total"); err != nil {
		t.Error(err)
	}
}

func TestCachesAreBounded(t *testing.T) {
	now := testReceived
	l := newLRU[int, int](3, func() time.Time { return now })
	for i := range 10 {
		l.put(i, i, time.Minute)
		if _, fresh := l.get(0); i < 3 && !fresh {
			t.Fatal("lost too early")
		}
	}
	if len(l.byKey) != 3 || l.order.Len() != 3 {
		t.Errorf("%d, %d entries", len(l.byKey), l.order.Len())
	}
	if v, fresh := l.get(0); v != 0 || !fresh {
		t.Error("the entry used most is gone")
	}
	if _, fresh := l.get(5); fresh {
		t.Error("an old entry is still there")
	}
	now = now.Add(time.Minute)
	if _, fresh := l.get(0); fresh {
		t.Error("fresh at its end")
	}
	l.drop(0)
	l.drop(0)
	if len(l.byKey) != 2 {
		t.Error("dropped badly")
	}
}
