package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// field is one key that a map may have.
type field struct {
	name string
	need bool
	is   shape                       // what its value looks like
	doc  string                      // one sentence for editors
	read func(key, value *yaml.Node) // nil: the key is known, but not available yet
}

// isNull tells whether nothing is written where the node stands.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.ShortTag() == "!!null"
}

// mapping reads a map with the given keys, in the order of the file.
func (l *loader) mapping(n *yaml.Node, what string, fields []field) bool {
	if l.stopped() {
		return false
	}
	if n.Kind != yaml.MappingNode || n.Style&yaml.TaggedStyle != 0 {
		l.errorf(n, "", "%s must be a map of keys", what)
		return false
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			l.errorf(key, "", "%s has a key that is not a word", what)
			continue
		}
		if line, twice := seen[key.Value]; twice {
			l.errorf(key, "", "%s has the key %q twice (first in line %d)", what, key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		k := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case k < 0:
			hint := keyHint(key.Value, fieldNames(fields))
			if what == theFile && slices.Contains(fieldNames(l.defaultsKeys()), key.Value) {
				hint = "it stands under defaults"
			}
			l.errorf(key, hint, "%s has no key %q", what, key.Value)
		case fields[k].read == nil:
			l.errorf(key, "remove it", "%q is not available in this version", key.Value)
		default:
			fields[k].read(key, value)
		}
	}
	for _, f := range fields {
		if _, ok := seen[f.name]; f.need && !ok {
			l.errorf(n, "", "%s has no %q", what, f.name)
		}
	}
	return true
}

// keyHint returns what was probably meant by an unknown key.
func keyHint(key string, known []string) string {
	name, value, found := strings.Cut(key, ":")
	if found && slices.Contains(known, name) {
		return fmt.Sprintf("write a space behind the colon: %s: %s", name, value)
	}
	if slices.Contains([]string{"ban", "kick"}, key) && slices.Contains(known, "remove") { // what others call it
		return `did you mean "remove"?`
	}
	return nearest(key, known)
}

func fieldNames(fields []field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	return names
}

// later returns keys that are known but not available yet.
func later(names ...string) []field {
	var fields []field
	for _, n := range names {
		fields = append(fields, field{name: n})
	}
	return fields
}

// items returns the elements of a list that may not be empty; one scalar stands for a list of one.
func (l *loader) items(n *yaml.Node, what string) []*yaml.Node {
	switch {
	case n.Kind == yaml.ScalarNode && !isNull(n):
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode || n.Style&yaml.TaggedStyle != 0:
		l.errorf(n, "", "%s must be a list", what)
		return nil
	case len(n.Content) == 0:
		l.errorf(n, "", "%s is an empty list", what)
	}
	return n.Content
}

// integer reads a whole number between lo and hi.
func (l *loader) integer(n *yaml.Node, what string, lo, hi int) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || strconv.Itoa(v) != n.Value || n.Style&yaml.TaggedStyle != 0 {
		l.errorf(n, "", "%s must be a whole number", what)
		return lo
	}
	if n.Style != 0 {
		l.errorf(n, "write "+n.Value, "%s must be a whole number without quotes", what)
	}
	if v < lo || v > hi {
		l.errorf(n, "", "%s must be %d to %d", what, lo, hi)
	}
	return v
}

// percent reads a share such as 85%, above 0% and at most 100%.
func (l *loader) percent(n *yaml.Node, what string) float64 {
	number, ok := strings.CutSuffix(n.Value, "%")
	v, err := strconv.ParseFloat(number, 64)
	if n.Kind != yaml.ScalarNode || !ok || err != nil || !(v > 0 && v <= 100) {
		l.errorf(n, "such as 5%", "%s must be a share above 0%% and up to 100%%", what)
	}
	return v
}

func (l *loader) boolean(n *yaml.Node, what string) bool {
	switch {
	case n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" || n.Style&yaml.TaggedStyle != 0:
		l.errorf(n, "", "%s must be true or false", what)
	case n.Style != 0:
		l.errorf(n, "write "+n.Value, "%s must be true or false, without quotes", what)
	}
	return n.Value == "true"
}

// choice reads one of several words.
func (l *loader) choice(n *yaml.Node, what string, words ...string) string {
	if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 && slices.Contains(words, n.Value) {
		return n.Value
	}
	if n.Kind == yaml.ScalarNode && n.Style == 0 && isYesOrNo(n.Value) { // quotes would not mend that
		l.errorf(n, "one of "+strings.Join(words, ", "), "%s cannot be %q", what, n.Value)
		return n.Value
	}
	s, ok := l.text(n, what)
	if ok {
		hint := nearest(s, words)
		if hint == "" {
			hint = "one of " + strings.Join(words, ", ")
		}
		l.errorf(n, hint, "%s cannot be %q", what, s)
	}
	return s
}

// duration reads a length of time: as Go writes them, plus d for days. It is at most 30 days:
// a longer window or join time costs the store more than any rule gains.
func (l *loader) duration(n *yaml.Node, what string) time.Duration {
	return l.durationUpTo(n, what, 30)
}

func (l *loader) durationUpTo(n *yaml.Node, what string, days int) time.Duration {
	return l.durationFrom(n, what, time.Second, days)
}

// durationFrom reads a length of time of so many whole seconds at least, and so many days at most.
func (l *loader) durationFrom(n *yaml.Node, what string, least time.Duration, days int) time.Duration {
	if n.Kind != yaml.ScalarNode {
		l.errorf(n, "", "%s must be a length of time", what)
		return 0
	}
	d, err := parseDuration(n.Value)
	switch {
	case err != nil && isNumber(n.Value):
		l.errorf(n, fmt.Sprintf("did you mean \"%ss\"?", n.Value), "%s %q has no unit", what, n.Value)
	case err != nil:
		l.errorf(n, "such as 10s, 5m, 12h, 7d", "%s %q is not a length of time", what, n.Value)
	case d < least || d > time.Duration(days)*24*time.Hour:
		l.errorf(n, "", "%s must be %ds to %dd", what, int(least.Seconds()), days)
	}
	return d
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func parseDuration(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("days: %w", err)
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
}

// nearest returns a hint with the word that was probably meant, or nothing.
func nearest(word string, words []string) string {
	best, at := 3, ""
	for _, w := range words {
		if d := distance(word, w); d < best && d < len(w) {
			best, at = d, w
		}
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", at)
}

// distance counts the letters to insert, drop or change to make one word of the other.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
