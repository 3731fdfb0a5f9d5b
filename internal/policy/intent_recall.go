package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// recall takes the message back.
type recall struct{}

func (l *loader) readRecall(n *yaml.Node) intent {
	l.mapping(n, "recall", nil)
	l.cur.onlyMessages = append(l.cur.onlyMessages, place{n, "recall"})
	return recall{}
}

func (recall) make(e *chat.Event, _ *filling) chat.Intent {
	return chat.Intent{Kind: chat.Recall, Message: e.Message}
}

func (recall) effect(at venue) (string, bool) {
	switch {
	case at.provider == chat.CAMS:
		return "not possible", false
	case at.group == chat.AVChatRoom:
		return "group_msg_recall, under one hour", true
	}
	return "group_msg_recall", true
}
