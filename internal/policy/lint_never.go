package policy

import (
	"slices"
	"strconv"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// checkContradictions looks for keys that cannot hold together, in a map of conditions and those
// under any and all. Under not, what never holds is only idle.
func (l *loader) checkContradictions(n *yaml.Node, what string, excuse bool) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	never := func(at *yaml.Node, one, other string) {
		if excuse {
			l.warnf(at, "remove one of them", "%s and %s cannot both hold: %s excuses nothing", one, other, what)
			return
		}
		l.errorf(at, "remove one of them", "%s and %s cannot both hold: %s can never match", one, other, what)
	}
	text := valueOf(n, "text")
	over, under := valueOf(text, "length_over"), valueOf(text, "length_under")
	if over != nil && under != nil && number(under)-number(over) < 2 {
		never(over, "length_over "+over.Value, "length_under "+under.Value)
	}
	for _, pair := range [][3]string{{"link", "domain_in", "domain_not_in"}, {"member", "in", "not_in"}, {"phone", "in", "not_in"}} {
		of := valueOf(n, pair[0])
		in, out := valueOf(of, pair[1]), valueOf(of, pair[2])
		if in != nil && out != nil && covers(out, in) {
			never(in, pair[1], pair[2])
		}
	}
	for _, item := range itemsOf(valueOf(n, "any")) {
		l.checkContradictions(item, "this branch", excuse)
	}
	for _, item := range itemsOf(valueOf(n, "all")) {
		l.checkContradictions(item, what, excuse)
	}
}

// checkPhones refuses a phone under not where some members have none: it would hold for all of them.
func (l *loader) checkPhones() {
	if r := l.cur.rule; slices.Equal(r.providers, []chat.Provider{chat.CAMS}) {
		return
	}
	for _, n := range l.cur.phonesUnderNot {
		l.errorf(n, "write providers: [cams]", "not with phone holds for every member on tencent, where nobody has a number")
	}
}

// covers tells whether a list, or the name of one, holds all that another one does.
func covers(all, some *yaml.Node) bool {
	if all.Kind != some.Kind || all.Kind == yaml.ScalarNode {
		return canonical(all) == canonical(some)
	}
	had := map[string]bool{}
	for _, item := range all.Content {
		had[item.Value] = true
	}
	for _, item := range some.Content {
		if !had[item.Value] {
			return false
		}
	}
	return true
}

func number(n *yaml.Node) int {
	v, err := strconv.Atoi(n.Value)
	if err != nil {
		return 0 // reported where it is read
	}
	return v
}
