package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// seen is one event of a window test.
type seen struct {
	id   chat.EventID
	at   time.Duration // after the test's begin
	peek bool
	want int
}

const second = time.Second

func testWindows(t *testing.T, s Observer) {
	for _, test := range []struct {
		name  string
		limit int
		seen  []seen
	}{
		{"each event in order counts one more", 5, []seen{
			{"a", 0, false, 1}, {"b", second, false, 2}, {"c", 2 * second, false, 3}, {"d", 3 * second, false, 4}, {"e", 4 * second, false, 5},
		}},
		{"an event exactly the window's length older is outside", 5, []seen{
			{"a", 0, false, 1}, {"b", 10 * second, false, 1}, {"c", 10*second - time.Millisecond, false, 2},
		}},
		{"two events of one instant, exactly the length older", 5, []seen{
			{"a", 0, false, 1}, {"b", 0, false, 2}, {"c", 10 * second, false, 1},
		}},
		{"an event a microsecond less than the length older is inside", 5, []seen{
			{"a", 0, false, 1}, {"b", 10*second - time.Microsecond, false, 2},
		}},
		{"a repeated event does not count again", 5, []seen{
			{"a", 0, false, 1}, {"b", second, false, 2}, {"b", second, false, 2}, {"a", 0, false, 1}, {"c", 2 * second, false, 3},
		}},
		{"a repeated event keeps its first time", 5, []seen{
			{"a", 0, false, 1}, {"b", second, false, 2}, {"b", 40 * second, false, 2}, {"c", 2 * second, false, 3},
		}},
		{"a late event completes a span that ends after it", 5, []seen{
			{"1", second, false, 1}, {"2", 2 * second, false, 2}, {"3", 3 * second, false, 3}, {"5", 5 * second, false, 4}, {"4", 4 * second, false, 5},
		}},
		{"a late event does not count in spans that miss it", 5, []seen{
			{"1", 0, false, 1}, {"2", 9 * second, false, 2}, {"3", 18 * second, false, 2}, {"x", second, false, 3},
		}},
		{"events of one instant all count", 5, []seen{
			{"a", 0, false, 1}, {"b", 0, false, 2}, {"c", 0, false, 3},
		}},
		{"a peek counts itself and leaves nothing", 5, []seen{
			{"a", 0, false, 1}, {"p", second, true, 2}, {"q", second, true, 2}, {"p", second, false, 2}, {"p", second, true, 2}, {"r", second, true, 3},
		}},
		{"a late peek completes a span that ends after it", 3, []seen{
			{"a", 0, false, 1}, {"b", 2 * second, false, 2}, {"p", second, true, 3}, {"c", 3 * second, false, 3},
		}},
		{"entries leave the window with time", 5, []seen{
			{"a", 0, false, 1}, {"b", second, false, 2}, {"c", 2 * second, false, 3}, {"d", 11 * second, false, 2}, {"e", 40 * second, false, 1},
		}},
		{"a limit of one", 1, []seen{{"a", 0, false, 1}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := recent()
			w := chat.Window{ID: "flood", Key: test.name, Group: new(group("g")), Limit: test.limit, Within: 10 * second}
			for i, e := range test.seen {
				got := observe(t, s, look(group("g"), e, begin, w))[0].Counts
				if len(got) != 1 || got[0] != e.want {
					t.Fatalf("event %d (%s at %v): counts %v, want [%d]", i, e.id, e.at, got, e.want)
				}
			}
		})
	}
	t.Run("keys and groups", func(t *testing.T) { testWindowKeys(t, s) })
	t.Run("a peek among others", func(t *testing.T) { testPeekAmongOthers(t, s) })
	t.Run("over the limit", func(t *testing.T) { testOverLimit(t, s) })
}

func look(g chat.Group, e seen, begin time.Time, ws ...chat.Window) chat.Look {
	return chat.Look{Event: e.id, Group: g, Member: "m", Kind: chat.Message, At: begin.Add(e.at), Peek: e.peek, Windows: ws}
}

