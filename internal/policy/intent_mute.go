package policy

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// mute keeps the member from sending for some time.
type mute struct{ duration time.Duration }

func (l *loader) readMute(n *yaml.Node) intent {
	m := &mute{}
	l.mapping(n, "mute", l.muteKeys(m))
	return m
}

// muteKeys are the keys of mute.
func (l *loader) muteKeys(m *mute) []field {
	return []field{
		{name: "for", need: true, is: durations(), doc: "How long the member cannot write, such as 10m.",
			read: func(_, v *yaml.Node) { m.duration = l.durationUpTo(v, "for", 365) }},
	}
}

func (m *mute) make(e *chat.Event, _ *filling) chat.Intent {
	return chat.Intent{Kind: chat.Mute, Until: e.At.Add(m.duration)}
}

func (m *mute) effect(at venue) (string, bool) {
	switch {
	case at.provider == chat.CAMS, at.group == chat.Private:
		return "not possible", false
	}
	return "forbid_send_msg", true
}
