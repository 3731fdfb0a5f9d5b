package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// glob is a pattern over a whole ID: * stands for any runes, ? for one.
type glob string

// globs reads one pattern or a list of them.
func (l *loader) globs(n *yaml.Node, what string) []glob {
	globs := []glob{}
	for _, item := range l.items(n, what) {
		if s, ok := l.text(item, what); ok {
			globs = append(globs, glob(s))
			l.checkQuotes(item)
			if p, id := memberOf(s); p != "" {
				l.warnf(item, fmt.Sprintf("write %q, and providers: [%s]", id, p), "%s has IDs without their provider: %q fits none", what, s)
			} else if what == "id_matches" && strings.HasPrefix(s, "+") {
				l.cur.plussed = append(l.cur.plussed, item)
			}
		}
	}
	return globs
}

func matchesAny(globs []glob, s string) bool {
	for _, g := range globs {
		if g.matches(s) {
			return true
		}
	}
	return false
}

// matches compares in time that is at most the product of both lengths: after a mismatch only the
// last * takes one more rune.
func (g glob) matches(s string) bool {
	p, i := 0, 0
	star, next := -1, 0
	for i < len(s) {
		_, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case p < len(g) && g[p] == '*':
			star, next = p, i
			p++
		case p < len(g) && g[p] == '?':
			p, i = p+1, i+n
		case p < len(g) && g[p] == s[i]:
			p, i = p+1, i+1
		case star >= 0:
			_, n = utf8.DecodeRuneInString(s[next:])
			next += n
			p, i = star+1, next
		default:
			return false
		}
	}
	for p < len(g) && g[p] == '*' {
		p++
	}
	return p == len(g)
}
