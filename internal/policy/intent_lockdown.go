package policy

import (
	"strings"
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
		{name: "for", is: durations(), doc: "How long it lasts, 1m to 24h; until somebody ends it unless it is given. It is extended while the rule goes on matching.",
			read: func(_, v *yaml.Node) { k.duration = l.durationFrom(v, "for", time.Minute, 1) }},
		{name: "joins", is: word("close"), doc: "close: nobody can join. In Tencent's Private, Public and Community groups.",
			read: func(_, v *yaml.Node) { k.joins = l.choice(v, "joins", "close") != "" }},
		{name: "mute_all", is: truths(), doc: "true: only owner and admins can write. On Tencent.",
			read: func(_, v *yaml.Node) { k.muteAll = l.boolean(v, "mute_all") }},
		{name: "invite_link", is: word("revoke"), doc: "revoke: the invite link ends, and does not come back by itself. On WhatsApp.",
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

// effect tells the parts apart: which of them a group knows differs by its type
// (https://www.tencentcloud.com/document/product/1047/34962, 2025).
func (k *lockdown) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		switch {
		case k.revoke && (k.joins || k.muteAll):
			return "DeleteChatGroupInviteLink, without the rest", true
		case k.revoke:
			return "DeleteChatGroupInviteLink", true
		}
		return "not possible: only the invite link can be closed", false
	}
	var can, cannot []string
	switch {
	case !k.joins:
	case at.group == chat.Private:
		can = append(can, "nobody can be invited")
	case at.group == chat.Public, at.group == chat.Community:
		can = append(can, "nobody can join")
	default:
		cannot = append(cannot, "joins")
	}
	if k.muteAll {
		can = append(can, "only owner and admins can write")
	}
	if k.revoke {
		cannot = append(cannot, "invite_link")
	}
	if len(can) == 0 {
		return "not possible", false
	}
	s := "modify_group_base_info, " + strings.Join(can, " and ")
	if k.duration > 0 {
		s += " for " + timeText(k.duration)
	} else {
		s += " until somebody ends it"
	}
	if len(cannot) > 0 {
		s += ", without " + strings.Join(cannot, " and ")
	}
	return s, true
}
