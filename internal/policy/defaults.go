package policy

import (
	"go.yaml.in/yaml/v3"
)

// defaults is what holds for all rules.
type defaults struct {
	mode          string
	exempt        []*list
	allowDissolve bool
	brake         Brake
	unsure        bool // members whose role is not known are acted on
	refuses       bool // what may have to be blocked is, while it cannot be judged
	braked        bool // it says what the brake is, or that there is none
}

// defaultsKeys are the keys of defaults.
func (l *loader) defaultsKeys() []field {
	return append([]field{
		{name: "mode", is: modes(), doc: "The mode of rules without one: shadow unless it is given.",
			read: func(_, v *yaml.Node) { l.defaults.mode = l.mode(v) }},
		{name: "allow_dissolve", is: truths(), doc: "true: rules may use dissolve.",
			read: func(_, v *yaml.Node) { l.defaults.allowDissolve = l.boolean(v, "allow_dissolve") }},
		{name: "exempt", is: keyed(l.exemptKeys()...), doc: "Who is never acted on.",
			read: func(_, v *yaml.Node) { l.mapping(v, "exempt", l.exemptKeys()) }},
		{name: "brake", is: l.brakeShape(), doc: "How many removals of one rule are too many, or off: past it the rule is paused, and what it wants is held.",
			read: func(_, v *yaml.Node) { l.defaults.brake, l.defaults.braked = l.readBrake(v), true }},
		{name: "on_unknown_role", is: word("hold", "act"), doc: "What becomes of a removal or a mute while nobody can tell whether the member is owner or admin: hold (unless it is given) or act.",
			read: func(_, v *yaml.Node) { l.readUnknownRole(v) }},
		{name: "on_timeout", is: word("allow", "block"), doc: "What becomes of a message or a join that a rule may block while the store is away and nobody can judge: allow (unless it is given) or block.",
			read: func(_, v *yaml.Node) { l.readTimeout(v) }},
	}, later("dedupe_for")...)
}

func (l *loader) readDefaults(n *yaml.Node) { l.mapping(n, "defaults", l.defaultsKeys()) }

// exemptKeys say who is never acted on. Owners and admins never are, whatever stands here: the
// providers' side sees to that, and the key exists so that a file can say it.
func (l *loader) exemptKeys() []field {
	none := func(v *yaml.Node) bool { return v.Kind == yaml.SequenceNode && len(v.Content) == 0 }
	return []field{
		{name: "roles", is: some(word("owner", "admin")).orNone(), doc: "Owners and admins are exempt whether they stand here or not.",
			read: func(_, v *yaml.Node) {
				if none(v) {
					l.warnf(v, "remove the key", "owners and admins are exempt all the same")
					return
				}
				for _, item := range l.items(v, "roles") {
					l.choice(item, "roles", "owner", "admin")
				}
			}},
		{name: "members", is: many(shape{kind: anyText}).orNone(), doc: "IDs, tencent:ID or cams:NUMBER.", read: func(_, v *yaml.Node) {
			switch {
			case none(v):
			case v.Kind == yaml.ScalarNode:
				l.errorf(v, "name lists under lists", "members must be a list of IDs")
			default:
				l.defaults.exempt = append(l.defaults.exempt, l.list(v, "members", memberList))
			}
		}},
		{name: "lists", is: some(fitting(namePattern)).orNone(), doc: "Names of lists of the kind member.", read: func(_, v *yaml.Node) {
			if none(v) {
				return
			}
			for _, item := range l.items(v, "lists") {
				if item.Kind != yaml.ScalarNode {
					l.errorf(item, "", "lists must hold the names of lists")
					continue
				}
				l.defaults.exempt = append(l.defaults.exempt, l.list(item, "lists", memberList))
			}
		}},
	}
}

// readUnknownRole reads whether members are acted on whose role in the group cannot be looked up.
func (l *loader) readUnknownRole(v *yaml.Node) {
	l.defaults.unsure = l.choice(v, "on_unknown_role", "hold", "act") == "act"
	if l.defaults.unsure {
		l.warnf(v, "write hold: actions wait until roles can be looked up", "while roles cannot be looked up, owners and admins are acted on as well")
	}
}

// readTimeout reads whether what a rule may block is refused while it cannot be judged.
func (l *loader) readTimeout(v *yaml.Node) {
	if l.defaults.refuses = l.choice(v, "on_timeout", "allow", "block") == "block"; l.defaults.refuses {
		l.timeout = v
	}
}
