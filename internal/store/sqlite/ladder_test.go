package sqlite

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// struckAt is a case of one member that is a step on the ladder: a point fades each hour, and the
// rule steps once in ten minutes.
func struckAt(ev string, at time.Time) chat.Case {
	c := offence(ev, at)
	c.Strike = &chat.Strike{Rule: "r", Points: 1, Fade: 1, Every: time.Hour, Once: 10 * time.Minute}
	return c
}

func TestALadderIsKeptUntilItsPointsHaveFaded(t *testing.T) {
	for _, test := range []struct {
		name  string
		steps []chat.Strike
		keep  time.Duration
	}{
		{"one point", []chat.Strike{{Points: 1, Fade: 1, Every: time.Hour}}, time.Hour},
		{"three points", []chat.Strike{{Points: 3, Fade: 1, Every: time.Hour}}, 3 * time.Hour},
		{"three points, two at a time", []chat.Strike{{Points: 3, Fade: 2, Every: time.Hour}}, 2 * time.Hour},
		{"and the rule's next step", []chat.Strike{{Points: 1, Fade: 1, Every: time.Hour, Once: time.Minute}}, time.Hour + time.Minute},
		{"and another rule's next step", []chat.Strike{
			{Rule: "a", Points: 1, Fade: 1, Every: time.Second, Once: 5 * time.Hour}, {Rule: "b", Points: 1, Fade: 1, Every: time.Hour},
		}, 5*time.Hour + time.Second},
		{"points that hardly fade", []chat.Strike{{Points: 1 << 40, Fade: 1, Every: 1 << 62}}, keepLadder},
		{"a rule that hardly steps", []chat.Strike{{Points: 1, Fade: 1 << 40, Every: time.Hour, Once: 1<<63 - 1}}, keepLadder},
		{"no time at all", []chat.Strike{{Points: 2}}, 2 * time.Microsecond},
	} {
		s, c := openAt(t, store.Options{})
		for i := range test.steps {
			cs := offence(string(rune('a'+i)), c.now())
			cs.Strike = &test.steps[i]
			if _, err := s.Commit(t.Context(), []chat.Case{cs}); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(test.keep - time.Microsecond)
		for _, want := range []int{1, 0} {
			if err := s.purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := rows(t, s, "ladders"); got != want {
				t.Errorf("%s: %d ladders, want %d", test.name, got, want)
			}
			c.advance(time.Microsecond)
		}
	}
}

// TestAnExpiredLadderIsEmpty asks before the purge comes by. All cases are of one instant, so that
// nothing fades.
func TestAnExpiredLadderIsEmpty(t *testing.T) {
	s, c := openAt(t, store.Options{})
	begin := c.now()
	for i, test := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {time.Hour - time.Microsecond, 2}, {2*time.Hour - time.Microsecond, 3}, {3 * time.Hour, 1}} {
		c.advance(test.wait)
		late := struckAt(string(rune('a'+i)), begin)
		late.Strike.Once = 0
		got, err := s.Commit(t.Context(), []chat.Case{late})
		if err != nil || got[0].Strikes != test.want {
			t.Errorf("after %v: %+v, %v, want %d strikes", test.wait, got, err, test.want)
		}
	}
}

// TestAFloodOnALadderWritesOnce commits many cases of one offence.
func TestAFloodOnALadderWritesOnce(t *testing.T) {
	s, c := openAt(t, store.Options{})
	var before, after int64
	expires := func(into *int64) {
		t.Helper()
		if err := s.read.QueryRowContext(t.Context(), "SELECT expires FROM ladders").Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		if got, err := s.Commit(t.Context(), []chat.Case{struckAt(string(rune('a'+i)), c.now())}); err != nil || got[0].Strikes != 1 {
			t.Fatalf("case %d: %+v, %v, want one strike", i, got, err)
		}
		if i == 0 {
			expires(&before)
		}
		c.advance(time.Second)
	}
	if expires(&after); after != before {
		t.Errorf("a step that was not taken moved the ladder's end by %v", time.Duration(after-before)*time.Microsecond)
	}
}

// TestStepsOfFormerRulesGo steps a ladder by one rule after the other, a day apart.
func TestStepsOfFormerRulesGo(t *testing.T) {
	s, c := openAt(t, store.Options{KeepSeen: time.Hour})
	for i := range 10 {
		cs := struckAt(string(rune('a'+i)), c.now())
		cs.Strike.Rule = chat.RuleID(rune('a' + i))
		cs.Strike.Every = 1000 * time.Hour
		if got, err := s.Commit(t.Context(), []chat.Case{cs}); err != nil || got[0].Strikes != i+1 {
			t.Fatalf("case %d: %+v, %v", i, got, err)
		}
		c.advance(24 * time.Hour)
	}
	var size int
	if err := s.read.QueryRowContext(t.Context(), "SELECT LENGTH(steps) FROM ladders").Scan(&size); err != nil {
		t.Fatal(err)
	}
	if size != rungSize {
		t.Errorf("the steps of ten rules take %d bytes, want those of the last one", size)
	}
}
