package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// Load reads a rules file and everything that it names. It returns all problems at once, in the
// order of the file; with an error among them, the rules are nil. The time is only compared with
// the dates of exceptions, to warn of one that has expired.
func Load(src Source, now time.Time) (*Rules, []Problem) {
	l := &loader{
		src: src, now: now, lists: map[string]*list{}, calendars: map[string]*calendar{}, contents: [][]byte{src.Data},
		out: &Rules{}, defaults: defaults{mode: ModeShadow},
	}
	l.out.plainView = l.view(plainFold)
	if root := l.document(); root != nil {
		l.readRoot(root)
	}
	if !HasErrors(l.problems) && !l.stopped() {
		l.notes()
		if err := l.out.buildViews(); err != nil {
			l.errorf(nil, "", "%v", err)
		} else if !l.stopped() {
			l.probe()
		}
	}
	if l.stopped() {
		return nil, []Problem{{File: src.Name, Line: 1, Column: 1, Severity: SeverityError, Text: "the rules were not read to the end: " + l.ended.Error()}}
	}
	sortProblems(src.Name, l.problems)
	if HasErrors(l.problems) {
		return nil, l.problems
	}
	l.finish()
	return l.out, l.problems
}

// sections are the parts of the file, to be read in the order in which they need each other.
type sections struct {
	lists, calendars, defaults, rules *yaml.Node
	top                               *yaml.Node // the key of defaults, else that of rules
}

// rootKeys are the keys of the file.
func (l *loader) rootKeys(s *sections) []field {
	return []field{
		{name: "version", need: true, is: word("1"), doc: "The version of the language: 1.", read: func(_, v *yaml.Node) {
			if v.Kind != yaml.ScalarNode || v.Value != "1" {
				l.errorf(v, "write version: 1", "the version must be 1")
			}
		}},
		{name: "defaults", is: keyed(l.defaultsKeys()...), doc: "What holds for all rules.",
			read: func(key, v *yaml.Node) { s.defaults, s.top = v, key }},
		{name: "lists", is: named(shape{kind: ownList, keys: l.listKeys(&ownEntries{list: &list{}})}), doc: "Lists that rules name.",
			read: func(_, v *yaml.Node) { s.lists = v }},
		{name: "calendars", is: named(keyed(l.calendarKeys(&calendar{})...).nonEmpty()), doc: "Times of the week that rules name under during.",
			read: func(_, v *yaml.Node) { s.calendars = v }},
		{name: "rules", need: true, is: lazy(func() shape { return many(keyed(l.ruleKeys(&ruleContext{rule: &rule{}})...)) }), doc: "The rules, in order.",
			read: func(key, v *yaml.Node) { s.rules, s.top = v, cmp.Or(s.top, key) }},
	}
}

// theFile is what problems call the file as a whole.
const theFile = "the file"

func (l *loader) readRoot(root *yaml.Node) {
	var s sections
	l.mapping(root, theFile, l.rootKeys(&s))
	l.listsNode, l.calendarsNode, l.top = s.lists, s.calendars, s.top
	if s.lists != nil {
		l.readLists(s.lists)
	}
	if s.calendars != nil {
		l.readCalendars(s.calendars)
	}
	if s.defaults != nil {
		l.readDefaults(s.defaults)
	}
	if s.rules != nil {
		l.readRules(s.rules)
		l.checkJoins()
		if !HasErrors(l.problems) { // the rule that names something may be the one that could not be read
			l.unusedCalendars()
			l.checkLists()
		}
	}
}

// listsDigest stands for all lists and calendars.
func (l *loader) listsDigest() string {
	parts := []string{"", ""}
	for i, n := range []*yaml.Node{l.listsNode, l.calendarsNode} {
		if n != nil {
			parts[i] = canonical(n)
		}
	}
	for _, data := range l.contents[1:] {
		parts = append(parts, string(data))
	}
	return chat.Digest(parts...)
}

// finish makes what is left once all is known to be right.
func (l *loader) finish() {
	h := sha256.New()
	for i, data := range l.contents {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(data)))
		h.Write(n[:])
		h.Write(data)
		if i > 0 {
			h.Write([]byte(l.files[i-1]))
		}
	}
	l.out.hash = hex.EncodeToString(h.Sum(nil))[:12]
	l.out.files = slices.Clone(l.files)
	l.out.exempt, l.out.unsure, l.out.enforced = l.defaults.exempt, l.defaults.unsure, map[chat.RuleID]Enforcement{}
	l.out.refuses = l.defaults.refuses
	lists := ""
	for _, r := range l.out.rules {
		if r.mode == ModeShadow && l.src.Rehearse {
			r.mode, r.stop = ModeEnforce, false
		}
		if r.mode == ModeEnforce {
			l.out.enforced[r.id] = Enforcement{Digest: r.whole, Brake: r.brake}
		}
		if !r.trail {
			continue
		}
		if lists == "" {
			lists = l.listsDigest()
		}
		r.digest = chat.Digest(r.digest, lists)[:12] // lists are part of what a rule is about
	}
	l.out.index.build(l.out.rules, l.out.views)
	l.out.pool.New = func() any {
		return &Exam{r: l.out, seen: make([]seen, len(l.out.views)), cels: make([]celAnswer, l.out.cels)}
	}
}
