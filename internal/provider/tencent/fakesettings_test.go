package tencent

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// writeInfo answers with what the filter asks for.
func (f *fake) writeInfo(w http.ResponseWriter, c got) {
	filter := c.body["ResponseFilter"].(map[string]any)["GroupBaseInfoFilter"].([]any)
	info := map[string]any{"GroupId": testGroup, "ErrorCode": 0}
	for _, name := range filter {
		switch name {
		case "Type":
			info["Type"] = f.kind
		case "Owner_Account":
			info["Owner_Account"] = f.owner
		case "MemberNum":
			info["MemberNum"] = f.members
		default:
			if value := f.settings[name.(string)]; value != "" {
				info[name.(string)] = value
			}
		}
	}
	f.write(w, map[string]any{"GroupInfo": []any{info}})
}

// modify changes settings: all that can be, or none when one of them is refused.
func (f *fake) modify(w http.ResponseWriter, c got) {
	for name := range c.body {
		if n := f.fixed[name]; n != 0 {
			code(n)(w)
			return
		}
	}
	for name, value := range c.body {
		if _, fixed := f.fixed[name]; !fixed && name != "GroupId" {
			f.settings[name] = value.(string)
		}
	}
	code(0)(w)
}

func (f *fake) writeAdded(w http.ResponseWriter, c got) {
	if f.kind == "AVChatRoom" {
		code(codeNotPermitted)(w)
		return
	}
	var list []any
	for _, m := range c.body["MemberList"].([]any) {
		member := m.(map[string]any)["Member_Account"].(string)
		result, told := f.added[member]
		if !told {
			result = 1
		}
		if result >= 0 {
			list = append(list, map[string]any{"Member_Account": member, "Result": result})
		}
	}
	f.write(w, map[string]any{"MemberList": list})
}

func (f *fake) write(w http.ResponseWriter, body map[string]any) {
	body["ActionStatus"], body["ErrorCode"] = "OK", 0
	if err := json.NewEncoder(w).Encode(body); err != nil {
		f.t.Error(err)
	}
}

// memoryLocks keeps the contract of Locks, and can be told to fail.
type memoryLocks struct {
	mu      sync.Mutex // guards the fields below
	lock    chat.Lock
	version int64
	fail    int    // so many calls that change something fail
	before  func() // runs once, before the next change
}

var errLocksAway = errors.New("the locks are away")

func (l *memoryLocks) Lock(context.Context, chat.Group) (chat.Lock, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.lock
	c.Was, c.Set = maps.Clone(c.Was), maps.Clone(c.Set)
	return c, l.version, nil
}

// may decides a change to the version that was read. The caller holds l.mu.
func (l *memoryLocks) may(version int64) error {
	if run := l.before; run != nil {
		l.before = nil
		run()
	}
	if l.fail > 0 {
		l.fail--
		return errLocksAway
	}
	if version != l.version {
		return errors.New("another version is stored")
	}
	return nil
}

func (l *memoryLocks) SaveLock(_ context.Context, c chat.Lock, version int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.may(version); err != nil {
		return err
	}
	c.Was, c.Set = maps.Clone(c.Was), maps.Clone(c.Set)
	l.lock, l.version = c, version+1
	return nil
}

func (l *memoryLocks) DropLock(_ context.Context, _ chat.Group, version int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.may(version); err != nil {
		return err
	}
	l.lock, l.version = chat.Lock{}, 0
	return nil
}

// lockRig is a rig of a group with open settings.
func lockRig(t *testing.T, kind chat.GroupType) (*rig, *memoryLocks) {
	t.Helper()
	locks := &memoryLocks{}
	r := newRig(t, func(c *SenderConfig, f *fake) {
		c.Locks, f.kind = locks, string(kind)
		f.settings = map[string]string{setApply: "NeedPermission", setInvite: "FreeAccess", setMute: "Off"}
		if kind == chat.AVChatRoom {
			delete(f.settings, setInvite)
		}
	})
	return r, locks
}

// toLock returns a lockdown; parts are close and mute.
func toLock(t chat.GroupType, parts ...string) chat.Action {
	a := act(chat.Lockdown, t, "")
	a.Case, a.Intent.Rule = "c1", "raid"
	a.Intent.Close, a.Intent.MuteAll = slices.Contains(parts, "close"), slices.Contains(parts, "mute")
	return a
}

func toUnlock(t chat.GroupType) chat.Action { return act(chat.Unlock, t, "") }

// one sends one action, and returns its outcome and the calls that it took.
func (r *rig) one(t *testing.T, a chat.Action) (actions.Outcome, string) {
	t.Helper()
	r.mu.Lock()
	r.calls = nil
	r.mu.Unlock()
	return r.sendAll(t, []chat.Action{a})[0], r.apis()
}
