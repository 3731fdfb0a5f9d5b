package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// warn says something in the group.
type warn struct{ text template }

// warnKeys are the keys of warn.
func (l *loader) warnKeys(w *warn) []field {
	return []field{
		{name: "text", need: true, is: texts(), doc: "What is said in the group.",
			read: func(_, v *yaml.Node) { w.text = l.template(v, "text") }},
	}
}

func (l *loader) readWarn(n *yaml.Node) intent {
	w := &warn{}
	l.mapping(n, "warn", l.warnKeys(w))
	return w
}

func (w *warn) make(_ *chat.Event, f *filling) chat.Intent {
	return chat.Intent{Kind: chat.Warn, Reason: w.text.fill(f), Quotes: w.text.quotes()}
}

func (w *warn) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		return "SendChatappMessage", true
	}
	return "send_group_msg", true
}
