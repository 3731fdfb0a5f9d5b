package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

var (
	start    = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	errStale = errors.New("stale")
	errAway  = errors.New("store is away")
)

// fakeStore keeps the contract of stores: windows are those of trial.Memory. It fails where it is told.
type fakeStore struct {
	trial.Memory
	now func() time.Time

	mu    sync.Mutex // guards the fields below
	memos map[string]chat.Memo
	away  map[string]bool // observe, save, or the kind of memos that is read
	looks int
	saved func(m chat.Memo) // runs before a memo is saved
}

func (s *fakeStore) Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away["observe"] {
		return nil, errAway
	}
	s.looks += len(looks)
	return s.Memory.Observe(ctx, looks)
}

func (s *fakeStore) Memos(_ context.Context, kind string) ([]chat.Memo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away[kind] {
		return nil, errAway
	}
	var out []chat.Memo
	for _, m := range s.memos {
		if m.Kind == kind && m.Expires.After(s.now()) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (s *fakeStore) SaveMemo(_ context.Context, m chat.Memo) error {
	s.mu.Lock()
	saved := s.saved
	s.mu.Unlock()
	if saved != nil {
		saved(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.memos[m.Kind+m.Key]
	if !old.Expires.After(s.now()) {
		old.Version = 0
	}
	switch {
	case s.away["save"]:
		return errAway
	case m.Version != old.Version+1:
		return errStale
	}
	s.memos[m.Kind+m.Key] = m
	return nil
}

// memo returns what is stored under a kind and a key.
func (s *fakeStore) memo(kind, key string) chat.Memo {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memos[kind+key]
}

// fail has the store fail at these things, and at nothing else.
func (s *fakeStore) fail(what ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = map[string]bool{}
	for _, w := range what {
		s.away[w] = true
	}
}

// clock stands still unless a test moves it.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.micros.Add(d.Microseconds()) }

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex // guards the field below
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), what)
}

// bench is a guard on a store.
type bench struct {
	*Guard
	t interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}
	clock *clock
	store *fakeStore
	rules atomic.Pointer[policy.Rules]
	log   journal
	reg   *prometheus.Registry
	sizes map[chat.GroupID]int
	trips []Trip
	made  int
}

// build returns a guard with rules that are not new any more.
func build(t testing.TB, rules string) *bench {
	t.Helper()
	b := fresh(t, rules)
	if err := b.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.clock.pass(newFor)
	return b
}

// fresh returns a guard with rules that nobody has seen before.
func fresh(t testing.TB, rules string) *bench {
	t.Helper()
	c := &clock{}
	c.micros.Store(start.UnixMicro())
	return replica(t, rules, c, &fakeStore{now: c.now, memos: map[string]chat.Memo{}})
}

// replica returns a guard on a store that others use, too.
func replica(t testing.TB, rules string, c *clock, s *fakeStore) *bench {
	t.Helper()
	b := &bench{t: t, clock: c, store: s, reg: prometheus.NewRegistry(), sizes: map[chat.GroupID]int{}}
	b.load(rules)
	b.Guard = New(Config{
		Rules: b.rules.Load, Store: s, Metrics: b.reg, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Now: c.now,
		Size: func(_ context.Context, g chat.Group) (int, bool) {
			n, ok := b.sizes[g.ID]
			return n, ok
		},
		Alerted: func(t Trip) { b.trips = append(b.trips, t) },
	})
	return b
}

func (b *bench) load(rules string) {
	b.t.Helper()
	r, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(rules)}, start)
	if r == nil {
		b.t.Fatal(problems)
	}
	b.rules.Store(r)
}

// braked is a file with one rule, "r", and a brake.
func braked(brake string) string {
	return "version: 1\nrules:\n  - {id: r, on: message, mode: enforce, when: {link: {any: true}}, then: [remove: {}], brake: " + brake + "}\n"
}

func groupOf(id string) chat.Group {
	return chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(id)}
}

// want returns an action of rule "r" that was just accepted.
func (b *bench) want(kind chat.IntentKind, group, member string) chat.Action {
	b.made++
	id := fmt.Sprint(b.made)
	return chat.Action{
		ID: chat.ActionID(id), Case: chat.CaseID("case " + id), Group: groupOf(group), Member: chat.MemberID(member),
		Intent: chat.Intent{Kind: kind, Rule: "r"}, EventAt: b.clock.now(), Received: b.clock.now(),
	}
}

// removals returns the removal of so many members of a group, whose names begin alike.
func (b *bench) removals(group, who string, n int) []chat.Action {
	out := make([]chat.Action, n)
	for i := range out {
		out[i] = b.want(chat.Remove, group, fmt.Sprint(who, i))
	}
	return out
}

// admit returns the codes of the rulings, "goes" for those that may go.
func (b *bench) admit(as ...chat.Action) []string {
	b.t.Helper()
	rulings, err := b.Admit(context.Background(), as)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(rulings) != len(as) {
		b.t.Fatalf("%d rulings on %d actions", len(rulings), len(as))
	}
	out := make([]string, len(rulings))
	for i, r := range rulings {
		out[i] = codeOf(r)
	}
	return out
}

func codeOf(r actions.Ruling) string {
	if !r.Stops() {
		return "goes"
	}
	return r.Code
}
