package policy

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/policy/match"
	"go.yaml.in/yaml/v3"
)

// The kinds of lists.
const (
	wordList   = "word"
	domainList = "domain"
	memberList = "member"
	phoneList  = "phone"
	prefixList = "phone_prefix"
	regexList  = "regex"
)

// list is a list of rules.yaml, or one that stands as literals in a rule. Its entries are in the
// form that compares.
type list struct {
	name    string     // empty: literals
	node    *yaml.Node // its name in the file
	used    bool
	kind    string
	entries []string
	domains *match.Domains
	phones  *match.Phones
	members *members
	regexes []listed       // of the kind regex
	last    *syntax.Regexp // the last of them
	sum     string         // stands for its name, kind and entries, once somebody has asked
}

// label names the list where a reader is told why a rule matched.
func (s *list) label() string {
	if s.name == "" {
		return "the rule's own list"
	}
	return "list " + s.name
}

// readLists reads the lists section.
func (l *loader) readLists(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		l.errorf(n, "", "lists must be a map of names")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || !isName(key.Value) {
			l.errorf(key, "a-z, 0-9, - and _", "%q cannot be a list's name", key.Value)
			continue
		}
		if _, twice := l.lists[key.Value]; twice {
			l.errorf(key, "", "the list %q stands twice", key.Value)
			continue
		}
		l.lists[key.Value] = l.readList(key, value)
	}
}

// isName tells whether s can be the name of a list or an exception, or the id of a rule when it has
// no underscore.
func isName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// ownEntries is where a list of the lists section has its entries.
type ownEntries struct {
	list         *list
	values, file *yaml.Node
}

// listKeys are the keys of a list.
func (l *loader) listKeys(own *ownEntries) []field {
	return append([]field{
		{name: "kind", need: true, is: word(listKinds()...), doc: "What its entries are.", read: func(_, v *yaml.Node) {
			own.list.kind = l.choice(v, "kind", listKinds()...)
		}},
		{name: "values", is: many(texts()), doc: "Its entries.", read: func(_, v *yaml.Node) { own.values = v }},
		{name: "file", is: texts(), doc: "A file beside the rules with one entry in each line; # begins a comment line.",
			read: func(_, v *yaml.Node) { own.file = v }},
	}, later("url")...)
}

func listKinds() []string {
	return []string{wordList, domainList, memberList, phoneList, prefixList, regexList}
}

func (l *loader) readList(key, n *yaml.Node) *list {
	s := &list{name: key.Value, node: key}
	own := &ownEntries{list: s}
	l.mapping(n, fmt.Sprintf("list %q", s.name), l.listKeys(own))
	values, file := own.values, own.file
	if values == nil && file == nil && n.Kind == yaml.MappingNode {
		l.errorf(n, "give it values, a file or both", "list %q has nothing in it", s.name)
	}
	if values != nil {
		if values.Kind == yaml.ScalarNode {
			l.errorf(values, fmt.Sprintf("write [%s]", values.Value), "values must be a list")
		} else {
			l.literals(s, values, "values")
		}
	}
	if file != nil {
		l.readFile(s, file)
	}
	s.build()
	return s
}

// literals reads the entries that stand in rules.yaml.
func (l *loader) literals(s *list, n *yaml.Node, what string) {
	for _, item := range l.items(n, what) {
		if l.stopped() {
			return
		}
		text, ok := l.text(item, "an entry")
		if !ok {
			continue
		}
		l.checkOneLine(item)
		if err := s.add(text); err != nil {
			if errors.Is(err, errBackspace) {
				l.borders(item, text)
				continue
			}
			l.errorf(item, entryHint(s.kind, text), "%q cannot be in a list of the kind %s: %v", text, s.kind, err)
			continue
		}
		if item.Style == 0 && (s.kind == phoneList || s.kind == prefixList) && item.ShortTag() != "!!str" {
			l.warnf(item, fmt.Sprintf("write %q", text), "%s is a number to YAML, which would take away a + before it", text)
		}
		if what, hint := oddEntry(s.kind, text); what != "" {
			l.warnf(item, hint, "%q %s", text, what)
		} else {
			l.checkQuotes(item)
		}
		if s.kind == regexList && !l.keepRegex(s, listed{node: item}) {
			return
		}
	}
}

// add brings one entry into the form that compares.
func (s *list) add(text string) error {
	var err error
	switch s.kind {
	case domainList:
		text, err = match.ParseDomain(text)
	case phoneList, prefixList:
		text, err = match.ParsePhone(text)
	case wordList:
		if len(text) > match.MaxWord/2 {
			err = fmt.Errorf("it has %d bytes, more than %d", len(text), match.MaxWord/2)
		}
	case memberList:
		err = checkMember(text)
	case regexList:
		s.last, err = checkRegex(text)
	}
	if err != nil {
		return err
	}
	s.entries = append(s.entries, text)
	return nil
}

// build makes the entries searchable, once all are there. Words and regexes are searched for by the
// views.
func (s *list) build() {
	switch s.kind {
	case domainList:
		s.domains = match.NewDomains(s.entries)
	case phoneList, prefixList:
		s.phones = match.NewPhones(s.entries)
	case memberList:
		s.members = newMembers(s.entries)
	}
}

// list reads what stands where a list can stand: a scalar names a list, an array holds literals.
func (l *loader) list(n *yaml.Node, what string, kinds ...string) *list {
	if n.Kind == yaml.SequenceNode {
		s := &list{kind: kinds[0]}
		l.literals(s, n, what)
		s.build()
		return s
	}
	empty := &list{kind: kinds[0]}
	empty.build()
	name, ok := l.text(n, what)
	if !ok {
		return empty
	}
	s, known := l.lists[name]
	if !known {
		l.errorf(n, l.listHint(name, kinds), "there is no list %q", name)
		return empty
	}
	s.used = true
	if l.cur != nil && !slices.Contains(l.cur.lists, s) {
		l.cur.lists = append(l.cur.lists, s)
	}
	switch {
	case s.kind == "":
		return empty // its kind is wrong, which was reported
	case !slices.Contains(kinds, s.kind):
		l.errorf(n, "", "%s takes a list of the kind %s, and %q is of the kind %s", what, strings.Join(kinds, " or "), name, s.kind)
		return empty
	}
	return s
}

func sortedNames[T any](of map[string]T) []string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
