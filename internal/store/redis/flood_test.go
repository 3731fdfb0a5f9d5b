package redis

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// flooded is an event of a flood, with what it adds to a window.
type flooded struct {
	at  time.Duration
	add int
}

// flood returns events in the order of their coming. Floods and pauses take turns; every third event
// is late by up to a second.
func flood(n, mostAdded int) []flooded {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's own order
	out := make([]flooded, n)
	var newest time.Duration
	for i := range out {
		newest += time.Duration(random.IntN(3)) * time.Millisecond
		if random.IntN(50) == 0 {
			newest += time.Duration(random.IntN(1500)) * time.Millisecond
		}
		at := newest
		if i%3 == 0 {
			at = max(newest-time.Duration(random.IntN(999))*time.Millisecond, 0)
		}
		out[i] = flooded{at: at, add: 1 + random.IntN(mostAdded)}
	}
	return out
}

// TestAFloodedWindowStaysSmallAndExact compares with counts over all events. Events come again and
// are peeked at, too.
func TestAFloodedWindowStaysSmallAndExact(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	const within = time.Second
	g := groupN(1)
	begin := time.Now().Add(-time.Minute).Truncate(time.Second)
	for _, test := range []struct{ limit, mostAdded int }{{4, 1}, {4, 4}, {20, 7}} {
		t.Run(fmt.Sprintf("%d, of up to %d each", test.limit, test.mostAdded), func(t *testing.T) {
			w := chat.Window{ID: "w", Key: t.Name(), Group: &g, Limit: test.limit, Within: within}
			all := flood(2000, test.mostAdded)
			count := func(n int, peek bool) int {
				w.Add = all[n].add
				look := chat.Look{
					Event: chat.EventID(fmt.Sprint(n)), Group: g, Member: "m", Kind: chat.Message,
					At: begin.Add(all[n].at), Peek: peek, Windows: []chat.Window{w},
				}
				facts, err := s.Observe(t.Context(), []chat.Look{look})
				if err != nil {
					t.Fatal(err)
				}
				return facts[0].Counts[0]
			}
			for n := range all {
				want := mostAround(all[:n+1], all[n].at, within)
				for i, got := range []int{count(n, true), count(n, false), count(n, true), count(n, false)} {
					if min(got, test.limit) != min(want, test.limit) || got > want {
						t.Fatalf("event %d at %v, look %d: count %d, want %d up to %d", n, all[n].at, i, got, want, test.limit)
					}
				}
			}
			size, err := s.client.ZCard(t.Context(), windowKey(0, &w)).Result()
			if err != nil || size > int64(24*test.limit) {
				t.Errorf("the window holds %d entries, %v, want at most %d", size, err, 24*test.limit)
			}
		})
	}
}

// mostAround is the definition of a count, spelled out.
func mostAround(all []flooded, at, within time.Duration) int {
	most := 0
	for _, end := range all {
		if end.at < at || end.at-within >= at {
			continue
		}
		n := 0
		for _, x := range all {
			if end.at-within < x.at && x.at <= end.at {
				n += x.add
			}
		}
		most = max(most, n)
	}
	return most
}

// TestAnEventCanAddTheLargestLimit adds more at once than Lua can hand on in one call.
func TestAnEventCanAddTheLargestLimit(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	const limit = 10_000
	g, at := groupN(1), time.Now()
	for n, test := range []struct {
		event     chat.EventID
		add, want int
		peek      bool
	}{
		{"a", limit - 1, limit - 1, true}, {"a", limit - 1, limit - 1, false}, {"a", limit - 1, limit - 1, false},
		{"b", 2 * limit, 2*limit - 1, false}, {"b", 2 * limit, 2*limit - 1, true}, {"c", 1, 2 * limit, false},
	} {
		w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: limit, Within: time.Minute, Add: test.add}
		look := chat.Look{Event: test.event, Group: g, Member: "m", Kind: chat.Message, At: at, Peek: test.peek, Windows: []chat.Window{w}}
		facts, err := s.Observe(t.Context(), []chat.Look{look})
		if err != nil || facts[0].Counts[0] != test.want {
			t.Errorf("look %d: %+v, %v, want %d", n, facts, err, test.want)
		}
	}
}
