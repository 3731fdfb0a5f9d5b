package policy

import (
	"go.yaml.in/yaml/v3"
)

// defaults is what holds for all rules.
type defaults struct {
	mode          string
	exempt        []*list
	allowDissolve bool
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
		{name: "brake", is: keyed(l.brakeKeys()...), doc: "How many removals are too many.",
			read: func(key, v *yaml.Node) { l.readBrake(key, v) }},
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

// brakeKeys are the keys of brake.
func (l *loader) brakeKeys() []field {
	return []field{
		{name: "removals", need: true, is: numbers(1, maxThreshold), doc: "How many removals of one rule in one group are still fine.",
			read: func(_, v *yaml.Node) { l.integer(v, "removals", 1, maxThreshold) }},
		{name: "within", need: true, is: durations(), doc: "The time in which they are counted, such as 5m.",
			read: func(_, v *yaml.Node) { l.duration(v, "within") }},
		{name: "share_of_group", is: percents(), doc: "The share of the group's members that is still fine, such as 5%.",
			read: func(_, v *yaml.Node) { l.percent(v, "share_of_group") }},
	}
}

// readBrake reads the brake, which nothing is done with yet: a file that has one must not make its
// reader believe that it holds.
func (l *loader) readBrake(key, v *yaml.Node) {
	if l.mapping(v, "brake", l.brakeKeys()) {
		l.warnf(key, "start each rule with mode: shadow", "brake is read, and not applied by this version")
	}
}
