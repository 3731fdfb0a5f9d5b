package tencent

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

const wholeLockdown = apiInfo + " " + apiModify + " " + apiInfo

func TestLockdownRefusesWhatCannotBe(t *testing.T) {
	r, _ := lockRig(t, chat.Public)
	bare := newRig(t, nil)
	for name, tt := range map[string]struct {
		r    *rig
		a    chat.Action
		want error
	}{
		"revoking links alone":         {r, toLock(chat.Public), errNoLinks},
		"closing a meeting":            {r, toLock(chat.ChatRoom, "close"), errJoinsOpen},
		"closing a live room":          {r, toLock(chat.AVChatRoom, "close"), errJoinsOpen},
		"without a place for the lock": {bare, toLock(chat.Public, "close"), errNoLocks},
		"the end, without a place":     {bare, toUnlock(chat.Public), errNoLocks},
	} {
		if _, err := tt.r.s.Route(tt.a); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	a := toLock(chat.Public, "close")
	a.Intent.Revoke = true
	if route := mustRoute(t, r.s, a); route.API != apiModify || route.Max != 1 {
		t.Errorf("closing and revoking: %+v", route)
	}
}

func TestLockdownChangesWhatItsTypeLetsChange(t *testing.T) {
	closed, muted := map[string]string{setApply: noApply, setInvite: noInvite}, map[string]string{setMute: muteOn}
	both := maps.Clone(closed)
	maps.Copy(both, muted)
	noInvites := map[string]string{setInvite: noInvite}
	for _, tt := range []struct {
		kind  chat.GroupType
		parts string
		set   map[string]string
		code  string
	}{
		{chat.Public, "close", closed, "0"},
		{chat.Public, "close mute", both, "0"},
		{chat.Community, "close", closed, "0"},
		{"BChatRoom", "close", closed, "0"},
		{chat.Private, "close", noInvites, "0"},
		{chat.ChatRoom, "mute", muted, "0"},
		{chat.ChatRoom, "close mute", muted, outJoinsOpen},
		{chat.AVChatRoom, "close mute", muted, outJoinsOpen},
	} {
		t.Run(string(tt.kind)+" "+tt.parts, func(t *testing.T) {
			r, locks := lockRig(t, tt.kind)
			was := maps.Clone(r.settings)
			o, apis := r.one(t, toLock(tt.kind, strings.Fields(tt.parts)...))
			if o.Class != actions.OK || o.Code != tt.code || apis != wholeLockdown {
				t.Errorf("%+v after %q", o, apis)
			}
			want := maps.Clone(was)
			maps.Copy(want, tt.set)
			if !maps.Equal(r.settings, want) {
				t.Errorf("settings are %v, want %v", r.settings, want)
			}
			l := locks.lock
			if !l.Applied || !maps.Equal(l.Set, tt.set) || l.GroupType != tt.kind || l.Case != "c1" || l.Rule != "raid" || !l.Since.Equal(r.now) {
				t.Errorf("lock %+v", l)
			}
			if o, apis := r.one(t, toUnlock(tt.kind)); o.Code != "0" || apis != apiInfo+" "+apiModify {
				t.Errorf("the end: %+v after %q", o, apis)
			}
			if !maps.Equal(r.settings, was) || locks.version != 0 {
				t.Errorf("after the end: settings %v, lock %+v", r.settings, locks.lock)
			}
		})
	}
}

func TestLockdownOfAGroupOfUnknownType(t *testing.T) {
	r, locks := lockRig(t, chat.ChatRoom)
	o, apis := r.one(t, toLock("", "close"))
	if o.Class != actions.Permanent || o.Code != outJoinsOpen || apis != apiInfo || locks.version != 0 {
		t.Errorf("%+v after %q", o, apis)
	}
	r, locks = lockRig(t, chat.Private)
	if o, _ := r.one(t, toLock("", "close")); o.Code != "0" || locks.lock.Set[setInvite] != noInvite {
		t.Errorf("%+v, lock %+v", o, locks.lock)
	}
}

func TestSecondLockdownOnlyExtends(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	at := func(d time.Duration) time.Time { return testReceived.Add(d) }
	first := toLock(chat.Public, "close", "mute")
	first.Intent.Until = at(time.Minute)
	r.one(t, first)
	for _, tt := range []struct {
		parts string
		until time.Time
		want  time.Time
	}{
		{"close", at(time.Hour), at(time.Hour)},
		{"mute", at(time.Minute), at(time.Hour)},
		{"close mute", time.Time{}, time.Time{}},
		{"close", at(time.Hour), time.Time{}},
	} {
		a := toLock(chat.Public, strings.Fields(tt.parts)...)
		a.Case, a.Intent.Until = "c2", tt.until
		o, apis := r.one(t, a)
		if o.Class != actions.OK || o.Code != outExtended || apis != "" {
			t.Errorf("%+v after %q", o, apis)
		}
		if l := locks.lock; !l.Until.Equal(tt.want) || l.Case != "c1" || !l.Applied || l.Was[setMute] != "Off" {
			t.Errorf("lock %+v, want its end at %v", l, tt.want)
		}
	}
}

func TestLockdownThatWantsMoreAddsToTheStandingOne(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.one(t, toLock(chat.Public, "close"))
	r.settings[setInvite] = "NeedPermission" // an admin opens the group again in part
	more := toLock(chat.Public, "close", "mute")
	more.Intent.Until = r.now.Add(time.Minute)
	if o, apis := r.one(t, more); o.Code != "0" || apis != wholeLockdown {
		t.Errorf("%+v after %q", o, apis)
	}
	want := map[string]string{setApply: "NeedPermission", setInvite: "NeedPermission", setMute: "Off"}
	if l := locks.lock; !maps.Equal(l.Was, want) || !l.Until.IsZero() {
		t.Errorf("lock %+v, want before it %v, and still no end", l, want)
	}
	if r.settings[setInvite] != noInvite || r.settings[setMute] != muteOn {
		t.Errorf("settings %v", r.settings)
	}
}

func TestWhatTheOwnerClosedIsNeverOpened(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.settings = map[string]string{setApply: noApply, setInvite: noInvite, setMute: "Off"}
	if o, apis := r.one(t, toLock(chat.Public, "close")); o.Class != actions.OK || o.Code != outShut || apis != apiInfo || locks.version != 0 {
		t.Errorf("%+v after %q, lock %+v", o, apis, locks.lock)
	}
	if o, _ := r.one(t, toLock(chat.Public, "close", "mute")); o.Code != "0" || len(locks.lock.Set) != 1 {
		t.Errorf("%+v, lock %+v", o, locks.lock)
	}
	r.one(t, toUnlock(chat.Public))
	if r.settings[setApply] != noApply || r.settings[setInvite] != noInvite || r.settings[setMute] != "Off" {
		t.Errorf("settings %v", r.settings)
	}
}

// TestPartThatDoesNotHoldIsToldAndTheRestDone covers what Tencent does not document: what it answers
// to a setting that the type of group does not have.
func TestPartThatDoesNotHoldIsToldAndTheRestDone(t *testing.T) {
	for name, tt := range map[string]struct {
		fixed  map[string]int
		code   string
		text   string
		calls  string
		locked string // settings in the lock
	}{
		"refused":             {map[string]int{setMute: 10007}, "10007", "the rest of the lockdown holds, but MuteAllMember is refused (10007", apiInfo + strings.Repeat(" "+apiModify, 3) + " " + apiInfo, setInvite},
		"ignored":             {map[string]int{setMute: 0}, outNotApplied, "the rest of the lockdown holds, but MuteAllMember was accepted and is not set", wholeLockdown, setInvite + " " + setMute},
		"all refused":         {map[string]int{setMute: 10007, setInvite: 10004}, "10007", "this part of the lockdown does not hold: ", apiInfo + strings.Repeat(" "+apiModify, 3), ""},
		"all ignored":         {map[string]int{setMute: 0, setInvite: 0}, outNotApplied, "this part of the lockdown does not hold: ", wholeLockdown, setInvite + " " + setMute},
		"invitations refused": {map[string]int{setInvite: 10004}, "10004", "InviteJoinOption is refused (10004", apiInfo + strings.Repeat(" "+apiModify, 3) + " " + apiInfo, setMute},
	} {
		t.Run(name, func(t *testing.T) {
			r, locks := lockRig(t, chat.Private)
			r.fixed = tt.fixed
			o, apis := r.one(t, toLock(chat.Private, "close", "mute"))
			if o.Class != actions.Permanent || o.Code != tt.code || !strings.Contains(o.Text, tt.text) || apis != tt.calls {
				t.Errorf("%+v after %q", o, apis)
			}
			for _, setting := range []string{setInvite, setMute} {
				if _, locked := locks.lock.Set[setting]; locked != strings.Contains(tt.locked, setting) {
					t.Errorf("lock %+v, want %q in it", locks.lock, tt.locked)
				}
			}
			if (locks.version == 0) != (tt.locked == "") {
				t.Errorf("version %d", locks.version)
			}
		})
	}
}

func TestASettingThatCannotBeReadIsNotChanged(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	delete(r.settings, setMute)
	delete(r.settings, setInvite) // few groups have it
	o, _ := r.one(t, toLock(chat.Public, "close", "mute"))
	if o.Class != actions.Permanent || !strings.Contains(o.Text, "MuteAllMember cannot be read") || r.settings[setMute] != "" || len(locks.lock.Set) != 1 {
		t.Errorf("%+v, lock %+v, settings %v", o, locks.lock, r.settings)
	}
	// The call may refuse to be asked for InviteJoinOption.
	r, _ = lockRig(t, chat.Public)
	r.answers[apiInfo] = []func(http.ResponseWriter){code(codeBadParameter)}
	if o, apis := r.one(t, toLock(chat.Public, "close")); o.Code != "0" || apis != apiInfo+" "+wholeLockdown {
		t.Errorf("%+v after %q", o, apis)
	}
}

func TestLockdownThatIsOverIsNotBegun(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	a := toLock(chat.Public, "close")
	a.Intent.Until = r.now
	if o, apis := r.one(t, a); o.Code != outExpired || apis != "" || locks.version != 0 {
		t.Errorf("%+v after %q", o, apis)
	}
}
