package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// lockdown closes the ways into the group. For now that is the invite link of a WhatsApp group,
// which stays revoked: a new link is a person's choice.
type lockdown struct{}

func (l *loader) readLockdown(n *yaml.Node) intent {
	l.mapping(n, "lockdown", append([]field{
		{name: "invite_link", need: true, read: func(_, v *yaml.Node) { l.choice(v, "invite_link", "revoke") }},
	}, later("for", "joins", "mute_all")...))
	return &lockdown{}
}

func (*lockdown) make(*chat.Event, *filling) chat.Intent {
	return chat.Intent{Kind: chat.Lockdown, Revoke: true}
}

func (*lockdown) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		return "DeleteChatGroupInviteLink", true
	}
	return "not possible: there is no invite link", false
}
