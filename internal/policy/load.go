package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// defaults is what holds for all rules.
type defaults struct {
	mode          string
	exempt        []*list
	allowDissolve bool
}

// Load reads a rules file and everything that it names. It returns all problems at once, in the
// order of the file; with an error among them, the rules are nil. The time is only compared with
// the dates of exceptions, to warn of one that has expired.
func Load(src Source, now time.Time) (*Rules, []Problem) {
	l := &loader{
		src: src, now: now, lists: map[string]*list{}, contents: [][]byte{src.Data},
		out: &Rules{}, defaults: defaults{mode: ModeShadow},
	}
	l.out.plainView = l.view(plainFold)
	if root := l.document(); root != nil {
		l.readRoot(root)
	}
	if !HasErrors(l.problems) {
		l.notes()
		if err := l.out.buildViews(); err != nil {
			l.errorf(nil, "", "%v", err)
		}
	}
	sortProblems(src.Name, l.problems)
	if HasErrors(l.problems) {
		return nil, l.problems
	}
	l.finish()
	return l.out, l.problems
}

// readRoot reads the sections in the order in which they need each other.
func (l *loader) readRoot(root *yaml.Node) {
	var lists, defs, rules *yaml.Node
	l.mapping(root, "the file", append([]field{
		{name: "version", need: true, read: func(_, v *yaml.Node) {
			if v.Kind != yaml.ScalarNode || v.Value != "1" {
				l.errorf(v, "write version: 1", "the version must be 1")
			}
		}},
		{name: "defaults", read: func(_, v *yaml.Node) { defs = v }},
		{name: "lists", read: func(_, v *yaml.Node) { lists = v }},
		{name: "rules", need: true, read: func(_, v *yaml.Node) { rules = v }},
	}, later("calendars")...))
	if lists != nil {
		l.readLists(lists)
	}
	if defs != nil {
		l.readDefaults(defs)
	}
	if rules != nil {
		l.readRules(rules)
	}
}

func (l *loader) readDefaults(n *yaml.Node) {
	l.mapping(n, "defaults", append([]field{
		{name: "mode", read: func(_, v *yaml.Node) { l.defaults.mode = l.choice(v, "mode", ModeShadow, ModeEnforce, ModeOff) }},
		{name: "allow_dissolve", read: func(_, v *yaml.Node) { l.defaults.allowDissolve = l.boolean(v, "allow_dissolve") }},
		{name: "exempt", read: func(_, v *yaml.Node) { l.readExempt(v) }},
	}, later("brake", "dedupe_for")...))
}

// readExempt reads who is never acted on. Owners and admins never are, whatever stands here: the
// providers' side sees to that, and the key exists so that a file can say it.
func (l *loader) readExempt(n *yaml.Node) {
	optional := func(v *yaml.Node) bool { return v.Kind == yaml.SequenceNode && len(v.Content) == 0 }
	l.mapping(n, "exempt", []field{
		{name: "roles", read: func(_, v *yaml.Node) {
			if optional(v) {
				l.warnf(v, "remove the key", "owners and admins are exempt all the same")
				return
			}
			for _, item := range l.items(v, "roles") {
				l.choice(item, "roles", "owner", "admin")
			}
		}},
		{name: "members", read: func(_, v *yaml.Node) {
			if optional(v) {
				return
			}
			if v.Kind == yaml.ScalarNode {
				l.errorf(v, "name lists under lists", "members must be a list of IDs")
				return
			}
			l.defaults.exempt = append(l.defaults.exempt, l.list(v, "members", memberList))
		}},
		{name: "lists", read: func(_, v *yaml.Node) {
			if optional(v) {
				return
			}
			for _, item := range l.items(v, "lists") {
				if item.Kind != yaml.ScalarNode {
					l.errorf(item, "", "lists must hold the names of lists")
					continue
				}
				l.defaults.exempt = append(l.defaults.exempt, l.list(item, "lists", memberList))
			}
		}},
	})
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
	l.out.exempt = l.defaults.exempt
	l.out.index.build(l.out.rules, l.out.views)
	l.out.pool.New = func() any { return &Exam{r: l.out, seen: make([]seen, len(l.out.views))} }
}
