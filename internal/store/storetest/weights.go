package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// weighed is an event that adds something to a window.
type weighed struct {
	seen
	add int
}

func testWeights(t *testing.T, s Observer) {
	for _, test := range []struct {
		name  string
		limit int
		seen  []weighed
	}{
		{"an event counts for what it adds", 20, []weighed{
			{seen{"a", 0, false, 3}, 3}, {seen{"b", second, false, 8}, 5}, {seen{"c", 2 * second, false, 9}, 1},
		}},
		{"zero stands for one", 20, []weighed{
			{seen{"a", 0, false, 1}, 0}, {seen{"b", second, false, 4}, 3}, {seen{"c", 2 * second, false, 5}, 0},
		}},
		{"a repeated event does not count again", 20, []weighed{
			{seen{"a", 0, false, 3}, 3}, {seen{"b", second, false, 5}, 2}, {seen{"a", 0, false, 3}, 3}, {seen{"b", second, false, 5}, 2},
			{seen{"c", 2 * second, false, 9}, 4},
		}},
		{"a repeated event keeps its first time and weight", 20, []weighed{
			{seen{"a", 0, false, 3}, 3}, {seen{"a", 40 * second, false, 3}, 5}, {seen{"b", second, false, 5}, 2},
		}},
		{"a heavy event goes at once", 20, []weighed{
			{seen{"a", 0, false, 9}, 9}, {seen{"b", 10*second - time.Microsecond, false, 11}, 2}, {seen{"c", 10 * second, false, 3}, 1},
		}},
		{"a late event completes a span that ends after it", 10, []weighed{
			{seen{"1", second, false, 2}, 2}, {seen{"3", 3 * second, false, 6}, 4}, {seen{"2", 2 * second, false, 9}, 3},
		}},
		{"a late event does not count in spans that miss it", 20, []weighed{
			{seen{"1", 0, false, 4}, 4}, {seen{"2", 9 * second, false, 9}, 5}, {seen{"3", 18 * second, false, 11}, 6}, {seen{"x", second, false, 11}, 2},
		}},
		{"events of one instant all count", 20, []weighed{
			{seen{"a", 0, false, 3}, 3}, {seen{"b", 0, false, 6}, 3}, {seen{"c", 0, false, 7}, 1},
		}},
		{"a peek counts what it would add and leaves nothing", 20, []weighed{
			{seen{"a", 0, false, 3}, 3}, {seen{"p", second, true, 7}, 4}, {seen{"q", second, true, 5}, 2}, {seen{"p", second, false, 7}, 4},
			{seen{"p", second, true, 7}, 4}, {seen{"r", second, true, 8}, 1},
		}},
		{"the whole limit at once", 5, []weighed{{seen{"a", 0, false, 5}, 5}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := recent()
			w := chat.Window{ID: "weights", Key: test.name, Group: new(group("g")), Limit: test.limit, Within: 10 * second}
			for i, e := range test.seen {
				w.Add = e.add
				got := observe(t, s, look(group("g"), e.seen, begin, w))[0].Counts
				if len(got) != 1 || got[0] != e.want {
					t.Fatalf("event %d (%s at %v adds %d): counts %v, want [%d]", i, e.id, e.at, e.add, got, e.want)
				}
			}
		})
	}
	t.Run("over the limit", func(t *testing.T) { testHeavyLimit(t, s) })
	t.Run("in one call", func(t *testing.T) { testHeavyTogether(t, s) })
}

// testHeavyLimit fills a window far beyond its limit. A late event still finds it full, and one that
// comes again, whatever is left of it, does not count twice.
func testHeavyLimit(t *testing.T, s Observer) {
	const limit, add = 7, 4
	begin, g := recent(), group("heavy")
	w := chat.Window{ID: "heavy", Key: "k", Group: &g, Limit: limit, Within: 10 * time.Second, Add: add}
	event := func(i int) chat.Look {
		return look(g, seen{id: chat.EventID(fmt.Sprint(i)), at: time.Duration(i) * time.Millisecond}, begin, w)
	}
	for i := range 6 * limit {
		sum := add * (i + 1)
		if n := observe(t, s, event(i))[0].Counts[0]; n < min(sum, limit) || n > sum {
			t.Fatalf("event %d: count %d, want at least %d and at most %d", i, n, min(sum, limit), sum)
		}
	}
	for i := range 6 * limit {
		if n := observe(t, s, event(i))[0].Counts[0]; n < min(add*(i+1), limit) || i == 0 && n > add || n > add*6*limit {
			t.Errorf("event %d again: count %d, want at least %d and at most %d", i, n, min(add*(i+1), limit), add*6*limit)
		}
	}
	late := look(g, seen{id: "late", at: time.Microsecond}, begin, w)
	if n := observe(t, s, late)[0].Counts[0]; n < limit {
		t.Errorf("a late event in a full window: count %d, want at least %d", n, limit)
	}
}

func testHeavyTogether(t *testing.T, s Observer) {
	begin, g := recent(), group("together")
	light := chat.Window{ID: "light", Key: "k", Group: &g, Limit: 20, Within: time.Minute}
	heavy := chat.Window{ID: "heavy together", Key: "k", Group: &g, Limit: 20, Within: time.Minute, Add: 3}
	got := observe(t, s,
		look(g, seen{id: "a"}, begin, light, heavy),
		look(g, seen{id: "p", peek: true}, begin, heavy),
		look(g, seen{id: "b"}, begin, heavy, light))
	if got[0].Counts[0] != 1 || got[0].Counts[1] != 3 || got[1].Counts[0] != 6 || got[2].Counts[0] != 6 || got[2].Counts[1] != 2 {
		t.Errorf("two windows, three events: counts %v, %v, %v, want [1 3], [6], [6 2]", got[0].Counts, got[1].Counts, got[2].Counts)
	}
}
