package tencent

import (
	"net/http"
	"slices"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// A pause or an undo comes while the job waits for the slot of its look-up.
func TestWhatIsStoppedDuringALookUpIsNotCarriedOut(t *testing.T) {
	recall := act(chat.Recall, chat.Public, "m")
	recall.Intent.Message = "7"
	for name, tt := range map[string]struct {
		a    chat.Action
		live string // what removal is in a live room
	}{
		"a removal":          {a: act(chat.Remove, chat.Public, "m")},
		"of unknown type":    {a: act(chat.Remove, "", "m")},
		"a mute":             {a: act(chat.Mute, chat.Public, "m")},
		"a ban":              {a: act(chat.Remove, chat.AVChatRoom, "m"), live: RemovalBan},
		"a recall":           {a: recall},
		"a warning":          {a: act(chat.Warn, chat.Public, "m")},
		"a lockdown":         {a: toLock(chat.Public, "close")},
		"the end of a group": {a: act(chat.Dissolve, chat.Public, "")},
	} {
		t.Run(name, func(t *testing.T) {
			var held bool
			locks := &memoryLocks{}
			r := newRig(t, func(c *SenderConfig, f *fake) {
				c.Still = func(*chat.Action) actions.Ruling {
					if held {
						return actions.Ruling{State: actions.Held, Code: "paused"}
					}
					return actions.Ruling{}
				}
				c.Locks, c.LiveRoomRemoval, f.owner = locks, tt.live, "o"
				f.settings = map[string]string{setApply: "NeedPermission", setInvite: "FreeAccess", setMute: "Off"}
				if f.kind = "Public"; tt.a.GroupType == chat.AVChatRoom {
					f.kind = "AVChatRoom"
				}
			})
			held = true
			o, apis := r.one(t, tt.a)
			if o.Class != actions.Again || o.Code != outStopped || o.Wait <= 0 || locks.version != 0 {
				t.Errorf("while it is stopped: %+v, lock %+v", o, locks.lock)
			}
			for _, api := range []string{apiKick, apiForbid, apiBan, apiRecall, apiSend, apiModify, apiDestroy} {
				if slices.ContainsFunc(r.calls, func(c got) bool { return c.api == api }) {
					t.Errorf("calls %q", apis)
				}
			}
			held = false
			if o, _ := r.one(t, tt.a); o.Class != actions.OK {
				t.Errorf("afterwards: %+v", o)
			}
		})
	}
}

func TestOnlyThoseThatAreStoppedStayBack(t *testing.T) {
	r := newRig(t, func(c *SenderConfig, _ *fake) {
		c.Still = func(a *chat.Action) actions.Ruling {
			if a.Member == "b" {
				return actions.Ruling{State: actions.Void}
			}
			return actions.Ruling{}
		}
	})
	if got := r.send(t, removals(chat.Public, "a", "b", "c")); !slices.Equal(got, []string{"OK 0", "Again stopped", "OK 0"}) {
		t.Error(got)
	}
	if list := r.last().body["MemberToDel_Account"].([]any); !slices.Equal(list, []any{"a", "c"}) {
		t.Errorf("removed %v", list)
	}
}

func TestWhatRestoresIsNeverStopped(t *testing.T) {
	r, _ := lockRig(t, chat.Public)
	r.one(t, toLock(chat.Public, "close"))
	r.s.still = func(*chat.Action) actions.Ruling { return actions.Ruling{State: actions.Held} }
	for _, a := range []chat.Action{toUnlock(chat.Public), act(chat.Readmit, chat.Public, "m"), act(chat.Unmute, chat.Public, "m")} {
		if o, _ := r.one(t, a); o.Class != actions.OK || o.Code != "0" {
			t.Errorf("%s: %+v", a.Intent.Kind, o)
		}
	}
}

// A call whose signature had expired is made again, after another wait for a slot.
func TestACallIsNotRepeatedOnceItIsStopped(t *testing.T) {
	var held bool
	r := newRig(t, func(c *SenderConfig, f *fake) {
		c.Still = func(*chat.Action) actions.Ruling {
			if held {
				return actions.Ruling{State: actions.Held}
			}
			return actions.Ruling{}
		}
		f.answers[apiKick] = []func(http.ResponseWriter){func(w http.ResponseWriter) {
			held = true
			code(codeSigExpired)(w)
		}}
	})
	if got := r.send(t, removals(chat.Public, "a")); !slices.Equal(got, []string{"Again stopped"}) || r.apis() != apiRoles+" "+apiKick {
		t.Errorf("%q after %q", got, r.apis())
	}
}
