package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// intent is one compiled intent of a rule.
type intent interface {
	// make returns what is wanted about an event.
	make(e *chat.Event, f *filling) chat.Intent
	// effect says what the intent becomes in a kind of group, and whether it is possible there.
	effect(at venue) (what string, possible bool)
}

// intentKind is one intent of the language.
type intentKind struct {
	name string
	read func(l *loader, n *yaml.Node) intent // nil: not available yet
}

// wanted is an intent with the place where the file has it.
type wanted struct {
	intent
	kind string
	node *yaml.Node
}

// venue is a kind of group on a provider.
type venue struct {
	provider chat.Provider
	group    chat.GroupType
	name     string // as notes spell it
}

// venues returns all kinds of groups that intents differ by
// (https://trtc.io/document/33529, 2025: the five group types).
func venues() []venue {
	return []venue{
		{chat.Tencent, chat.Private, "Tencent Private"},
		{chat.Tencent, chat.Public, "Tencent Public"},
		{chat.Tencent, chat.ChatRoom, "Tencent ChatRoom"},
		{chat.Tencent, chat.Community, "Tencent Community"},
		{chat.Tencent, chat.AVChatRoom, "Tencent AVChatRoom"},
		{chat.CAMS, chat.WhatsApp, "CAMS"},
	}
}

// readIntents reads the list under then.
func (l *loader) readIntents(n *yaml.Node) []wanted {
	var out []wanted
	if n.Kind != yaml.SequenceNode {
		l.errorf(n, "such as [remove: {}]", "then must be a list of intents")
		return nil
	}
	if len(n.Content) == 0 {
		l.errorf(n, "use mode: shadow for a rule that only watches", "then is an empty list")
	}
	for _, item := range n.Content {
		if item.Kind == yaml.ScalarNode {
			l.errorf(item, "write "+item.Value+": {}", "an intent must be a map")
			continue
		}
		if item.Kind == yaml.MappingNode && len(item.Content) != 2 {
			l.errorf(item, "begin each intent with a dash of its own", "an item of then must hold one intent")
			continue
		}
		var fields []field
		for _, k := range intentKinds() {
			f := field{name: k.name}
			if k.read != nil {
				f.read = func(key, value *yaml.Node) {
					if isNull(value) {
						value = &yaml.Node{Kind: yaml.MappingNode, Line: value.Line, Column: value.Column}
					}
					for _, w := range out {
						if w.kind == k.name {
							l.errorf(key, "", "then has %s twice", k.name)
						}
					}
					out = append(out, wanted{k.read(l, value), k.name, key})
				}
			}
			fields = append(fields, f)
		}
		l.mapping(item, "then", append(fields, later("at_strikes")...))
	}
	return out
}

// merge adds an intent to those of the case. Of two of one kind the first one's rule, reason and
// silence stand, and the stronger end state.
func merge(intents []chat.Intent, in chat.Intent) []chat.Intent {
	for i := range intents {
		first := &intents[i]
		if first.Kind != in.Kind {
			continue
		}
		if !first.Until.IsZero() && (in.Until.IsZero() || in.Until.After(first.Until)) {
			first.Until = in.Until // the zero time is for ever
		}
		first.Revoke = first.Revoke || in.Revoke
		if severity(in.Severity) > severity(first.Severity) {
			first.Severity = in.Severity
		}
		return intents
	}
	return append(intents, in)
}
