package lockdown

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

var (
	start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	here  = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}
	there = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#2"}

	errStale = errors.New("stale")
	errAway  = errors.New("store is away")
)

// fakeStore keeps the contract of stores for memos and cases.
type fakeStore struct {
	mu      sync.Mutex // guards the fields below
	now     func() time.Time
	memos   map[string]chat.Memo
	cases   []chat.Case // those that were new, in order
	commits int         // calls of Commit
	away    bool
}

func (s *fakeStore) Memos(_ context.Context, kind string) ([]chat.Memo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
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
	defer s.mu.Unlock()
	old := s.memos[m.Kind+m.Key]
	if !old.Expires.After(s.now()) {
		old.Version = 0
	}
	switch {
	case s.away:
		return errAway
	case m.Version != old.Version+1:
		return errStale
	}
	s.memos[m.Kind+m.Key] = m
	return nil
}

func (s *fakeStore) DropMemo(_ context.Context, kind, key string, version int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errAway
	}
	if s.memos[kind+key].Version == version {
		delete(s.memos, kind+key)
	}
	return nil
}

func (s *fakeStore) Commit(_ context.Context, cases []chat.Case) ([]chat.Committed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits++
	if s.away {
		return nil, errAway
	}
	out := make([]chat.Committed, len(cases))
	for i, c := range cases {
		out[i].Known = slices.ContainsFunc(s.cases, func(k chat.Case) bool { return k.ID == c.ID })
		if !out[i].Known {
			s.cases = append(s.cases, c)
			out[i].Queued = len(c.Actions())
		}
	}
	return out, nil
}

// ends returns the cases so far.
func (s *fakeStore) ends() []chat.Case {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.cases)
}

// asked returns how often cases were handed over.
func (s *fakeStore) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

func (s *fakeStore) setAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// bench is a keeper on a store, with a clock that stands still unless the test moves it.
type bench struct {
	*Keeper
	store   *fakeStore
	metrics *prometheus.Registry
	log     *journal
}

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

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func build(now func() time.Time, store *fakeStore) *bench {
	if store == nil {
		store = &fakeStore{now: now, memos: map[string]chat.Memo{}}
	}
	b := &bench{store: store, metrics: prometheus.NewRegistry(), log: &journal{}}
	b.Keeper = New(Config{Store: store, Metrics: b.metrics, Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: now})
	return b
}

// lockFor stores a lock of a group that ends after a time (zero: never).
func (b *bench) lockFor(t *testing.T, g chat.Group, d time.Duration) chat.Lock {
	t.Helper()
	l := chat.Lock{
		Group: g, GroupType: chat.Public, Case: chat.CaseID(chat.Digest("case", string(g.ID))), Rule: "raid", Since: b.cfg.Now(),
		Was: map[string]string{"MuteAllMember": "Off"}, Set: map[string]string{"MuteAllMember": "On"},
	}
	if d != 0 {
		l.Until = l.Since.Add(d)
	}
	_, version, err := b.Lock(t.Context(), g)
	if err == nil {
		err = b.SaveLock(t.Context(), l, version)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}
