package policy

import (
	"cmp"
	"slices"
	"sort"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// truth is what a condition says about an event. Until the store was asked, what depends on its
// facts is only possible.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// String returns the truth as traces spell it.
func (t truth) String() string {
	switch t {
	case yes:
		return "yes"
	case maybe:
		return "unknown"
	}
	return "no"
}

// span is a stretch of the event's text.
type span struct{ start, end int }

// within tells whether one of the excused spans, which are sealed, covers this one.
func (s span) within(excused []span) bool {
	i := sort.Search(len(excused), func(i int) bool { return excused[i].start > s.start })
	return i > 0 && s.end <= excused[i-1].end && s.start < s.end
}

// seal sorts excused spans by their start, and gives each the furthest end of those up to it: what
// begins behind a span's start and ends before its end is covered by one of them.
func seal(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	for i := 1; i < len(spans); i++ {
		spans[i].end = max(spans[i].end, spans[i-1].end)
	}
}

// condition is one compiled condition. All its methods are pure.
type condition interface {
	// holds judges the event of the examination, without the spans that are excused.
	holds(x *Exam) truth
	// spans adds the stretches of text that the condition found.
	spans(x *Exam, dst []span) []span
	// explain returns what was seen, one part for each key that the rule uses, without message text.
	explain(x *Exam) []chat.Seen
	// always tells whether the condition holds for whatever anybody does.
	always() bool
	// gate adds words to dst one of which the text must hold for the condition to hold; false when
	// there are no such words. It lets rules be passed over without a look at them.
	gate(dst []atom) ([]atom, bool)
}

// plain is what a condition is that finds nothing in the text and does not hold for everybody.
type plain struct{}

func (plain) spans(_ *Exam, dst []span) []span { return dst }

func (plain) always() bool { return false }

func (plain) gate(dst []atom) ([]atom, bool) { return dst, false }

// conditionKind is one condition of the language.
type conditionKind struct {
	name string
	doc  string
	read func(l *loader, n *yaml.Node) condition // nil: not available yet
	// is returns what the condition's value looks like.
	is func(l *loader) shape
}

// readConditions reads a map of conditions, all of which must hold. Other keys of the same map are
// given as fields.
func (l *loader) readConditions(n *yaml.Node, what string, more ...field) *allOf {
	all := &allOf{}
	fields := more
	for _, k := range conditionKinds() {
		f := field{name: k.name}
		if k.read != nil {
			f.read = func(_, value *yaml.Node) {
				if c := k.read(l, value); c != nil {
					all.of = append(all.of, c)
				}
			}
		}
		fields = append(fields, f)
	}
	l.mapping(n, what, fields)
	all.order()
	return all
}
