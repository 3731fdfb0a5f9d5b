package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// noted is one event of a trail test.
type noted struct {
	id   chat.EventID
	at   time.Duration // after the test's begin
	note string
	peek bool
	want string // the IDs of the entries that it is answered with, a letter each
	may  string // those of them that may be missing
}

// testTrails has trails of ten seconds.
func testTrails(t *testing.T, s Observer) {
	for _, test := range trailSequences() {
		t.Run(test.name, func(t *testing.T) {
			g, begin, names := group("g"), recent(), names{}
			for i, e := range test.noted {
				w := chat.Window{ID: "trail", Key: test.name, Group: &g, Limit: 5, Within: 10 * second, Note: e.note}
				f := observe(t, s, look(g, seen{id: e.id, at: e.at, peek: e.peek}, begin, w))[0]
				entries := onlyTrail(t, f)
				if got := spell(t, names, g, entries, test.noted, begin); !spelt(got, e.want, e.may) {
					t.Fatalf("event %d (%s at %v): answered with %q, want %q, perhaps without %q", i, e.id, e.at, got, e.want, e.may)
				}
			}
		})
	}
	t.Run("names", func(t *testing.T) { testTrailNames(t, s) })
	t.Run("notes", func(t *testing.T) { testNotes(t, s) })
	t.Run("beside counts", func(t *testing.T) { testTrailsBesideCounts(t, s) })
	t.Run("a long trail", func(t *testing.T) { testLongTrail(t, s) })
}

// trailSequence is a list of events, each with what its look is answered.
type trailSequence struct {
	name  string
	noted []noted
}

func trailSequences() []trailSequence {
	return []trailSequence{
		{"others, oldest first", []noted{
			{"a", 0, "1", false, "", ""}, {"c", 2 * second, "3", false, "a", ""}, {"b", second, "2", false, "ac", ""}, {"d", 3 * second, "4", false, "abc", ""},
		}},
		{"an event exactly the length before or after is outside", []noted{
			{"a", 0, "1", false, "", ""}, {"c", 20 * second, "3", false, "", ""}, {"b", 10 * second, "2", false, "", ""},
		}},
		{"an event a microsecond less than the length before or after is inside", []noted{
			{"a", time.Microsecond, "1", false, "", ""}, {"c", 20*second - time.Microsecond, "3", false, "", ""}, {"b", 10 * second, "2", false, "ac", ""},
		}},
		{"events of one instant", []noted{
			{"a", 0, "1", false, "", ""}, {"b", 0, "2", false, "a", ""}, {"c", 0, "3", false, "ab", ""},
		}},
		{"a repeated event is not answered to itself, nor added again", []noted{
			{"a", 0, "1", false, "", ""}, {"b", second, "2", false, "a", ""}, {"b", second, "2", false, "a", ""}, {"a", 0, "1", false, "", ""},
			{"c", 2 * second, "3", false, "ab", ""},
		}},
		{"a peek is answered and leaves nothing", []noted{
			{"a", 0, "1", false, "", ""}, {"p", second, "2", true, "a", ""}, {"q", second, "3", true, "a", ""}, {"p", second, "2", false, "a", ""},
			{"p", second, "2", true, "a", ""}, {"r", second, "4", true, "ap", ""},
		}},
		{"a late peek sees what came after it", []noted{
			{"b", second, "2", false, "", ""}, {"p", 0, "1", true, "b", ""}, {"c", 2 * second, "3", false, "b", ""},
		}},
		{"equal notes that stand alone", []noted{
			{"a", 0, "1", false, "", ""}, {"b", second, "1", false, "a", ""}, {"c", 2 * second, "2", false, "ab", ""},
		}},
		{"an equal note between two that a span can hold", []noted{
			{"a", 0, "1", false, "", ""}, {"b", 5 * second, "1", false, "a", ""}, {"c", 10 * second, "1", false, "b", "b"}, {"d", 9 * second, "2", false, "abc", "b"},
		}},
		{"an equal note between two that no span holds", []noted{
			{"a", 0, "1", false, "", ""}, {"b", 5 * second, "1", false, "a", ""}, {"c", 10*second + time.Microsecond, "1", false, "b", ""},
			{"d", 9 * second, "2", false, "abc", ""},
		}},
		{"another note between equal ones", []noted{
			{"a", 0, "1", false, "", ""}, {"b", second, "2", false, "a", ""}, {"c", 2 * second, "1", false, "ab", ""}, {"d", 3 * second, "3", false, "abc", ""},
		}},
		{"entries leave the trail with time", []noted{
			{"a", 0, "1", false, "", ""}, {"b", second, "2", false, "a", ""}, {"c", 10 * second, "3", false, "b", ""}, {"d", 40 * second, "4", false, "", ""},
		}},
	}
}

// onlyTrail returns the answer to a look with one trail.
func onlyTrail(t *testing.T, f chat.Facts) []chat.Entry {
	t.Helper()
	if len(f.Counts) != 1 || f.Counts[0] != 0 || len(f.Trails) != 1 {
		t.Fatalf("answered with %+v, want one trail and a count of zero", f)
	}
	if !slices.IsSortedFunc(f.Trails[0], func(a, b chat.Entry) int { return a.At.Compare(b.At) }) {
		t.Errorf("entries are not oldest first: %+v", f.Trails[0])
	}
	return f.Trails[0]
}

// names remembers what stands for an event: by group and event, and the other way round.
type names map[string]string

// check tells whether an event goes by one name, and a name by one event.
func (n names) check(t *testing.T, g chat.Group, ev chat.EventID, name string) {
	t.Helper()
	event, name := fmt.Sprintf("event %q %q", g, ev), "name "+name
	if by, ok := n[event]; ok && by != name {
		t.Errorf("%s is called %q and %q", event, by, name)
	}
	if of, ok := n[name]; ok && of != event {
		t.Errorf("%s and %s are both called %q", event, of, name)
	}
	n[event], n[name] = name, event
}

// spell returns the IDs of the events behind entries, found by time and note.
func spell(t *testing.T, n names, g chat.Group, entries []chat.Entry, of []noted, begin time.Time) string {
	t.Helper()
	out := ""
	for _, e := range entries {
		i := slices.IndexFunc(of, func(x noted) bool { return begin.Add(x.at).Equal(e.At) && x.note == e.Note })
		if i < 0 {
			t.Fatalf("entry %+v is of no event", e)
		}
		n.check(t, g, of[i].id, e.Event)
		out += string(of[i].id)
	}
	return out
}

// spelt tells whether got is want, perhaps without some of may. Entries of one instant come in any
// order, so the order is not looked at here.
func spelt(got, want, may string) bool {
	letters := []byte(got)
	slices.Sort(letters)
	for _, x := range []byte(want) {
		i := slices.Index(letters, x)
		if i >= 0 {
			letters = slices.Delete(letters, i, i+1)
		} else if !slices.Contains([]byte(may), x) {
			return false
		}
	}
	return len(letters) == 0
}
