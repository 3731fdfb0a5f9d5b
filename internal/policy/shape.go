package policy

// shape says what a value of rules.yaml looks like, as far as an editor can check it. It stands
// beside the function that reads the value, so that the two change together.
type shape struct {
	kind   shapeKind
	lo, hi int      // whole numbers
	words  []string // one of these
	lists  []string // kinds of lists that may be named or written out
	of     *shape   // of each element
	keys   []field  // of a map
}

type shapeKind uint8

const (
	anyText    shapeKind = iota
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
	conditions           // a map of conditions, with further keys
)

func texts() shape                 { return shape{kind: anyText} }
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
