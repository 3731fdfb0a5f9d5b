package trial_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store/storetest"
	"github.com/groupguard/groupguard/internal/trial"
)

func TestMemoryKeepsTheContractOfStores(t *testing.T) {
	fresh := func(*testing.T) storetest.Observer { return &trial.Memory{} }
	storetest.RunObserve(t, fresh)
	storetest.RunJoins(t, fresh)
}

var (
	start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	place = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}
)

// removal is a case that removes somebody some time after the start.
func removal(id string, m chat.MemberID, after time.Duration) chat.Case {
	return chat.Case{
		ID: chat.CaseID(id), Event: chat.Event{At: start.Add(after), Group: place, ID: chat.EventID(id), Kind: chat.Message, Member: m},
		Intents: []chat.Intent{{Kind: chat.Remove, Rule: "r"}},
	}
}

func TestAnActionIsDoneAtOnceAndNotAgainForItsTime(t *testing.T) {
	join := func(m *trial.Memory, after time.Duration, peek bool) {
		if _, err := m.Observe(t.Context(), []chat.Look{{
			Event: "j", Group: place, Member: "ann", Kind: chat.Join, At: start.Add(after), Peek: peek,
		}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		before func(m *trial.Memory)
		c      chat.Case
		queued int
	}{
		{"at once", nil, removal("b", "ann", time.Second), 0},
		{"just within the time", nil, removal("b", "ann", chat.DedupeFor-time.Microsecond), 0},
		{"after the time", nil, removal("b", "ann", chat.DedupeFor), 1},
		{"somebody else", nil, removal("b", "bob", time.Second), 1},
		{"after a join", func(m *trial.Memory) { join(m, time.Second, false) }, removal("b", "ann", 2*time.Second), 1},
		{"after a request to join", func(m *trial.Memory) { join(m, time.Second, true) }, removal("b", "ann", 2*time.Second), 0},
		{"after a join before the first", func(m *trial.Memory) { join(m, -time.Second, false) }, removal("b", "ann", 2*time.Second), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m trial.Memory
			commit(t, &m, removal("a", "ann", 0))
			if test.before != nil {
				test.before(&m)
			}
			if got := commit(t, &m, test.c); got.Known || got.Queued != test.queued || len(got.Deduplicated) != 1-test.queued {
				t.Errorf("%+v, want %d queued", got, test.queued)
			}
		})
	}
	t.Run("a known case is owed what a late join shows", func(t *testing.T) {
		var m trial.Memory
		commit(t, &m, removal("a", "ann", 0))
		second := removal("b", "ann", 2*time.Second)
		commit(t, &m, second)
		if got := commit(t, &m, second); !got.Known || got.Queued != 0 {
			t.Errorf("%+v, want known and nothing queued", got)
		}
		join(&m, time.Second, false)
		if got := commit(t, &m, second); !got.Known || got.Queued != 1 {
			t.Errorf("%+v, want known and one queued", got)
		}
		if got := commit(t, &m, second); !got.Known || got.Queued != 0 {
			t.Errorf("%+v, want known and nothing queued again", got)
		}
	})
}

// TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered lets time go by with an event elsewhere.
func TestLateNewsIsSettledForAsLongAsTheJoinIsRemembered(t *testing.T) {
	for _, test := range []struct {
		wait   time.Duration // after the join
		queued int
	}{{0, 0}, {chat.DedupeFor - time.Microsecond, 0}, {chat.DedupeFor, 1}} {
		var m trial.Memory
		commit(t, &m, removal("a", "ann", 0))
		joined := 30 * time.Minute // the mark has no more time by then
		if _, err := m.Observe(t.Context(), []chat.Look{
			{Event: "j", Group: place, Member: "ann", Kind: chat.Join, At: start.Add(joined)},
			{Event: "x", Group: place, Member: "bob", Kind: chat.Message, At: start.Add(joined + test.wait)},
		}); err != nil {
			t.Fatal(err)
		}
		if got := commit(t, &m, removal("b", "ann", 20*time.Minute)); got.Queued != test.queued || len(got.Deduplicated) != 1-test.queued {
			t.Errorf("after %v: %+v, want %d queued", test.wait, got, test.queued)
		}
	}
}

func commit(t *testing.T, m *trial.Memory, c chat.Case) chat.Committed {
	t.Helper()
	out, err := m.Commit(t.Context(), []chat.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// TestMemoryIsFlat keeps a store busy with members who each come once, for weeks of events.
func TestMemoryIsFlat(t *testing.T) {
	var m trial.Memory
	round := func(from, to int) uint64 {
		for i := from; i < to; i++ {
			at, id := start.Add(time.Duration(i)*time.Minute), fmt.Sprint(i)
			w := chat.Window{ID: "flood", Key: id, Group: &place, Limit: 5, Within: 10 * time.Second}
			trail := chat.Window{ID: "who", Key: id, Group: &place, Limit: 5, Within: 10 * time.Second, Note: "note"}
			look := chat.Look{Event: chat.EventID(id), Group: place, Member: chat.MemberID(id), Kind: chat.Join, At: at, KeepJoin: time.Hour, Windows: []chat.Window{w, trail}}
			if _, err := m.Observe(t.Context(), []chat.Look{look}); err != nil {
				t.Fatal(err)
			}
			c := removal(id, chat.MemberID(id), time.Duration(i)*time.Minute)
			c.Strike = &chat.Strike{Rule: "r", Points: 1, Fade: 1, Every: time.Hour}
			commit(t, &m, c)
		}
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	early := round(0, 20_000)
	late := round(20_000, 100_000)
	if late > 2*early+1<<20 {
		t.Errorf("%d bytes after 20,000 events, %d after 100,000", early, late)
	}
	runtime.KeepAlive(&m)
}