func testWindowKeys(t *testing.T, s Observer) {
	begin := recent()
	odd := []string{"", "a", "a\x00", "a\x00b", "}{", "{a}", "a:b", "a b", "a\xff", "%", "*", "'", "\n"}
	for i, id := range odd {
		for j, key := range odd {
			g := group(chat.GroupID("g" + key))
			w := chat.Window{ID: "w" + id, Key: "k" + key, Group: &g, Limit: 3, Within: time.Minute}
			got := observe(t, s, look(g, seen{id: "e"}, begin, w), look(g, seen{id: "e\x00"}, begin, w))
			if got[0].Counts[0] != 1 || got[1].Counts[0] != 2 {
				t.Fatalf("window %q (%d), key %q (%d): counts %v, want 1 and 2", id, i, key, j, got)
			}
		}
	}
	spanning := chat.Window{ID: "same text", Key: "hash", Limit: 5, Within: time.Minute}
	got := observe(t, s,
		look(group("g1"), seen{id: "e"}, begin, spanning),
		look(group("g2"), seen{id: "e"}, begin, spanning),
		look(group("g2"), seen{id: "e"}, begin, spanning))
	if got[0].Counts[0] != 1 || got[1].Counts[0] != 2 || got[2].Counts[0] != 2 {
		t.Errorf("one event ID in two groups, then repeated: counts %v, want 1, 2, 2", got)
	}
	g := group("several")
	mine := chat.Window{ID: "mine", Key: "k", Group: &g, Limit: 5, Within: time.Minute}
	got = observe(t, s, look(g, seen{id: "x"}, begin, mine), look(g, seen{id: "y"}, begin, spanning, mine), look(g, seen{id: "z"}, begin))
	if !slices.Equal(got[1].Counts, []int{3, 2}) || len(got[2].Counts) != 0 {
		t.Errorf("two windows in one look, and none: %v, want [3 2] and []", got)
	}
}

// testPeekAmongOthers peeks and adds in one call: what peeks must not be stored with the rest.
func testPeekAmongOthers(t *testing.T, s Observer) {
	begin := recent()
	g := group("peek")
	w := chat.Window{ID: "peek", Key: "k", Group: &g, Limit: 5, Within: time.Minute}
	got := observe(t, s,
		look(g, seen{id: "a"}, begin, w),
		look(g, seen{id: "p", at: time.Second, peek: true}, begin, w),
		look(g, seen{id: "b", at: 2 * time.Second}, begin, w),
		look(g, seen{id: "q", at: time.Second, peek: true}, begin, w))
	got = append(got, observe(t, s, look(g, seen{id: "c", at: 3 * time.Second}, begin, w))...)
	for i, want := range []int{1, 2, 2, 3, 3} {
		if got[i].Counts[0] != want {
			t.Errorf("look %d: count %d, want %d", i, got[i].Counts[0], want)
		}
	}
}

func testOverLimit(t *testing.T, s Observer) {
	const limit = 5
	begin := recent()
	g := group("busy")
	w := chat.Window{ID: "busy", Key: "k", Group: &g, Limit: limit, Within: 10 * time.Second}
	for i := range 10 * limit {
		at := time.Duration(i) * time.Millisecond
		n := observe(t, s, look(g, seen{id: chat.EventID(fmt.Sprint(i)), at: at}, begin, w))[0].Counts[0]
		if n < min(i+1, limit) || n > i+1 {
			t.Fatalf("event %d: count %d, want at least %d and at most %d", i, n, min(i+1, limit), i+1)
		}
	}
	n := observe(t, s, look(g, seen{id: "late", at: time.Microsecond}, begin, w))[0].Counts[0]
	if n < limit {
		t.Errorf("a late event in a full window: count %d, want at least %d", n, limit)
	}
}
