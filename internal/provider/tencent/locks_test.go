package tencent

import (
	"maps"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestLockIsStoredBeforeAnythingIsChanged(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.answers[apiModify] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
		if l := locks.lock; l.Applied || l.Was[setApply] != "NeedPermission" || l.Set[setApply] != noApply {
			t.Errorf("when the call is made, the lock is %+v", l)
		}
		code(0)(w)
	}}
	r.one(t, toLock(chat.Public, "close"))
	r, locks = lockRig(t, chat.Public)
	locks.fail = 1
	if o, apis := r.one(t, toLock(chat.Public, "close")); o.Class != actions.Again || o.Code != outLock || apis != apiInfo {
		t.Errorf("without a place for the lock: %+v after %q", o, apis)
	}
}

func TestAnotherReplicasLockIsNotOverwritten(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	locks.before = func() { locks.lock, locks.version = chat.Lock{Rule: "other"}, 1 }
	if o, apis := r.one(t, toLock(chat.Public, "close")); o.Class != actions.Again || apis != apiInfo || locks.lock.Rule != "other" {
		t.Errorf("%+v after %q, lock %+v", o, apis, locks.lock)
	}
}

// TestLockdownWithAnUnknownOutcomeIsFinished breaks the first attempt off, and looks whether the
// repeat holds and remembers how the group was.
func TestLockdownWithAnUnknownOutcomeIsFinished(t *testing.T) {
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	for name, tt := range map[string]struct {
		spoil func(*rig, *memoryLocks)
		again string // the calls of the repeat
	}{
		"nothing was changed": {func(r *rig, _ *memoryLocks) { r.answers[apiModify] = []func(http.ResponseWriter){cut} }, wholeLockdown},
		"it was changed, and nobody was told": {func(r *rig, _ *memoryLocks) {
			r.answers[apiModify] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
				r.settings[setApply], r.settings[setInvite] = noApply, noInvite
				cut(w)
			}}
		}, apiInfo},
		"it could not be verified": {func(r *rig, _ *memoryLocks) {
			r.answers[apiInfo] = []func(http.ResponseWriter){r.infoOnce, cut}
		}, apiInfo},
		"the end could not be stored": {func(_ *rig, l *memoryLocks) {
			l.before = func() { l.before = func() { l.fail = 1 } }
		}, apiInfo},
	} {
		t.Run(name, func(t *testing.T) {
			r, locks := lockRig(t, chat.Public)
			was := maps.Clone(r.settings)
			tt.spoil(r, locks)
			if o, _ := r.one(t, toLock(chat.Public, "close")); o.Class != actions.Again || locks.version == 0 || locks.lock.Applied {
				t.Errorf("%+v, lock %+v", o, locks.lock)
			}
			if o, apis := r.one(t, toLock(chat.Public, "close")); o.Class != actions.OK || apis != tt.again || !locks.lock.Applied {
				t.Errorf("the repeat: %+v after %q, lock %+v", o, apis, locks.lock)
			}
			if r.settings[setApply] != noApply || r.settings[setInvite] != noInvite {
				t.Errorf("settings %v", r.settings)
			}
			if r.one(t, toUnlock(chat.Public)); !maps.Equal(r.settings, was) {
				t.Errorf("after the end %v, want %v", r.settings, was)
			}
		})
	}
}

// infoOnce answers get_group_info as the fake does. The fake holds its mutex.
func (r *rig) infoOnce(w http.ResponseWriter) { r.writeInfo(w, r.calls[len(r.calls)-1]) }

// TestAfterTheEndTheGroupIsAsPeopleLeftIt runs random lockdowns, ends, failures of every call and of
// the store, and admins who change settings in between. Once a lockdown has ended, each setting is what
// a person last made it.
func TestAfterTheEndTheGroupIsAsPeopleLeftIt(t *testing.T) {
	values := map[string][]string{
		setApply: {"FreeAccess", "NeedPermission", noApply}, setInvite: {"FreeAccess", "NeedPermission", noInvite}, setMute: {muteOn, "Off"},
	}
	lost := func(effect bool, r *rig) func(http.ResponseWriter) {
		return func(http.ResponseWriter) {
			if effect {
				for name, value := range r.calls[len(r.calls)-1].body {
					if name != "GroupId" {
						r.settings[name] = value.(string)
					}
				}
			}
			panic(http.ErrAbortHandler)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r, locks := lockRig(t, chat.Public)
		people := map[string]string{}
		for _, name := range []string{setApply, setInvite, setMute} {
			people[name] = rapid.SampledFrom(values[name]).Draw(rt, name)
		}
		r.settings = maps.Clone(people)
		until := func(a chat.Action) {
			for range 20 {
				if o, _ := r.one(t, a); o.Class == actions.OK {
					return
				}
			}
			rt.Fatalf("%s does not come to an end", a.Intent.Kind)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1:
				parts := rapid.SampledFrom([][]string{{"close"}, {"mute"}, {"close", "mute"}}).Draw(rt, "parts")
				r.one(t, toLock(chat.Public, parts...))
			case 2: // a person who sets what a lockdown sets cannot be told from it
				name := rapid.SampledFrom([]string{setApply, setInvite, setMute}).Draw(rt, "setting")
				value := rapid.SampledFrom(values[name]).Draw(rt, "value")
				if value != lockedAs(name) && r.settings[name] != value {
					people[name], r.settings[name] = value, value
				}
			case 3:
				r.answers[apiModify] = append(r.answers[apiModify], lost(rapid.Bool().Draw(rt, "effect"), r))
			case 4:
				locks.fail += rapid.IntRange(0, 2).Draw(rt, "failures")
			}
			if rapid.IntRange(0, 3).Draw(rt, "end") == 0 {
				r.one(t, toUnlock(chat.Public))
			}
		}
		until(toUnlock(chat.Public))
		if !maps.Equal(r.settings, people) {
			rt.Fatalf("settings are %v, people made them %v", r.settings, people)
		}
	})
}

func TestALaterLockdownFinishesWhatAnEarlierOneBegan(t *testing.T) {
	r, locks := lockRig(t, chat.Public)
	r.answers[apiModify] = []func(http.ResponseWriter){code(10002)}
	r.one(t, toLock(chat.Public, "close", "mute"))
	if o, _ := r.one(t, toLock(chat.Public, "close")); o.Code != "0" || r.settings[setMute] != muteOn || !locks.lock.Applied {
		t.Errorf("%+v, settings %v, lock %+v", o, r.settings, locks.lock)
	}
}
