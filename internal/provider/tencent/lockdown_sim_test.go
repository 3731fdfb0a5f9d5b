package tencent

import (
	"errors"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

func TestALockedGroupLetsNobodyInAndNobodySpeak(t *testing.T) {
	m := newMatrix(t, sim.Public, "")
	w := m.sim.World()
	enters := func(name string, inviter ...string) bool {
		err := w.Join(testGroup, name, inviter...)
		if err != nil && !errors.Is(err, sim.ErrRefused) {
			t.Fatal(err)
		}
		return err == nil
	}
	speaks := func(name string) bool {
		_, err := w.Say(testGroup, name, "x")
		if err != nil && !errors.Is(err, sim.ErrRefused) {
			t.Fatal(err)
		}
		return err == nil
	}
	m.carryOut(t, []chat.Action{toLock(chat.Public, "close", "mute")})
	if enters("raider") || enters("guest", member(1)) || speaks(member(1)) {
		t.Error("the group is open during the lockdown")
	}
	if !speaks("o") || !speaks("a") {
		t.Error("staff cannot speak during the lockdown")
	}
	m.carryOut(t, m.of(chat.Intent{Kind: chat.Readmit}, chat.Public, 1))
	if got := m.carryOut(t, []chat.Action{toUnlock(chat.Public)}); got != "get_group_info 1, modify_group_base_info ApplyJoinOption=NeedPermission InviteJoinOption=FreeAccess MuteAllMember=Off" {
		t.Errorf("the end: %s", got)
	}
	if !enters("raider") || !enters("guest", member(1)) || !speaks(member(1)) {
		t.Error("the group is closed after the lockdown")
	}
}

func TestRemovedMembersAreBackAfterReadmission(t *testing.T) {
	for kind, live := range map[string]string{sim.Public: "", sim.Private: "", sim.Community: "", sim.AVChatRoom: RemovalMute} {
		m := newMatrix(t, kind, live)
		w := m.sim.World()
		told := chat.GroupType(kind)
		m.carryOut(t, m.of(chat.Intent{Kind: chat.Remove}, told, 3))
		m.carryOut(t, m.of(chat.Intent{Kind: chat.Readmit}, told, 3))
		for i := range 3 {
			if !w.Has(testGroup, member(i)) || w.Muted(testGroup, member(i)) {
				t.Errorf("%s: %s is not back", kind, member(i))
			}
		}
	}
	m := newMatrix(t, sim.AVChatRoom, RemovalBan)
	m.carryOut(t, m.of(chat.Intent{Kind: chat.Remove}, chat.AVChatRoom, 3))
	if m.sim.World().Join(testGroup, member(0)) == nil {
		t.Error("a banned viewer came back")
	}
	m.carryOut(t, m.of(chat.Intent{Kind: chat.Readmit}, chat.AVChatRoom, 3))
	if err := m.sim.World().Join(testGroup, member(0)); err != nil {
		t.Errorf("a viewer whose ban was lifted: %v", err)
	}
}
