package policy

import (
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// ruleKeys are the keys of a rule.
func (l *loader) ruleKeys(c *ruleContext) []field {
	r := c.rule
	return append([]field{
		{name: "id", need: true, is: fitting("^[a-z0-9-]{1,64}$"), doc: "Names the rule in cases, logs and metrics: a-z, 0-9 and -.",
			read: func(_, v *yaml.Node) {
				if s, ok := l.text(v, "id"); ok && (!isName(s) || strings.Contains(s, "_")) {
					l.errorf(v, "a-z, 0-9 and -", "%q cannot be a rule's id", s)
				}
			}},
		{name: "title", is: texts(), doc: "What the rule is about, for people.",
			read: func(_, v *yaml.Node) { r.title, _ = l.text(v, "title") }},
		{name: "on", need: true, is: some(word(string(chat.Message), string(chat.Join))), doc: "The events that the rule looks at.",
			read: func(_, v *yaml.Node) { r.kinds = l.readKinds(v) }},
		{name: "mode", is: modes(), doc: "shadow: judge and record; enforce: act; off.",
			read: func(_, v *yaml.Node) { r.mode = l.mode(v) }},
		{name: "when", is: conditional(), doc: "Conditions, all of which must hold.",
			read: func(_, v *yaml.Node) { c.when, r.when = v, l.readConditions(v, "when") }},
		{name: "unless", is: lazy(l.exceptionsShape), doc: "Exceptions. One about texts or links excuses only what it covers.",
			read: func(_, v *yaml.Node) { c.unless, r.exceptions = v, l.readExceptions(v) }},
		{name: "then", need: true, is: lazy(l.stepsShape), doc: "What to do, in order.",
			read: func(_, v *yaml.Node) { c.then, r.intents = v, l.readIntents(v) }},
		{name: "stop", is: truths(), doc: "true: later rules are not looked at once this one matches and is enforced.",
			read: func(_, v *yaml.Node) { r.stop = l.boolean(v, "stop") }},
		{name: "brake", is: l.brakeShape(), doc: "How many removals of this rule are too many, or off; that of defaults unless it is given.",
			read: func(key, v *yaml.Node) { c.brake, r.brake, r.ownBrake = key, l.readBrake(v), true }},
		{name: "ack", is: word("matches-everything"), doc: "Says that a rule that matches everybody is meant.",
			read: func(_, v *yaml.Node) { c.ack = l.choice(v, "ack", "matches-everything") != "" }},
		{name: "tests", is: lazy(l.testsShape), doc: "Events, and whether the rule must match one of them.",
			read: func(_, v *yaml.Node) { c.tests = v }},
	}, l.scopeKeys(r)...)
}

func modes() shape { return word(ModeShadow, ModeEnforce, ModeOff) }

// scopeKeys are the keys that say where a rule applies.
func (l *loader) scopeKeys(r *rule) []field {
	return []field{
		{name: "providers", is: some(word(string(chat.Tencent), string(chat.CAMS))), doc: "The providers whose groups it is for; all unless given.",
			read: func(_, v *yaml.Node) {
				for _, item := range l.items(v, "providers") {
					r.providers = append(r.providers, chat.Provider(l.choice(item, "providers", string(chat.Tencent), string(chat.CAMS))))
				}
			}},
		{name: "groups", is: some(texts()), doc: "Patterns (* and ?) of the IDs of the groups that it is for; all unless given.",
			read: func(_, v *yaml.Node) { r.groups = l.globs(v, "groups") }},
		{name: "group_types", is: some(word(groupTypes()...)), doc: "The types of groups that it is for; all unless given.",
			read: func(_, v *yaml.Node) {
				for _, item := range l.items(v, "group_types") {
					r.groupTypes = append(r.groupTypes, chat.GroupType(l.choice(item, "group_types", groupTypes()...)))
				}
			}},
	}
}

func groupTypes() []string {
	return []string{string(chat.Private), string(chat.Public), string(chat.ChatRoom), string(chat.AVChatRoom),
		string(chat.Community), string(chat.Live), string(chat.WhatsApp)}
}
