package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text reads a scalar as it is written. One that YAML takes for something else, and would write
// differently, is refused: nobody can tell which of the two was meant.
func (l *loader) text(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		tag := strings.TrimRight(n.Tag, ",")
		l.errorf(n, fmt.Sprintf("quote it if it is a text: %q", strings.TrimSpace(tag+" "+n.Value)), "%s has the tag %s: ! begins a tag, and tags are not read", what, tag)
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.ScalarNode:
		l.asMap(n, what)
	case n.Kind == yaml.SequenceNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0:
		l.errorf(n, "quote a text that begins with a dash", "%s must be a text, and two dashes make a list within the list", what)
	case n.Kind != yaml.ScalarNode:
		l.errorf(n, "", "%s must be a text", what)
	case isNull(n) && n.Value != "":
		l.errorf(n, fmt.Sprintf("quote it if it is a text: %q", n.Value), "YAML reads %s as no value", n.Value)
	case isNull(n):
		l.nothing(n, what)
	case n.Value == "":
		l.errorf(n, "", "%s is empty", what)
	case n.Style == 0 && !keepsText(n):
		l.errorf(n, fmt.Sprintf("quote it: %q", n.Value), "YAML reads %s as %s", n.Value, reading(n))
	case n.Style == 0 && isYesOrNo(n.Value):
		l.errorf(n, fmt.Sprintf("quote it: %q", n.Value), "many readers of YAML take %s for true or false", n.Value)
	default:
		l.checkComment(n)
		return n.Value, true
	}
	return "", false
}

// asMap reports a map where a text is meant: text with a colon, or a place that is not quoted.
func (l *loader) asMap(n *yaml.Node, what string) {
	key, value := n.Content[0].Value, n.Content[1]
	switch {
	case value.Value == "" && n.Style&yaml.FlowStyle != 0:
		l.errorf(n, fmt.Sprintf("quote it if it is a text: %q", "{"+key+"}"), "%s must be a text, and braces make a map", what)
	default:
		l.errorf(n, fmt.Sprintf("quote it if it is a text: %q", strings.TrimSpace(key+": "+value.Value)),
			"%s must be a text, and a colon with a space behind it makes a map", what)
	}
}

// checkComment looks for a comment that may have been meant as a part of the text: nearly everybody
// writes a space after the # of a comment, and nobody within #1.
func (l *loader) checkComment(n *yaml.Node) {
	c := n.LineComment
	if n.Style == 0 && len(c) > 1 && !strings.ContainsRune(" #!\t-", rune(c[1])) {
		l.warnf(n, fmt.Sprintf("quote it if # belongs to it: %q", n.Value+" "+c), "the text ends before #, which begins a comment")
	}
}

// nothing reports a value that is not there, and why, when a comment took it.
func (l *loader) nothing(n *yaml.Node, what string) {
	if comment, ok := l.commentBehind(n); ok {
		l.errorf(n, fmt.Sprintf("quote it if it is a text: %q", comment), "%s has no value: # begins a comment", what)
		return
	}
	if n.Anchor == "" { // which was reported
		l.errorf(n, "", "%s has no value", what)
	}
}

// commentBehind returns the comment that stands where the value of a node should.
func (l *loader) commentBehind(n *yaml.Node) (string, bool) {
	rest := strings.TrimLeft(l.source(n), " -:")
	return rest, strings.HasPrefix(rest, "#")
}

// source returns the line of a node from where it begins.
func (l *loader) source(n *yaml.Node) string {
	if l.written == nil {
		l.written = strings.Split(string(l.src.Data), "\n")
	}
	if n.Line < 1 || n.Line > len(l.written) {
		return ""
	}
	line, column := strings.TrimRight(l.written[n.Line-1], "\r"), 1
	for i := range line {
		if column == n.Column {
			return line[i:]
		}
		column++
	}
	return ""
}

// checkOneLine looks for a text without quotes that goes on in the next line: a dash there that is
// indented too far is a part of it, and begins no entry.
func (l *loader) checkOneLine(n *yaml.Node) {
	if n.Style == 0 && strings.Contains(n.Value, " ") && !strings.HasPrefix(l.source(n), n.Value) {
		l.warnf(n, "begin each entry with a dash in the same column, or quote it as a whole", "the entry goes on in the next line: %q", n.Value)
	}
}

// isYesOrNo tells whether YAML 1.1 has the word for true or false. Of the YAML of today it is a text,
// and editors and other tools differ.
func isYesOrNo(s string) bool {
	return slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(s))
}

// reading says what YAML makes of a plain scalar.
func reading(n *yaml.Node) string {
	var v any
	if err := n.Decode(&v); err != nil {
		return "another value"
	}
	switch v := v.(type) {
	case int, int64, uint64:
		return fmt.Sprintf("the number %d", v)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return "another value"
}

// keepsText tells whether a plain scalar means the text that it is written as.
func keepsText(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		return err == nil && strconv.FormatInt(i, 10) == n.Value
	case "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		return err == nil && strconv.FormatFloat(f, 'f', -1, 64) == n.Value
	case "!!bool":
		return n.Value == "true" || n.Value == "false"
	case "!!str", "!!timestamp":
		return true
	}
	return false
}
