package policy

import (
	"slices"

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
	doc  string
	read func(l *loader, n *yaml.Node) intent
	// is returns what the intent's value looks like.
	is func(l *loader) shape
}

// wanted is an intent with the place where the file has it.
type wanted struct {
	intent
	kind      string
	node      *yaml.Node
	at, below int // the rung of the ladder on which it stands; 0: no bound
}

// venue is a kind of group on a provider.
type venue struct {
	provider chat.Provider
	group    chat.GroupType
	name     string // as notes spell it
}

// venues returns all kinds of groups that intents differ by
// (https://trtc.io/document/33529, 2025: the five group types). Rooms of TUILiveKit are among them
// for a rule that names them: else there is nothing to tell of them that live rooms do not have.
func venues(r *rule) []venue {
	all := []venue{
		{chat.Tencent, chat.Private, "Tencent Private"},
		{chat.Tencent, chat.Public, "Tencent Public"},
		{chat.Tencent, chat.ChatRoom, "Tencent ChatRoom"},
		{chat.Tencent, chat.Community, "Tencent Community"},
		{chat.Tencent, chat.AVChatRoom, "Tencent AVChatRoom"},
		{chat.CAMS, chat.WhatsApp, "CAMS"},
	}
	if slices.Contains(r.groupTypes, chat.Live) {
		all = slices.Insert(all, len(all)-1, venue{chat.Tencent, chat.Live, "Tencent Live"})
	}
	return all
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
			hint, known := "write "+item.Value+": {}", fieldNames(l.stepKeys(&wanted{}, new(*yaml.Node)))
			if !slices.Contains(known, item.Value) {
				hint = keyHint(item.Value, known)
			}
			l.errorf(item, hint, "an intent must be a map")
			continue
		}
		out = l.readIntent(item, out)
	}
	l.setRungs(out)
	return out
}

// stepKeys are the keys of an item of then: the intents, and the rung on which one stands.
func (l *loader) stepKeys(w *wanted, at **yaml.Node) []field {
	fields := []field{{name: "at_strikes", is: numbers(1, maxStrikes), doc: "The intent acts from this many strikes on, up to the next rung.",
		read: func(key, v *yaml.Node) { *at, w.at = key, l.integer(v, "at_strikes", 1, maxStrikes) }}}
	for _, k := range intentKinds() {
		fields = append(fields, field{name: k.name, doc: k.doc, read: func(key, value *yaml.Node) {
			if isNull(value) {
				value = &yaml.Node{Kind: yaml.MappingNode, Line: value.Line, Column: value.Column}
			}
			if w.intent != nil {
				l.errorf(key, "begin each intent with a dash of its own", "an item of then must hold one intent")
				return
			}
			w.intent, w.kind, w.node = k.read(l, value), k.name, key
		}})
	}
	return fields
}

// stepsShape is what then looks like.
func (l *loader) stepsShape() shape {
	var at *yaml.Node
	return many(shape{kind: intentItem, keys: l.stepKeys(&wanted{}, &at)[:1]})
}

// readIntent reads one item of then.
func (l *loader) readIntent(item *yaml.Node, out []wanted) []wanted {
	w, at := wanted{}, (*yaml.Node)(nil)
	if !l.mapping(item, "then", l.stepKeys(&w, &at)) {
		return out
	}
	if w.intent == nil {
		if len(item.Content) == 0 || at != nil {
			l.errorf(item, "", "an item of then must hold one intent")
		}
		return out
	}
	for _, had := range out {
		if had.kind == w.kind && had.at == w.at {
			l.errorf(w.node, "", "then has %s twice", w.kind)
		}
	}
	l.checkRung(at, &w, out)
	return append(out, w)
}

// merge adds an intent to those of the case. Of two of one kind the first one's rule, reason and
// silence stand, and the stronger end state.
func merge(intents []chat.Intent, in chat.Intent) []chat.Intent {
	for i := range intents {
		first := &intents[i]
		if first.Kind != in.Kind || first.AtStrikes+in.AtStrikes > 0 {
			continue // an intent on a rung may not come about
		}
		if !first.Until.IsZero() && (in.Until.IsZero() || in.Until.After(first.Until)) {
			first.Until = in.Until // the zero time is for ever
		}
		first.Revoke, first.Close, first.MuteAll = first.Revoke || in.Revoke, first.Close || in.Close, first.MuteAll || in.MuteAll
		if severity(in.Severity) > severity(first.Severity) {
			first.Severity = in.Severity
		}
		return intents
	}
	return append(intents, in)
}
