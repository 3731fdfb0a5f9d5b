package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// dissolve ends the group as a whole. It needs allow_dissolve in the defaults.
type dissolve struct{}

func (l *loader) readDissolve(n *yaml.Node) intent {
	l.mapping(n, "dissolve", nil)
	if !l.defaults.allowDissolve {
		l.errorf(n, "set allow_dissolve: true in defaults, if groups may really be ended", "dissolve is not allowed")
	}
	return &dissolve{}
}

func (*dissolve) make(*chat.Event, *filling) chat.Intent { return chat.Intent{Kind: chat.Dissolve} }

func (*dissolve) effect(at venue) (string, bool) {
	switch {
	case at.provider == chat.CAMS:
		return "DeleteChatGroup", true
	}
	return "destroy_group", true
}
