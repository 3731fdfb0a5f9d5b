package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"go.yaml.in/yaml/v3"
)

// phrases are the words of a list that have white space, in a view where a run of it is one space.
// Only texts with such runs are looked at there. Where gaps are seen through there is no need of it.
type phrases struct {
	view   int
	set    *wordSet
	number []int32      // for each word of set, its number in the list that it is from
	base   fold.Options // of the view of the list's other words
}

// findPhrases adds its phrases to a set, of whose list the entries have the given numbers.
func (l *loader) findPhrases(n *yaml.Node, number int, set *wordSet, entries []int32) {
	some := &list{name: set.list.name, kind: set.list.kind}
	var numbers []int32
	for e, w := range set.list.entries {
		if entries[e] >= 0 && strings.ContainsFunc(w, unicode.IsSpace) {
			some.entries, numbers = append(some.entries, w), append(numbers, entries[e])
		}
	}
	if len(some.entries) == 0 {
		return
	}
	opts := l.out.views[number].opts
	p := &phrases{view: l.view(opts | fold.Blanks), base: opts}
	l.out.views[p.view].base = number
	var own []int32
	p.set, own = l.wordsIn(n, p.view, some)
	p.number = make([]int32, p.set.count)
	for e, k := range own {
		if k >= 0 {
			p.number[k] = numbers[e]
		}
	}
	set.phrases = p
}

// each is that of the list's set, for phrases that it does not find.
func (p *phrases) each(x *Exam, b border, only int, stop func(span) bool) bool {
	found := func(at span) bool {
		s := x.e.Text[at.start:at.end]
		return fold.String(s, p.base) != fold.String(s, p.base|fold.Blanks) && stop(at)
	}
	if only < 0 {
		return p.set.eachWord(x, p.view, b, anyWord, found)
	}
	k := slices.Index(p.number, int32(only)) //nolint:gosec // the number of a word
	return k >= 0 && p.set.eachWord(x, p.view, b, k, found)
}

// gate adds the phrases, or what the one of the given number folds to.
func (p *phrases) gate(only int, dst []atom) []atom {
	if p == nil {
		return dst
	}
	ids := p.set.ids
	if only >= 0 {
		k := slices.Index(p.number, int32(only)) //nolint:gosec // the number of a word
		if k < 0 {
			return dst
		}
		ids = p.set.patterns(k)
	}
	for _, id := range ids {
		dst = append(dst, atom{p.view, id})
	}
	return dst
}
