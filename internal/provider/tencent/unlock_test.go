package tencent

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestUnlockEndsOnlyWhatHasEnded(t *testing.T) {
	at := func(d time.Duration) time.Time { return testReceived.Add(d) }
	for name, tt := range map[string]struct {
		ends, until time.Time // of the lock, of the unlock
		code        string
	}{
		"at its end":                         {at(time.Minute), at(time.Minute), "0"},
		"extended meanwhile":                 {at(time.Hour), at(time.Minute), outExtended},
		"extended for ever meanwhile":        {time.Time{}, at(time.Minute), outExtended},
		"at once":                            {at(time.Hour), time.Time{}, "0"},
		"at once, although it has no end":    {time.Time{}, time.Time{}, "0"},
		"its end was moved before the other": {at(time.Second), at(time.Minute), "0"},
	} {
		t.Run(name, func(t *testing.T) {
			r, locks := lockRig(t, chat.Public)
			lock := toLock(chat.Public, "close")
			lock.Intent.Until = tt.ends
			r.one(t, lock)
			unlock := toUnlock(chat.Public)
			unlock.Intent.Until = tt.until
			o, apis := r.one(t, unlock)
			ended := tt.code == "0"
			if o.Class != actions.OK || o.Code != tt.code || (apis == apiInfo) == ended {
				t.Errorf("%+v after %q", o, apis)
			}
			if (locks.version == 0) != ended || (r.settings[setApply] == "NeedPermission") != ended {
				t.Errorf("lock %+v, settings %v", locks.lock, r.settings)
			}
		})
	}
}

func TestUnlockWithoutALock(t *testing.T) {
	r, _ := lockRig(t, chat.Public)
	if o, apis := r.one(t, toUnlock(chat.Public)); o.Class != actions.OK || o.Code != outNotLocked || apis != "" {
		t.Errorf("%+v after %q", o, apis)
	}
}

func TestUnlockLeavesWhatAnAdminChanged(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.one(t, toLock(chat.Public, "close", "mute"))
	r.settings[setApply], r.settings[setMute] = "FreeAccess", "Off"
	if o, _ := r.one(t, toUnlock(chat.Public)); o.Code != "0" || len(r.last().body) != 2 || r.last().body[setInvite] != "FreeAccess" {
		t.Errorf("%+v after %v", o, r.last())
	}
	r.one(t, toLock(chat.Public, "mute"))
	r.settings[setMute] = "Off"
	if o, apis := r.one(t, toUnlock(chat.Public)); o.Class != actions.OK || o.Code != outLeft || apis != apiInfo || locks.version != 0 {
		t.Errorf("%+v after %q", o, apis)
	}
	if r.settings[setApply] != "FreeAccess" {
		t.Errorf("settings %v", r.settings)
	}
}

func TestALockEndsWithItsGroup(t *testing.T) {
	gone := func(w http.ResponseWriter) {
		fmt.Fprintf(w, `{"ActionStatus":"OK","ErrorCode":0,"GroupInfo":[{"GroupId":%q,"ErrorCode":10010,"ErrorInfo":"x"}]}`, testGroup)
	}
	for name, a := range map[string]chat.Action{
		"unlock": toUnlock(chat.Public), "a lockdown that wants more": toLock(chat.Public, "mute"),
	} {
		for api, answer := range map[string]func(http.ResponseWriter){apiInfo: gone, apiModify: code(codeNoGroup)} {
			r, locks := lockRig(t, chat.Public)
			r.one(t, toLock(chat.Public, "close"))
			r.answers[api] = []func(http.ResponseWriter){answer}
			if o, _ := r.one(t, a); o.Class != actions.OK || o.Code != outGroupGone || locks.version != 0 {
				t.Errorf("%s, told by %s: %+v, lock %+v", name, api, o, locks.lock)
			}
		}
	}
}

func TestUnlockThatIsRefusedKeepsTheLock(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.one(t, toLock(chat.Public, "close"))
	r.fixed = map[string]int{setApply: 10004}
	o, _ := r.one(t, toUnlock(chat.Public))
	if o.Class != actions.Permanent || !strings.Contains(o.Text, "ApplyJoinOption cannot be restored to NeedPermission") || locks.version == 0 {
		t.Errorf("%+v, lock %+v", o, locks.lock)
	}
	if r.settings[setInvite] != "FreeAccess" {
		t.Errorf("settings %v", r.settings)
	}
	r.fixed = nil // and whoever sends it again ends it
	if o, _ := r.one(t, toUnlock(chat.Public)); o.Code != "0" || r.settings[setApply] != "NeedPermission" || locks.version != 0 {
		t.Errorf("%+v, settings %v", o, r.settings)
	}
}

func TestUnlockRestoresWhatIsToldAndKeepsTheLockForTheRest(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	was := maps.Clone(r.settings)
	r.one(t, toLock(chat.Public, "close", "mute"))
	r.answers[apiInfo] = []func(http.ResponseWriter){code(codeBadParameter)} // then asked without InviteJoinOption
	if o, _ := r.one(t, toUnlock(chat.Public)); o.Class != actions.Again || o.Code != outBadAnswer {
		t.Errorf("%+v", o)
	}
	if r.settings[setApply] != was[setApply] || r.settings[setMute] != was[setMute] || r.settings[setInvite] != noInvite {
		t.Errorf("settings %v", r.settings)
	}
	if l := locks.lock; locks.version == 0 || l.Applied || l.Was[setInvite] != was[setInvite] {
		t.Errorf("lock %+v", l)
	}
	r.settings[setApply] = noApply // what somebody shuts now is no longer the lockdown's
	if o, _ := r.one(t, toUnlock(chat.Public)); o.Code != "0" || locks.version != 0 {
		t.Errorf("the repeat: %+v, lock %+v", o, locks.lock)
	}
	if was[setApply] = noApply; !maps.Equal(r.settings, was) {
		t.Errorf("settings %v, want %v", r.settings, was)
	}
}

func TestUnlockOfWhichNothingIsToldWaits(t *testing.T) {
	r, locks := lockRig(t, chat.Private)
	r.one(t, toLock(chat.Private, "close"))
	delete(r.settings, setInvite)
	if o, apis := r.one(t, toUnlock(chat.Private)); o.Class != actions.Again || o.Code != outBadAnswer || apis != apiInfo || locks.lock.Set[setInvite] != noInvite {
		t.Errorf("%+v after %q, lock %+v", o, apis, locks.lock)
	}
}
