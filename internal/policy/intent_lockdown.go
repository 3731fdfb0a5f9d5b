package policy

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// lockdown closes the group: the ways in, the invite link, or writing. A revoked invite link stays
// revoked: a new one is a person's choice.
type lockdown struct {
	duration       time.Duration // 0: until somebody ends it
	joins, muteAll bool
	revoke         bool
}

// lockdownKeys are the keys of lockdown.
func (l *loader) lockdownKeys(k *lockdown) []field {
	return []field{
		{name: "for", is: durations(), doc: "How long it lasts.", read: func(_, v *yaml.Node) { k.duration = l.durationUpTo(v, "for", 365) }},
		{name: "joins", is: word("close"), doc: "close: nobody can join.",
			read: func(_, v *yaml.Node) { k.joins = l.choice(v, "joins", "close") != "" }},
		{name: "mute_all", is: truths(), doc: "true: only staff can write.", read: func(_, v *yaml.Node) { k.muteAll = l.boolean(v, "mute_all") }},
		{name: "invite_link", is: word("revoke"), doc: "revoke: the invite link ends, and does not come back by itself.",
			read: func(_, v *yaml.Node) { k.revoke = l.choice(v, "invite_link", "revoke") != "" }},
	}
}

func (l *loader) readLockdown(n *yaml.Node) intent {
	k := &lockdown{}
	l.mapping(n, "lockdown", l.lockdownKeys(k))
	if n.Kind == yaml.MappingNode && !k.joins && !k.muteAll && !k.revoke {
		l.errorf(n, "joins: close, mute_all: true or invite_link: revoke", "lockdown closes nothing")
	}
	return k
}

func (k *lockdown) make(e *chat.Event, _ *filling) chat.Intent {
	in := chat.Intent{Kind: chat.Lockdown, Revoke: k.revoke, Close: k.joins, MuteAll: k.muteAll}
	if k.duration > 0 {
		in.Until = e.At.Add(k.duration)
	}
	return in
}

func (k *lockdown) effect(at venue) (string, bool) {
	switch {
	case at.provider == chat.CAMS && k.revoke && (k.joins || k.muteAll):
		return "DeleteChatGroupInviteLink, without the rest", true
	case at.provider == chat.CAMS && k.revoke:
		return "DeleteChatGroupInviteLink", true
	case at.provider == chat.CAMS:
		return "not possible: only the invite link can be closed", false
	}
	return "not carried out by this version", false
}
