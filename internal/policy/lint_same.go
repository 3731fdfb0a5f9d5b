package policy

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// conditionsOf returns the conditions of a map of them, each in a form that is the same for the same
// condition however it is laid out. Other keys of the map are left out.
func conditionsOf(n *yaml.Node) []string {
	var out []string
	if n == nil {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Value; k != "name" && k != "until" {
			out = append(out, k+" "+canonical(n.Content[i+1]))
		}
	}
	return out
}

// canonical writes a node without layout, with the keys of maps in order.
func canonical(n *yaml.Node) string {
	var b strings.Builder
	writeNode(&b, n)
	return b.String()
}

func writeNode(b *strings.Builder, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		var pairs []string
		for i := 0; i+1 < len(n.Content); i += 2 {
			pairs = append(pairs, canonical(n.Content[i])+":"+canonical(n.Content[i+1]))
		}
		slices.Sort(pairs)
		b.WriteString("{" + strings.Join(pairs, ",") + "}")
	case yaml.SequenceNode:
		b.WriteByte('[')
		for _, item := range n.Content {
			writeNode(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	default:
		b.WriteString(key(n.Value))
	}
}

// itemsOf returns the items of a list, if it is one.
func itemsOf(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// valueOf returns the value of a key of a map, if it is there.
func valueOf(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// checkExcused looks for an exception that asks for no more than the rule does: it excuses whatever
// the rule finds.
func (l *loader) checkExcused(when []string) {
	for i, item := range itemsOf(l.cur.unless) {
		of := conditionsOf(item)
		if len(of) == 0 || slices.ContainsFunc(of, func(c string) bool { return !slices.Contains(when, c) }) || !excusesAll(item) {
			continue
		}
		const hint = "remove the exception, or say more in it"
		if l.cur.rule.exceptions[i].until.IsZero() {
			l.errorf(item, hint, "rule %q can never match: this exception holds whenever the rule does", l.cur.rule.id)
		} else {
			l.warnf(item, hint, "rule %q cannot match until this exception ends, which holds whenever the rule does", l.cur.rule.id)
		}
	}
}

// excusesAll tells whether the exception excuses everything that the same conditions find: an
// exception about text excuses only stretches of it, and not every key of text has one.
func excusesAll(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		var fine []string
		switch n.Content[i].Value {
		case "text":
			fine = []string{"has_any", "has_all", "regex", "match", "see_through"}
		case "link":
			fine = []string{"domain_in", "domain_not_in"}
		case "member", "phone", "media", "join", "during":
			continue
		case "name", "until":
			continue
		default:
			return false
		}
		for j := 0; j+1 < len(n.Content[i+1].Content); j += 2 {
			if !slices.Contains(fine, n.Content[i+1].Content[j].Value) {
				return false
			}
		}
	}
	return true
}
