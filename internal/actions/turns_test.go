package actions

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestTurns changes groups at random and looks through all of them for who is first.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		turns, now := newTurns(), time.Unix(1_800_000_000, 0)
		var groups []*group
		for i := range rapid.IntRange(1, 20).Draw(t, "groups") {
			groups = append(groups, &group{key: chat.Group{ID: chat.GroupID(fmt.Sprint(i))}})
		}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			g := rapid.SampledFrom(groups).Draw(t, "group")
			if rapid.IntRange(0, 4).Draw(t, "leaves") == 0 {
				turns.remove(g)
			} else {
				g.served = uint64(rapid.IntRange(0, 9).Draw(t, "served")) //nolint:gosec // small
				g.waiting = make([]*held, rapid.IntRange(0, 9).Draw(t, "size"))
				g.since = now.Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "since")) * time.Second)
				g.ready = now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "ready")) * time.Second)
				g.paused = now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "paused")) * time.Second)
				turns.put(g, now)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "pass")) * time.Second)
			checkTurns(t, turns, groups, now)
		}
	})
}

func checkTurns(t *rapid.T, turns *turns, groups []*group, now time.Time) {
	var ready []*group
	want := time.Hour
	for _, g := range groups {
		if !g.queued {
			continue
		}
		if d := g.wait(now); d > 0 {
			want = min(want, d)
			continue
		}
		ready = append(ready, g)
		want = 0
	}
	if got := turns.wait(now, time.Hour); got != want {
		t.Fatalf("the next group is ready in %v, want %v", got, want)
	}
	for i := range turns[:byTime] {
		for _, g := range ready {
			if first := turns.first(i); turns[i].before(g, first) {
				t.Fatalf("group %s goes before %s in order %d", g.key.ID, first.key.ID, i)
			}
		}
		if turns[i].Len() != len(ready) {
			t.Fatalf("%d groups are ready, want %d", turns[i].Len(), len(ready))
		}
	}
}
