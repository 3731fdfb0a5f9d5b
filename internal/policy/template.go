package policy

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// template is a text with places to fill in.
type template struct {
	parts []string // text and names of places by turns, text first
}

// filling is what the places of a template become.
type filling struct {
	code, rule, title string
	count             int
	within, match     string
}

func places() []string { return []string{"code", "rule", "title", "count", "within", "match"} }

// maxText is how long a text of an intent may be; providers cut far below.
const maxText = 2000

// template reads a text. A brace that does not enclose a word is a brace.
func (l *loader) template(n *yaml.Node, what string) template {
	s, ok := l.text(n, what)
	if !ok {
		return template{}
	}
	if len(s) > maxText {
		l.errorf(n, "", "%s has %d bytes, more than %d", what, len(s), maxText)
	}
	var t template
	done := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '{' {
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			break
		}
		name := s[i+1 : i+end]
		if !isName(strings.ToLower(name)) {
			continue
		}
		if !slices.Contains(places(), name) {
			hint := near(name, places())
			if hint == "" {
				hint = "one of {" + strings.Join(places(), "}, {") + "}"
			}
			l.errorf(n, hint, "%s has the unknown place {%s}", what, name)
		}
		l.cur.places = append(l.cur.places, place{n, name})
		t.parts = append(t.parts, s[done:i], name)
		i += end
		done = i + 1
	}
	t.parts = append(t.parts, s[done:])
	return t
}

// quotes tells whether the filled text repeats some of the message.
func (t template) quotes() bool {
	for i := 1; i < len(t.parts); i += 2 {
		if t.parts[i] == "match" {
			return true
		}
	}
	return false
}

func (t template) fill(f *filling) string {
	var b strings.Builder
	for i, part := range t.parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		switch part {
		case "code":
			b.WriteString(f.code)
		case "rule":
			b.WriteString(f.rule)
		case "title":
			b.WriteString(f.title)
		case "count":
			b.WriteString(strconv.Itoa(f.count))
		case "within":
			b.WriteString(f.within)
		case "match":
			b.WriteString(f.match)
		}
	}
	return b.String()
}
