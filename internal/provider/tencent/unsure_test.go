package tencent

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// sureAndUnsure returns removals of one group, of which the second goes on without knowing the role.
func sureAndUnsure(t chat.GroupType) []chat.Action {
	batch := removals(t, "sure", "unsure")
	batch[1].Intent.Unsure = true
	return batch
}

func TestActionsWaitUntilRolesAreKnownUnlessToldNotTo(t *testing.T) {
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	tests := []struct {
		name   string
		typ    chat.GroupType
		api    string // the look-up that fails
		answer func(http.ResponseWriter)
		want   []string
	}{
		{"trouble at Tencent", chat.Public, apiRoles, code(10002), []string{"Again 10002", "OK 0"}},
		{"no answer", chat.Public, apiRoles, cut, []string{"Again error", "OK 0"}},
		{"refused for good", chat.Public, apiRoles, code(10026), []string{"Permanent 10026", "OK 0"}},
		{"no roles in a group that has them", chat.Public, apiRoles, code(codeNotPermitted), []string{"Permanent 10007", "OK 0"}},
		{"owner of a live room", chat.AVChatRoom, apiInfo, code(10002), []string{"Again 10002", "OK 0"}},
		{"only too fast", chat.Public, apiRoles, code(60007), []string{"Limited 60007", "Limited 60007"}},
		{"only too fast in the group", chat.Public, apiRoles, code(10006), []string{"Limited 10006", "Limited 10006"}},
		{"credentials refused", chat.Public, apiRoles, code(60021), []string{"Auth 60021", "Auth 60021"}},
		{"one of them is no account", chat.Public, apiRoles, code(10019), []string{"Suspect 10019", "Suspect 10019"}},
		{"group is gone", chat.Public, apiRoles, code(codeNoGroup), []string{"OK group_gone", "OK group_gone"}},
		{"type unknown", "", apiInfo, code(10002), []string{"Again 10002", "Again 10002"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) {
				f.answers[tt.api] = []func(http.ResponseWriter){tt.answer}
				if tt.typ == chat.AVChatRoom {
					f.kind = "AVChatRoom"
				}
			})
			out := r.sendAll(t, sureAndUnsure(tt.typ))
			var got []string
			for _, o := range out {
				got = append(got, className(o.Class)+" "+o.Code)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if out[1].Code == "0" && out[1].Text == "" {
				t.Error("the outcome does not tell that nobody knew the role")
			}
			if out[1].Code == "0" {
				if list := r.last().body["MemberToDel_Account"]; tt.typ == chat.Public && len(list.([]any)) != 1 {
					t.Errorf("acted on %v", list)
				}
			}
		})
	}
}

func TestARoleThatIsNotToldIsNotKnown(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"sure": "Guest", "unsure": "Guest"} })
	if got := r.send(t, sureAndUnsure(chat.Public)); !slices.Equal(got, []string{"Again bad_answer", "OK 0"}) {
		t.Error(got)
	}
}

func TestWhoIsKnownToBeStaffIsSparedByTheUnsureToo(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"unsure": "Admin"} })
	if got := r.send(t, sureAndUnsure(chat.Public)); !slices.Equal(got, []string{"OK 0", "Immune admin"}) {
		t.Error(got)
	}
	self := removals(chat.Public, testAdmin)
	self[0].Intent.Unsure = true
	r.answers[apiRoles] = []func(http.ResponseWriter){code(10002)}
	if got := r.sendAll(t, self)[0]; got.Class != actions.Immune {
		t.Errorf("%+v", got)
	}
}

func TestNobodyGoesOnBecauseTheLookUpHasToWait(t *testing.T) {
	r := newRig(t, nil)
	r.s.gate.Limiter = &shut{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	batch := sureAndUnsure(chat.Public)
	out := r.s.Send(ctx, mustRoute(t, r.s, batch[0]), batch)
	if out[0].Code != outNoSlot || out[1].Code != outNoSlot || r.apis() != "" {
		t.Errorf("%+v after %q", out, r.apis())
	}
}

func TestWhoWasStaffIsNotActedOnForWantOfALookUp(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"a": "Admin", "o": "Owner"} })
	batch := removals(chat.Public, "a", "o", "m")
	for i := range batch {
		batch[i].Intent.Unsure = true
	}
	want := []string{"Immune admin", "Immune owner", "OK 0"}
	if got := r.send(t, batch); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	r.now = r.now.Add(2 * keepAdmin)
	r.answers[apiRoles] = []func(http.ResponseWriter){code(10002)}
	if got := r.send(t, batch); !slices.Equal(got, want) {
		t.Errorf("while roles cannot be looked up: got %q, want %q", got, want)
	}
	r = newRig(t, func(_ *SenderConfig, f *fake) { f.kind, f.owner = "AVChatRoom", "o" })
	batch = removals(chat.AVChatRoom, "o", "m")
	batch[0].Intent.Unsure, batch[1].Intent.Unsure = true, true
	for range 2 {
		if got := r.send(t, batch); !slices.Equal(got, []string{"Immune owner", "OK 0"}) {
			t.Errorf("in a live room: %q", got)
		}
		r.now = r.now.Add(2 * keepOwner)
		r.answers[apiInfo] = []func(http.ResponseWriter){code(10002)}
	}
}

func TestWhoWasStaffIsNotActedOnWhenTheAnswerTellsNoRole(t *testing.T) {
	for name, role := range map[string]string{"empty": " ", "unknown": "Guest"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) { f.owner, f.roles = "o2", map[string]string{"a": "Admin", "o": "Owner"} })
			batch := removals(chat.Public, "a", "o", "o2", "m")
			if _, o := (&job{Sender: r.s, group: testGroup}).info(t.Context()); o.Class != actions.OK {
				t.Fatal(o)
			}
			r.send(t, batch[:2])
			r.now = r.now.Add(2 * keepAdmin)
			r.roles = map[string]string{"a": role, "o": role, "o2": role, "m": role}
			want := []string{"Again bad_answer", "Again bad_answer", "Again bad_answer", "Again bad_answer"}
			if got := r.send(t, batch); !slices.Equal(got, want) {
				t.Errorf("the sure: got %q, want %q", got, want)
			}
			for i := range batch {
				batch[i].Intent.Unsure = true
			}
			want = []string{"Immune admin", "Immune owner", "Immune owner", "OK 0"}
			if got := r.send(t, batch); !slices.Equal(got, want) {
				t.Errorf("the unsure: got %q, want %q", got, want)
			}
		})
	}
}

func TestAnAnswerWithoutAnOwnerKeepsTheOneWhoWas(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind, f.owner = "AVChatRoom", "o" })
	batch := removals(chat.AVChatRoom, "o", "m")
	for range 2 {
		if got := r.send(t, batch); !slices.Equal(got, []string{"Immune owner", "OK 0"}) {
			t.Errorf("owner %q: %q", r.owner, got)
		}
		r.now, r.owner = r.now.Add(2*keepOwner), ""
	}
}
