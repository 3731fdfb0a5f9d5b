package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"go.yaml.in/yaml/v3"
)

// text looks for words and regexes in a message, and at what the message is like as a whole. All of
// its keys must hold.
type text struct {
	view    int // what words are looked for in
	hasAny  *wordSet
	hasAll  *wordSet
	border  border
	regexes []regex // of the key regex: one must match
	listed  []regex // of a list of regexes under has_any: one must match
	label   string  // of that list
	reView  int     // what regexes are looked for in
	reWords int     // the view that has the words that regexes need
	outline outline
}

// textSource is what a text condition was given.
type textSource struct {
	hasAny, hasAll *list
	regexes        *yaml.Node
	opts           fold.Options
}

// textKeys are the keys of text.
func (l *loader) textKeys(c *text, s *textSource) []field {
	return append([]field{
		{name: "has_any", is: lists(wordList, regexList), doc: "One of these words is in the text, or one of these regexes matches.",
			read: func(_, v *yaml.Node) { s.hasAny = l.list(v, "has_any", wordList, regexList) }},
		{name: "has_all", is: lists(wordList), doc: "All of these words are in the text.",
			read: func(_, v *yaml.Node) { s.hasAll = l.list(v, "has_all", wordList) }},
		{name: "regex", is: some(texts()), doc: "One of these expressions (RE2) matches.",
			read: func(_, v *yaml.Node) { s.regexes = v }},
		{name: "match", is: word("word", "anywhere", "whole"), doc: "Where a word counts: between the borders of words, where the script has them, " +
			"also inside of others, or when the text is nothing else.",
			read: func(_, v *yaml.Node) { c.border = borderOf(l.choice(v, "match", "word", "anywhere", "whole")) }},
		{name: "see_through", is: some(word(disguiseNames()...)), doc: "The disguises that words are found in: width, case and invisible unless it is given.",
			read: func(_, v *yaml.Node) { s.opts = l.seeThrough(v) }},
	}, l.outlineKeys(&c.outline)...)
}

func (l *loader) readText(n *yaml.Node) condition {
	c, s := &text{}, &textSource{opts: fold.Default}
	if l.cur.inUnless {
		s.opts |= seenThrough(valueOf(l.cur.node, "when"))
	}
	l.mapping(n, "text", l.textKeys(c, s))
	c.view = l.view(s.opts)
	c.reWords = l.view(s.opts & regexFold)
	c.reView = l.view(s.opts & regexFold &^ fold.Case)
	if s.hasAny != nil && s.hasAny.kind == regexList {
		c.listed, c.label = l.listRegexes(s.hasAny, c.reWords), s.hasAny.label()
	} else {
		c.hasAny = l.words(n, c.view, s.hasAny)
	}
	c.hasAll = l.words(n, c.view, s.hasAll)
	if s.regexes != nil {
		for _, item := range l.items(s.regexes, "regex") {
			if re, ok := l.regex(item, c.reWords); ok {
				l.checkPattern(item)
				c.regexes = append(c.regexes, re)
			}
		}
	}
	finds := s.hasAny != nil || s.hasAll != nil || s.regexes != nil
	if !finds && len(c.outline.keys) == 0 {
		l.errorf(n, "has_any, has_all or regex", "text says nothing")
	}
	l.cur.usesText(n)
	if finds { // what a text is like as a whole is no stretch of it
		l.cur.findsText()
	}
	return c
}

// findsStretches tells whether one of the keys looks for stretches of the text.
func (c *text) findsStretches() bool {
	return c.hasAny != nil || c.hasAll != nil || len(c.listed) > 0 || len(c.regexes) > 0
}

// holds judges the text. A message without one, such as an image, has nothing to judge, not even a
// length.
func (c *text) holds(x *Exam) truth {
	if x.e.Text == "" || x.spanless && c.findsStretches() {
		return no
	}
	return truthOf((c.hasAny == nil || c.find(x, c.hasAny, anyWord)) && c.all(x) &&
		c.anyRegex(x, c.listed) && c.anyRegex(x, c.regexes) && c.outline.holds(x.e.Text))
}

// find tells whether a word of the set, or the given one, stands where it counts and is not excused.
func (c *text) find(x *Exam, set *wordSet, only int) bool {
	return set.each(x, c.view, c.border, only, func(s span) bool { return !s.within(x.excused) })
}

func (c *text) all(x *Exam) bool {
	if c.hasAll == nil {
		return true
	}
	for i := range c.hasAll.count {
		if !c.find(x, c.hasAll, i) {
			return false
		}
	}
	return true
}

func (c *text) spans(x *Exam, dst []span) []span {
	for _, set := range []*wordSet{c.hasAny, c.hasAll} {
		dst = c.found(x, set, dst)
	}
	return c.matched(x, c.regexes, c.matched(x, c.listed, dst))
}

// found adds where the words of a set stand.
func (c *text) found(x *Exam, set *wordSet, dst []span) []span {
	if set != nil {
		set.each(x, c.view, c.border, anyWord, func(s span) bool {
			dst = append(dst, s)
			return false
		})
	}
	return dst
}

// gate is the words of has_any, else those that one word of has_all folds to, else those that the
// regexes of a key need.
func (c *text) gate(dst []atom) ([]atom, bool) {
	switch {
	case c.hasAny != nil:
		for _, id := range c.hasAny.ids {
			dst = append(dst, atom{c.view, id})
		}
		return c.hasAny.phrases.gate(anyWord, dst), true
	case c.hasAll != nil && c.hasAll.count > 0:
		for _, id := range c.hasAll.patterns(0) {
			dst = append(dst, atom{c.view, id})
		}
		return c.hasAll.phrases.gate(0, dst), true
	}
	if more, ok := c.regexGate(c.listed, slices.Clone(dst)); ok {
		return more, true
	}
	return c.regexGate(c.regexes, dst)
}

func (c *text) always() bool {
	sets := slices.DeleteFunc([][]regex{c.listed, c.regexes}, func(set []regex) bool { return len(set) == 0 })
	return c.hasAny == nil && c.hasAll == nil && len(c.outline.keys) == 0 && len(sets) > 0 && !slices.ContainsFunc(sets, func(set []regex) bool {
		return !slices.ContainsFunc(set, func(re regex) bool { return re.re.MatchString("") })
	})
}
