package actions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// memoryQueue keeps the contract of Queue in memory, and lets a test see and break it.
type memoryQueue struct {
	mu      sync.Mutex
	entries []Item
	claimed map[string]bool
	wake    chan struct{}
	fail    int // settlements that are refused first
	ended   map[chat.ActionID]Settlement
	retries int
	freed   int
	renewed int
	away    bool // claims cannot be renewed
}

func newMemoryQueue() *memoryQueue {
	return &memoryQueue{claimed: map[string]bool{}, wake: make(chan struct{}, 1), ended: map[chat.ActionID]Settlement{}}
}

func (q *memoryQueue) add(as ...chat.Action) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range as {
		q.entries = append(q.entries, Item{Action: a, Token: Token{Entry: fmt.Sprint(len(q.entries))}})
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *memoryQueue) Parts() int { return 1 }

func (q *memoryQueue) Claim(ctx context.Context, _, most int) ([]Item, error) {
	for {
		q.mu.Lock()
		var out []Item
		for _, it := range q.entries {
			if !q.claimed[it.Token.Entry] && len(out) < most {
				q.claimed[it.Token.Entry] = true
				out = append(out, it)
			}
		}
		q.mu.Unlock()
		if len(out) > 0 {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.wake:
		case <-time.After(time.Second):
			return nil, nil
		}
	}
}

func (q *memoryQueue) Renew(_ context.Context, tokens []Token) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errors.New("store is away")
	}
	q.renewed += len(tokens)
	return nil
}

func (q *memoryQueue) Settle(_ context.Context, ss []Settlement) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail > 0 {
		q.fail--
		return errors.New("store is away")
	}
	for _, s := range ss {
		switch s.State {
		case Retry:
			q.retries++
		case Free:
			q.freed++
		case Done, Spared, DryRun, Dead, Held, Void:
			if _, twice := q.ended[s.Item.ID]; twice {
				return fmt.Errorf("action %s ended twice", s.Item.ID)
			}
			q.ended[s.Item.ID] = s
		}
	}
	return nil
}

func (q *memoryQueue) end(id chat.ActionID) Settlement {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended[id]
}

// counts returns how many actions have ended, and how many tries failed.
func (q *memoryQueue) counts() (ended, retries int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ended), q.retries
}

// sentCall is one call that the fake provider saw.
type sentCall struct {
	at      time.Time
	group   chat.GroupID
	members []string
}

// fakeSender answers by a script: what answer returns for a member.
type fakeSender struct {
	mu     sync.Mutex
	calls  []sentCall
	route  func(chat.Action) (Route, error)
	answer func(batch []chat.Action, i int) Outcome
	took   time.Duration // how long a call takes
}

func (s *fakeSender) Route(a chat.Action) (Route, error) {
	if s.route != nil {
		return s.route(a)
	}
	return Route{API: "kick", Max: 100, Rate: 200, Merge: a.Intent.Reason}, nil
}

func (s *fakeSender) Send(_ context.Context, _ Route, batch []chat.Action) []Outcome {
	c := sentCall{at: time.Now(), group: batch[0].Group.ID}
	out := make([]Outcome, len(batch))
	s.mu.Lock()
	for i, a := range batch {
		c.members = append(c.members, string(a.Member))
		if s.answer != nil {
			out[i] = s.answer(batch, i)
		}
	}
	s.calls = append(s.calls, c)
	s.mu.Unlock()
	elapse(s.took)
	return out
}

func (s *fakeSender) seen() []sentCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func removal(group, member string) chat.Action {
	return chat.Action{
		ID:     chat.ActionID(group + "/" + member),
		Group:  chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(group)},
		Member: chat.MemberID(member), Intent: chat.Intent{Kind: chat.Remove}, Received: time.Now(),
	}
}

// start runs a dispatcher and returns the function that stops it and waits.
func start(t *testing.T, q *memoryQueue, s *fakeSender, change func(*Config)) (stop func()) {
	t.Helper()
	return startOn(t, q, s, change)
}

// startOn is start on any queue, with any sender.
func startOn(t testing.TB, q Queue, s Sender, change func(*Config)) (stop func()) {
	t.Helper()
	_, stop = startSeen(t, q, s, change)
	return stop
}

// startSeen is startOn and lets the test ask the dispatcher.
func startSeen(t testing.TB, q Queue, s Sender, change func(*Config)) (d *Dispatcher, stop func()) {
	t.Helper()
	c := Config{
		Queue: q, Lease: 15 * time.Second, Drain: 10 * time.Second, Metrics: prometheus.NewRegistry(),
		Log:      slog.New(slog.DiscardHandler),
		Accounts: map[chat.Provider]Account{chat.Tencent: {Sender: s, Gate: Gate{Limiter: &LocalLimiter{}, Account: "a"}}},
	}
	if change != nil {
		change(&c)
	}
	d = New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		d.Run(ctx)
		close(done)
	}()
	return d, func() {
		cancel()
		<-done
	}
}

// elapse lets virtual time pass: it is only used inside synctest bubbles.
func elapse(d time.Duration) { <-time.After(d) }
