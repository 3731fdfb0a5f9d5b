package policy

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// remove takes the member out of the group.
type remove struct {
	reason   template
	silent   bool
	duration time.Duration // 0: for ever; only where removal is a mute or a ban
	told     bool          // it has a reason or is silent
}

func (l *loader) readRemove(n *yaml.Node) intent {
	r := &remove{}
	l.mapping(n, "remove", append([]field{
		{name: "reason", read: func(_, v *yaml.Node) { r.reason, r.told = l.template(v, "reason"), true }},
		{name: "silent", read: func(_, v *yaml.Node) { r.silent = l.boolean(v, "silent"); r.told = r.told || r.silent }},
		{name: "for", read: func(_, v *yaml.Node) { r.duration = l.durationUpTo(v, "for", 365) }},
	}, later("who", "from")...))
	return r
}

func (r *remove) make(e *chat.Event, f *filling) chat.Intent {
	in := chat.Intent{Kind: chat.Remove, Reason: r.reason.fill(f), Silent: r.silent}
	if r.duration > 0 {
		in.Until = e.At.Add(r.duration)
	}
	return in
}

func (r *remove) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		if r.told {
			return "DeleteChatGroupParticipants, without reason and silence", true
		}
		return "DeleteChatGroupParticipants", true
	}
	if at.group == chat.AVChatRoom {
		return "forbid_send_msg or ban_group_member by BOT_TENCENT_LIVE_ROOM_REMOVAL, as members cannot be deleted", true
	}
	return "delete_group_member", true
}
