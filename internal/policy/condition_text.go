package policy

import (
	"fmt"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
	"go.yaml.in/yaml/v3"
)

// text looks for words and regexes in a message.
type text struct {
	view    int // what words are looked for in
	hasAny  *wordSet
	hasAll  *wordSet
	border  border
	regexes []regex
	reView  int // what regexes are looked for in
}

// wordSet is the words of one list within a view.
type wordSet struct {
	list *list
	ids  []int32 // sorted
}

func (l *loader) readText(n *yaml.Node) condition {
	c := &text{}
	l.cur.usesText(n)
	var hasAny, hasAll *list
	var regexes *yaml.Node
	opts := fold.Default
	l.mapping(n, "text", append([]field{
		{name: "has_any", read: func(_, v *yaml.Node) { hasAny = l.list(v, "has_any", wordList) }},
		{name: "has_all", read: func(_, v *yaml.Node) { hasAll = l.list(v, "has_all", wordList) }},
		{name: "regex", read: func(_, v *yaml.Node) { regexes = v }},
		{name: "match", read: func(_, v *yaml.Node) { c.border = borderOf(l.choice(v, "match", "word", "anywhere", "whole")) }},
		{name: "see_through", read: func(_, v *yaml.Node) { opts = l.seeThrough(v) }},
	}, later("length_over", "length_under", "caps_over", "emoji_over", "marks_over", "script_in")...))
	c.view = l.view(opts)
	c.reView = l.view(opts &^ fold.Case)
	c.hasAny, c.hasAll = l.words(n, c.view, hasAny), l.words(n, c.view, hasAll)
	if regexes != nil {
		for _, item := range l.items(regexes, "regex") {
			if re, ok := l.regex(item, c.view); ok {
				c.regexes = append(c.regexes, re)
			}
		}
	}
	if hasAny == nil && hasAll == nil && regexes == nil {
		l.errorf(n, "has_any, has_all or regex", "text says nothing")
	}
	return c
}

// seeThrough reads what is folded away before words are compared.
func (l *loader) seeThrough(n *yaml.Node) fold.Options {
	var opts fold.Options
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return 0 // nothing is folded: the text as it is
	}
	for _, item := range l.items(n, "see_through") {
		switch s := l.choice(item, "see_through", "width", "case", "invisible", "lookalike", "spacing", "leet", "repeats"); s {
		case "width":
			opts |= fold.Width
		case "case":
			opts |= fold.Case
		case "invisible":
			opts |= fold.Invisible
		case "lookalike", "spacing", "leet", "repeats":
			l.errorf(item, "remove it", "see_through %q is not available in this version", s)
		}
	}
	return opts
}

// words puts a list into a view.
func (l *loader) words(n *yaml.Node, number int, s *list) *wordSet {
	if s == nil {
		return nil
	}
	v, set := &l.out.views[number], &wordSet{list: s}
	for _, w := range s.entries {
		folded := fold.String(w, v.opts)
		if folded == "" || len(folded) > match.MaxWord {
			l.errorf(n, "", "the word %q of %s has nothing to see, or too much", w, s.label())
			continue
		}
		set.ids = append(set.ids, v.word(folded))
	}
	slices.Sort(set.ids)
	set.ids = slices.Compact(set.ids)
	return set
}

func (c *text) holds(x *Exam) truth {
	if x.e.Text == "" {
		return no
	}
	return truthOf((c.hasAny == nil || c.find(x, c.hasAny.ids) > 0) && c.all(x) && c.anyRegex(x))
}

// find counts the hits of the given words that count here and are not excused.
func (c *text) find(x *Exam, ids []int32) int {
	hits, t := x.hits(c.view)
	n := 0
	for _, h := range hits {
		if c.counts(h, t, ids) && !original(t, int(h.Start), int(h.End)).within(x.excused) {
			n++
		}
	}
	return n
}

// counts tells whether a hit is one of the words and stands where words count.
func (c *text) counts(h match.Hit, t *fold.Text, ids []int32) bool {
	_, ok := slices.BinarySearch(ids, h.Word)
	return ok && c.border.allows(t.Bytes(), int(h.Start), int(h.End))
}

func (c *text) all(x *Exam) bool {
	if c.hasAll == nil {
		return true
	}
	if hits, _ := x.hits(c.view); len(hits) < len(c.hasAll.ids) {
		return false
	}
	for i := range c.hasAll.ids {
		if c.find(x, c.hasAll.ids[i:i+1]) == 0 {
			return false
		}
	}
	return true
}

func (c *text) anyRegex(x *Exam) bool {
	if len(c.regexes) == 0 {
		return true
	}
	t := x.text(c.reView)
	for i := range c.regexes {
		if !c.regexes[i].possible(x, c.view) {
			continue
		}
		for _, m := range c.regexes[i].find(t.Bytes()) {
			if !original(t, m[0], m[1]).within(x.excused) {
				return true
			}
		}
	}
	return false
}

func (c *text) spans(x *Exam, dst []span) []span {
	return c.matched(x, c.found(x, c.hasAll, c.found(x, c.hasAny, dst)))
}

// found adds where the words of a set stand.
func (c *text) found(x *Exam, set *wordSet, dst []span) []span {
	if set == nil {
		return dst
	}
	hits, t := x.hits(c.view)
	for _, h := range hits {
		if c.counts(h, t, set.ids) {
			dst = append(dst, original(t, int(h.Start), int(h.End)))
		}
	}
	return dst
}

// matched adds where the regexes match.
func (c *text) matched(x *Exam, dst []span) []span {
	t := x.text(c.reView)
	for i := range c.regexes {
		if c.regexes[i].possible(x, c.view) {
			for _, m := range c.regexes[i].find(t.Bytes()) {
				dst = append(dst, original(t, m[0], m[1]))
			}
		}
	}
	return dst
}

func (c *text) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	part := func(name, want string, set *wordSet, holds bool) {
		found := c.found(x, set, nil)
		out = append(out, at(saw("text."+name, want, fmt.Sprintf("%d in the text", len(found)), truthOf(holds)), found))
	}
	if c.hasAny != nil {
		part("has_any", c.hasAny.list.label(), c.hasAny, c.find(x, c.hasAny.ids) > 0)
	}
	if c.hasAll != nil {
		part("has_all", c.hasAll.list.label(), c.hasAll, c.all(x))
	}
	if len(c.regexes) > 0 {
		found := c.matched(x, nil)
		out = append(out, at(saw("text.regex", "", fmt.Sprintf("%d matches", len(found)), truthOf(c.anyRegex(x))), found))
	}
	return out
}

// gate is the words of has_any, else those of has_all, else the literals of the regexes.
func (c *text) gate(dst []atom) ([]atom, bool) {
	switch {
	case c.hasAny != nil:
		for _, id := range c.hasAny.ids {
			dst = append(dst, atom{c.view, id})
		}
		return dst, true
	case c.hasAll != nil && len(c.hasAll.ids) > 0:
		return append(dst, atom{c.view, c.hasAll.ids[0]}), true
	case len(c.regexes) == 0:
		return dst, false
	}
	for i := range c.regexes {
		if c.regexes[i].literal < 0 {
			return dst, false
		}
		dst = append(dst, atom{c.view, c.regexes[i].literal})
	}
	return dst, true
}

func (c *text) always() bool {
	return c.hasAny == nil && c.hasAll == nil && slices.ContainsFunc(c.regexes, func(re regex) bool { return re.re.MatchString("") })
}
