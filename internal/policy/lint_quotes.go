package policy

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// oddRegex says what is strange about an expression: other languages write slashes around it, and how it matches behind.
func oddRegex(text string) (what, hint string) {
	if !strings.HasPrefix(text, "/") {
		return "", ""
	}
	if m := regexp.MustCompile(`^/(.+)/[gimsuy]+$`).FindStringSubmatch(text); m != nil {
		return "is one expression, with its slashes and what stands behind", fmt.Sprintf("write '%s': capitals make no difference", m[1])
	}
	return "", ""
}

// withinQuotes returns what stands between quotes that are none to YAML, and belong to the text.
func withinQuotes(text string) (string, bool) {
	first, a := utf8.DecodeRuneInString(text)
	last, z := utf8.DecodeLastRuneInString(text)
	if len(text) <= a+z || !strings.ContainsRune("“”„‘’", first) || !strings.ContainsRune("“”‘’", last) {
		return "", false
	}
	return text[a : len(text)-z], true
}

// checkQuotes looks at what is compared with what people write. Who means such quotes puts others around them.
func (l *loader) checkQuotes(n *yaml.Node) {
	if inner, ok := withinQuotes(n.Value); ok && n.Style == 0 {
		l.warnf(n, fmt.Sprintf("write %q", inner), "%s has quotes that are none to YAML, and belong to it", n.Value)
	}
}

// checkPattern looks at an expression that stands in a rule.
func (l *loader) checkPattern(n *yaml.Node) {
	if what, hint := oddRegex(n.Value); what != "" {
		l.warnf(n, hint, "%q %s", n.Value, what)
	}
	l.checkQuotes(n)
}
