package policy

import (
	"strings"
	"testing"
)

// A word whose own gaps are those of a disguise is found as the list has it.
func TestWordsThatLookDisguised(t *testing.T) {
	dots := strings.Repeat(".", 40)
	for _, tc := range []struct{ word, more, text, found string }{
		{"w w w", "", "go to w w w. Or W W W! www, w w, ww w", "w w w|W W W"},
		{"a a", "", "a a", "a a"},
		{"a" + dots + "b", "", "a" + dots + "b, a...b", "a" + dots + "b"},
		{"1 1", "", "1 1, 11", "1 1"},
		{"x x x", ", match: anywhere", "ox x xo", ""},
		{"αΒγ", "", "αΒγ ΑΒΓ αβγ", "αΒγ|ΑΒΓ|αβγ"},
	} {
		if got := strings.Join(foundIn(hunting(t, everything, tc.more, tc.word), tc.text), "|"); got != tc.found {
			t.Errorf("%q in %q: found %q, want %q", tc.word, tc.text, got, tc.found)
		}
	}
}
