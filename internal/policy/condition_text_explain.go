package policy

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
)

func (c *text) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	part := func(key, want, unit string, holds bool, each func(stop func(span) bool) bool) {
		f := finds{excused: x.excused}
		each(f.add)
		s := saw("text."+key, want, f.value(unit), truthOf(holds))
		s.Spans = f.shown
		out = append(out, s)
	}
	words := func(key string, set *wordSet, holds bool) {
		part(key, set.list.label(), " in the text", holds, func(stop func(span) bool) bool { return set.each(x, c.view, c.border, anyWord, stop) })
	}
	regexes := func(key, want string, set []regex) {
		part(key, want, " matches", c.anyRegex(x, set), func(stop func(span) bool) bool { return c.eachMatch(x, set, stop) })
	}
	if c.hasAny != nil {
		words("has_any", c.hasAny, c.find(x, c.hasAny, anyWord))
	}
	if c.hasAll != nil {
		words("has_all", c.hasAll, c.all(x))
	}
	if len(c.listed) > 0 {
		regexes("has_any", c.label, c.listed)
	}
	if len(c.regexes) > 0 {
		regexes("regex", "", c.regexes)
	}
	return c.outline.explain(x.e.Text, out)
}

// finds is what was found in a text: how much of it counts, how much is excused, and where the first
// of what counts stands.
type finds struct {
	excused      []span
	count, spent int
	shown        [][2]int
}

// add takes a stretch, and asks for more.
func (f *finds) add(s span) bool {
	if s.within(f.excused) {
		f.spent++
		return false
	}
	if f.count++; len(f.shown) < maxShown {
		f.shown = append(f.shown, [2]int{s.start, s.end})
	}
	return false
}

// value says it in words.
func (f *finds) value(unit string) string {
	if f.spent == 0 {
		return fmt.Sprintf("%d%s", f.count, unit)
	}
	return fmt.Sprintf("%d%s, %d excused", f.count, unit, f.spent)
}
