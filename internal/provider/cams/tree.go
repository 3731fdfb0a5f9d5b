package cams

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Bounds of one webhook body. The depth is far over any documented shape, and the number of values
// keeps a body of a million brackets from becoming a hundred times its size in memory.
const (
	maxDepth  = 64
	maxValues = 100_000
	maxItems  = 10_000
	maxLayers = 4 // of JSON inside strings and envelopes, around the items
)

var (
	errNotJSON = errors.New("not json")
	errTooDeep = errors.New("nested too deep")
	errTooMany = errors.New("too many values")
)

// node is one JSON value. encoding/json's maps would drop the first of two equal keys in silence,
// and two keys that differ only in case could then name two members or two groups at once. So an
// object keeps all its keys, trimmed and in lower case (official samples print "Timestamp " and
// "ID"), and remembers when two of them became one.
type node struct {
	kind  byte     // one of { [ " 0 t n: object, array, string, number, boolean, null
	text  string   // of a string or a number
	names []string // of an object's values, folded
	items []node   // of an object or an array
	twice bool     // this object has two keys that fold to the same name
	below bool     // some object in here has
}

// get returns an object's value by its folded name, or nil.
func (n *node) get(name string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	for i, s := range n.names {
		if s == name {
			return &n.items[i]
		}
	}
	return nil
}

// str returns the text of a string or number, and "" for anything else.
func (n *node) str() string {
	if n == nil {
		return ""
	}
	return n.text
}

// list returns an array's values, or none.
func (n *node) list() []node {
	if n == nil || n.kind != '[' {
		return nil
	}
	return n.items
}

// budget counts down the values that one body may still have, over all its layers.
type budget struct{ left int }

// parse reads one whole JSON document. The syntax is checked by encoding/json first, so that what
// follows it only has to split what is known to be well-formed.
func (b *budget) parse(data []byte) (node, error) {
	if depth(data) > maxDepth {
		return node{}, errTooDeep
	}
	if !json.Valid(data) {
		return node{}, errNotJSON
	}
	s := splitter{data: data, budget: b}
	n := s.value()
	return n, s.err
}

// depth returns how deep brackets nest outside strings.
func depth(data []byte) int {
	now, most, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

// splitter walks over a well-formed document.
type splitter struct {
	data   []byte
	pos    int
	budget *budget
	err    error
}

// skip moves to the next byte that is neither blank nor punctuation between values.
func (s *splitter) skip() byte {
	for {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			s.pos++
		default:
			return c
		}
	}
}

func (s *splitter) value() node {
	if s.budget.left--; s.budget.left < 0 {
		s.err = errTooMany
		return node{}
	}
	switch c := s.skip(); c {
	case '{', '[':
		s.pos++
		return s.inside(c)
	case '"':
		return node{kind: '"', text: s.quoted()}
	case 't', 'n', 'f':
		s.literal()
		return node{kind: map[byte]byte{'t': 't', 'f': 't', 'n': 'n'}[c]}
	default:
		return node{kind: '0', text: s.literal()}
	}
}

// inside reads an object's or array's values up to the closing bracket.
func (s *splitter) inside(kind byte) node {
	n := node{kind: kind}
	var seen map[string]bool
	if kind == '{' {
		seen = map[string]bool{}
	}
	for s.err == nil {
		if c := s.skip(); c == '}' || c == ']' {
			s.pos++
			break
		}
		if kind == '{' {
			name := strings.ToLower(strings.TrimSpace(s.quoted()))
			n.twice = n.twice || seen[name]
			seen[name] = true
			n.names = append(n.names, name)
		}
		v := s.value()
		n.below = n.below || v.below
		n.items = append(n.items, v)
	}
	n.below = n.below || n.twice
	return n
}

// quoted reads a string. encoding/json undoes escapes and mends bad UTF-8.
func (s *splitter) quoted() string {
	start := s.pos
	for s.pos++; s.data[s.pos] != '"'; s.pos++ {
		if s.data[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
	raw := s.data[start:s.pos]
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		s.err = errNotJSON
	}
	return text
}

// literal reads a number, true, false or null.
func (s *splitter) literal() string {
	start := s.pos
	for s.pos < len(s.data) && bytes.IndexByte([]byte(" \t\r\n,:]}"), s.data[s.pos]) < 0 {
		s.pos++
	}
	return string(s.data[start:s.pos])
}
