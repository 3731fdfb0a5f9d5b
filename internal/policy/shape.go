package policy

// shape says what a value of rules.yaml looks like, as far as an editor can check it. It stands
// beside the function that reads the value, so that the two change together.
type shape struct {
	kind    shapeKind
	lo, hi  int          // whole numbers
	words   []string     // one of these
	lists   []string     // kinds of lists that may be named or written out
	pattern string       // what a text must fit; empty: any
	empty   bool         // a list may have no element
	still   bool         // of conditions: none that counts
	of      *shape       // of each element
	keys    []field      // of a map
	rule    keyRule      // which keys go together
	shapes  []shape      // one of these
	make    func() shape // returns the shape, where making it each time would cost too much
}

// keyRule says which keys of a map go together.
type keyRule struct {
	one, some []string            // exactly one of these, at least one of these
	needs     map[string][]string // a key, and those that it needs beside it
	filled    bool                // at least one, whichever
	condition bool                // at least one condition
}

type shapeKind uint8

const (
	anyText    shapeKind = iota
	anyOfThese           // one of several shapes
	notWhole             // a text that is not written as a whole number
	oneWord              // one of words
	wholeNum             // lo to hi
	trueFalse            // true or false
	timeSpan             // 10s, 5m, 12h, 7d
	percentage           // 85%
	dateTime             // 2027-01-31, or a time
	theList              // the name of a list, or entries in brackets
	someOf               // a list of elements, or one element
	listOf               // a list of elements
	mapOf                // a map of keys
	namedMap             // a map of names that the file chooses
	conditions           // a map of conditions, with further keys
	ownList              // a list of the lists section
	intentItem           // an item of then
)

func texts() shape                 { return shape{kind: anyText} }
func fitting(pattern string) shape { return shape{kind: anyText, pattern: pattern} }
func word(words ...string) shape   { return shape{kind: oneWord, words: words} }
func numbers(lo, hi int) shape     { return shape{kind: wholeNum, lo: lo, hi: hi} }
func truths() shape                { return shape{kind: trueFalse} }
func durations() shape             { return shape{kind: timeSpan} }
func percents() shape              { return shape{kind: percentage} }
func dates() shape                 { return shape{kind: dateTime} }
func lists(kinds ...string) shape  { return shape{kind: theList, lists: kinds} }
func some(of shape) shape          { return shape{kind: someOf, of: &of} }
func many(of shape) shape          { return shape{kind: listOf, of: &of} }
func keyed(keys ...field) shape    { return shape{kind: mapOf, keys: keys} }
func conditional(k ...field) shape { return shape{kind: conditions, keys: k} }
func either(of ...shape) shape     { return shape{kind: anyOfThese, shapes: of} }
func notNumbers() shape            { return shape{kind: notWhole} }
func named(of shape) shape         { return shape{kind: namedMap, of: &of} }

func lazy(f func() shape) shape { return shape{make: f} }

// orNone lets a list be empty.
func (s shape) orNone() shape { s.empty = true; return s }

// nonEmpty wants one key at least.
func (s shape) nonEmpty() shape { s.rule.filled = true; return s }

// withCondition wants one condition at least.
func (s shape) withCondition() shape { s.rule.condition = true; return s }

// stateless leaves out the conditions that count: they stand at the top of when.
func (s shape) stateless() shape { s.still = true; return s }

// exactlyOne wants one of the keys, and no second one of them.
func (s shape) exactlyOne(keys ...string) shape { s.rule.one = keys; return s }

// atLeastOne wants one of the keys or more.
func (s shape) atLeastOne(keys ...string) shape { s.rule.some = keys; return s }

// needing wants other keys beside a key.
func (s shape) needing(key string, others ...string) shape {
	s.rule.needs = map[string][]string{key: others}
	return s
}
