package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// offence is a case of one member with a strike, whose removal stands on the rung of two.
func offence(g chat.Group, n int, strike chat.Strike) chat.Case {
	c := removalOf(g, n)
	c.Event.Member = "m"
	c.Strike = &strike
	c.Intents = []chat.Intent{
		{Kind: chat.Mute, Rule: strike.Rule, BelowStrikes: 2},
		{Kind: chat.Remove, Rule: strike.Rule, AtStrikes: 2},
	}
	return c
}

func TestALostReplyStepsALadderOnce(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	p := newLossy(t, server.Addr)
	// One record is kept: what a call did is known although its records went in the same call.
	s := openAt(t, "redis://"+p.addr, 0, store.Options{Partitions: 1, MaxRecords: 1})
	g := groupN(1)
	if _, err := s.Commit(t.Context(), []chat.Case{removalOf(g, 0)}); err != nil { // the server knows the script from here on
		t.Fatal(err)
	}
	strike := chat.Strike{Rule: "links", Points: 1, Fade: 1, Every: time.Hour}
	first, second := offence(g, 1, strike), offence(g, 2, strike)
	p.armed.Store(true)
	got, err := s.Commit(t.Context(), []chat.Case{first, second, first, removalOf(g, 3)})
	if err != nil || p.lost.Load() != 1 {
		t.Fatalf("commit with its reply lost: %v, %d replies lost, want 1", err, p.lost.Load())
	}
	for i, want := range []chat.Committed{{Queued: 1, Strikes: 1}, {Queued: 1, Strikes: 2}, {Known: true}, {Queued: 1}} {
		if i == 2 {
			got[i].Strikes = 0 // its record went with the first try
		}
		if got[i].Known != want.Known || got[i].Queued != want.Queued || got[i].Strikes != want.Strikes || len(got[i].Deduplicated) != 0 {
			t.Errorf("case %d: %+v, want %+v", i, got[i], want)
		}
	}
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 4 {
		t.Errorf("depth %+v, %v, want a mute, a removal and those of the others", d, err)
	}
	got, err = s.Commit(t.Context(), []chat.Case{first, offence(g, 4, strike)})
	if err != nil || !got[0].Known || got[0].Strikes != 0 || got[1].Strikes != 3 {
		t.Errorf("%+v, %v, want nothing known of the first, whose record is gone, and three strikes", got, err)
	}
}

// TestALadderLivesAsLongAsItMatters looks at the time to live after each step.
func TestALadderLivesAsLongAsItMatters(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	g, begin := groupN(1), time.Now().Truncate(time.Millisecond)
	quick := chat.Strike{Rule: "quick", Points: 3, Fade: 2, Every: time.Minute, Once: 10 * time.Minute}
	slow := chat.Strike{Rule: "slow", Points: 1, Fade: 1, Every: time.Hour, Once: time.Minute}
	for n, test := range []struct {
		strike chat.Strike
		at     time.Duration
		held   int
		lives  time.Duration
	}{
		{quick, 0, 3, 2*time.Minute + quick.Once},
		{slow, time.Second, 4, 4*time.Hour + quick.Once},
		{quick, 2 * time.Second, 4, 4*time.Hour + quick.Once}, // no step, so soon
		{quick, 3 * time.Minute, 0, quick.Once},               // all has faded, and no step still
		{slow, 4 * time.Minute, 1, time.Hour + quick.Once},
	} {
		c := offence(g, n, test.strike)
		c.Event.At = begin.Add(test.at)
		got, err := s.Commit(t.Context(), []chat.Case{c})
		if err != nil || got[0].Strikes != test.held {
			t.Errorf("step %d: %+v, %v, want %d strikes", n, got, err, test.held)
		}
		ttl := s.client.PTTL(t.Context(), ladderKey(0, g, "m")).Val()
		if ttl <= test.lives-10*time.Second || ttl > test.lives+time.Second {
			t.Errorf("after step %d the ladder lives for %v, want %v", n, ttl, test.lives)
		}
	}
}

func TestALadderIsBounded(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	g, begin := groupN(1), time.Now().Truncate(time.Millisecond)
	step := func(n int, rule chat.RuleID) int {
		t.Helper()
		c := offence(g, n, chat.Strike{Rule: rule, Points: 150, Fade: 1, Every: time.Hour, Once: time.Hour})
		c.Event.At = begin.Add(time.Duration(n) * time.Millisecond)
		got, err := s.Commit(t.Context(), []chat.Case{c})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Strikes
	}
	const rules = 100
	for n := range rules {
		if got, want := step(n, chat.RuleID(fmt.Sprint("r", n))), min(150*(n+1), store.MaxStrikes); got != want {
			t.Fatalf("step %d: %d strikes, want %d", n, got, want)
		}
	}
	fields, err := s.client.HKeys(t.Context(), ladderKey(0, g, "m")).Result()
	if err != nil || len(fields) > 40 {
		t.Errorf("the ladder has %d fields, %v", len(fields), err)
	}
	last := ruleField(chat.RuleID(fmt.Sprint("r", rules-1)))
	if !s.client.HExists(t.Context(), ladderKey(0, g, "m"), last).Val() {
		t.Error("the newest rule's step is not remembered")
	}
}

// TestStrikesOfADamagedRecordAreAnError reads what somebody else wrote.
func TestStrikesOfADamagedRecordAreAnError(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	c := offence(groupN(1), 1, chat.Strike{Rule: "links", Points: 7, Fade: 1, Every: time.Hour})
	if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
		t.Fatal(err)
	}
	if r, ok, err := s.Record(t.Context(), c.ID); err != nil || !ok || r.Strikes != 7 {
		t.Errorf("record: %+v, %v, %v, want 7 strikes", r, ok, err)
	}
	if err := s.client.HSet(t.Context(), recordKey(0, c.ID), "what", "nonce 1x seven").Err(); err != nil {
		t.Fatal(err)
	}
	if r, _, err := s.Record(t.Context(), c.ID); err == nil {
		t.Errorf("record: %+v, want an error", r)
	}
}
