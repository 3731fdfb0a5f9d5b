package actions

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// on returns an action of a kind about the nth message of a member in group g.
func on(kind chat.IntentKind, member string, n int) chat.Action {
	a := removal("g", member)
	a.ID = chat.ActionID(fmt.Sprint(kind, "/", member, "/", n))
	a.Intent.Kind, a.Intent.Message = kind, fmt.Sprint(n)
	return a
}

// routeByKind routes messages as providers do.
func routeByKind(a chat.Action) (Route, error) {
	r := Route{API: string(a.Intent.Kind), Max: 100, Rate: 200}
	switch a.Intent.Kind {
	case chat.Recall:
		r.Max, r.PerMessage, r.Yields = 10, true, true
	case chat.Warn:
		r.Max, r.Yields = 1, true
	}
	return r, nil
}

// trace is a sender that notes its batches, and whether a member stood in two calls at once.
type trace struct {
	fakeSender
	mu      sync.Mutex // guards the fields below
	batches []string
	busy    map[chat.MemberID]int
	clashes int
}

func newTrace(answer func(batch []chat.Action, i int) Outcome) *trace {
	s := &trace{busy: map[chat.MemberID]int{}}
	s.route, s.answer, s.took = routeByKind, answer, 40*time.Millisecond
	return s
}

func (s *trace) begin(batch []chat.Action) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, members := string(batch[0].Intent.Kind)+":", map[chat.MemberID]bool{}
	for _, a := range batch {
		text += fmt.Sprintf(" %s%s", a.Member, a.Intent.Message)
		members[a.Member] = true
	}
	s.batches = append(s.batches, text)
	for m := range members {
		if s.busy[m]++; s.busy[m] > 1 {
			s.clashes++
		}
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for m := range members {
			s.busy[m]--
		}
	}
}

// Send implements Sender.
func (s *trace) Send(ctx context.Context, r Route, batch []chat.Action) []Outcome {
	defer s.begin(batch)()
	return s.fakeSender.Send(ctx, r, batch)
}

// config lets the dispatcher see the trace in place of the sender in it.
func (s *trace) config(c *Config) {
	c.Accounts[chat.Tencent] = Account{Sender: s, Gate: c.Accounts[chat.Tencent].Gate}
}

func TestMessagesAreTakenBackBeforeTheirMemberIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s := newMemoryQueue(), newTrace(nil)
		for n := range 12 {
			q.add(on(chat.Recall, "a", n))
		}
		q.add(on(chat.Remove, "a", 0), on(chat.Remove, "b", 0))
		defer start(t, q, &s.fakeSender, s.config)()
		elapse(time.Minute)
		synctest.Wait()
		want := []string{"recall: a0 a1 a2 a3 a4 a5 a6 a7 a8 a9", "remove: b0", "recall: a10 a11", "remove: a0"}
		slices.Sort(want[:2]) // they go at the same moment
		slices.Sort(s.batches[:2])
		if !slices.Equal(s.batches, want) || len(q.ended) != 14 || s.clashes > 0 {
			t.Errorf("%d ended, %d clashes, calls %q, want %q", len(q.ended), s.clashes, s.batches, want)
		}
	})
}

func TestWhatYieldsHoldsUpNobodyOnceItFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		s := newTrace(func(batch []chat.Action, _ int) Outcome {
			if batch[0].Intent.Kind != chat.Remove {
				return Outcome{Class: Again}
			}
			return Outcome{}
		})
		for i := range 200 {
			m := fmt.Sprint("m", i)
			q.add(on(chat.Recall, m, 0), on(chat.Warn, m, 0), on(chat.Remove, m, 0))
		}
		began := time.Now()
		defer start(t, q, &s.fakeSender, s.config)()
		elapse(10 * time.Second)
		synctest.Wait()
		var last time.Duration
		for i := range 200 {
			got := q.end(chat.ActionID(fmt.Sprintf("remove/m%d/0", i)))
			if got.State != Done {
				t.Fatalf("the removal of m%d is %q", i, got.State)
			}
			last = max(last, got.At.Sub(began))
		}
		// 200 warnings of a call each take a second at their pace.
		if last > 3*time.Second || len(q.ended) != 200 {
			t.Errorf("the last removal came after %v, and %d of 200 ended", last, len(q.ended))
		}
	})
}

func TestAWarningOfUnknownOutcomeIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, tries := newMemoryQueue(), 0
		s := newTrace(func([]chat.Action, int) Outcome {
			if tries++; tries == 1 {
				return Outcome{Class: Again, Code: "error"}
			}
			return Outcome{}
		})
		defer start(t, q, &s.fakeSender, s.config)()
		q.add(on(chat.Warn, "a", 0))
		elapse(time.Minute)
		synctest.Wait()
		if got := q.end("warn/a/0"); got.State != Done || tries != 2 || got.API != "warn" {
			t.Errorf("ended as %+v after %d tries", got, tries)
		}
	})
}

// TestNoMessageIsLostUnderRandomFaults is TestNothingIsLostUnderRandomFaults for members with many
// messages: besides, no member may stand in two calls at once.
func TestNoMessageIsLostUnderRandomFaults(t *testing.T) {
	for range 4 {
		seed := rand.Uint64()
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a seeded fault script
			q := newMemoryQueue()
			s := newTrace(func([]chat.Action, int) Outcome {
				return Outcome{Class: []Class{OK, OK, OK, Again, Limited, Auth, Permanent, Suspect, Immune}[r.IntN(9)]}
			})
			for i := range 300 {
				kind := []chat.IntentKind{chat.Recall, chat.Recall, chat.Warn, chat.Remove}[r.IntN(4)]
				q.add(on(kind, fmt.Sprint("m", r.IntN(30)), i))
			}
			defer start(t, q, &s.fakeSender, s.config)()
			elapse(3 * time.Hour)
			synctest.Wait()
			if len(q.ended) != 300 || s.clashes > 0 {
				t.Errorf("seed %d: %d of 300 ended, %d clashes", seed, len(q.ended), s.clashes)
			}
		})
	}
}

func TestAMemberStaysBusyWhenOneOfHisClaimsRanOut(t *testing.T) {
	d := New(Config{Queue: newMemoryQueue(), Lease: time.Minute, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
	now := time.Now()
	g := d.backlog.of(chat.Group{ID: "g"})
	for i, known := range []time.Time{now, now.Add(-time.Hour)} {
		h := message("a", "", 10)
		h.Token = Token{Entry: fmt.Sprint(i)}
		d.held[h.Token] = known
		g.waiting = append(g.waiting, h)
	}
	kept := d.ours(g, d.backlog.take(g, now), now)
	if len(kept) != 1 || !g.busy[subject{member: "a"}] {
		t.Errorf("%d actions go, and the member is busy: %t", len(kept), g.busy[subject{member: "a"}])
	}
}
