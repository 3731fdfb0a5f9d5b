package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// guarded is a store whose failures are counted, and that reports a failure after which its handle
// must not be used: the process has to stop then, since what it would write may be lost.
type guarded struct {
	store.Store
	errors *prometheus.CounterVec
	took   durations
	stored atomic.Uint64 // commits that the store has taken
	once   sync.Once
	failed chan error // holds the first fatal error
}

func watched(s store.Store, reg prometheus.Registerer) *guarded {
	g := &guarded{Store: s, failed: make(chan error, 1), errors: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "groupguard_store_errors_total",
		Help: "Failures of the store, by what was asked of it.",
	}, []string{"op"}), took: newDurations(reg)}
	reg.MustRegister(g.errors)
	for _, op := range []string{"observe", "commit", "claim", "renew", "came_back", "settle", "take", "memo", "roster"} {
		g.errors.WithLabelValues(op)
	}
	return g
}

// check counts an error and returns it. A caller that went away is no failure of the store.
func (g *guarded) check(ctx context.Context, op string, err error) error {
	if err == nil || ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, store.ErrStale) {
		return err
	}
	g.errors.WithLabelValues(op).Inc()
	if errors.Is(err, store.ErrFatal) {
		g.fail(err)
	}
	return err
}

// fail reports an error after which the process has to stop.
func (g *guarded) fail(err error) { g.once.Do(func() { g.failed <- err }) }

func (g *guarded) Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error) {
	defer since(g.took.observe, time.Now())
	f, err := g.Store.Observe(ctx, looks)
	return f, g.check(ctx, "observe", err)
}

func (g *guarded) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	defer since(g.took.commit, time.Now())
	c, err := g.Store.Commit(ctx, cases)
	if err == nil {
		g.stored.Add(1)
	}
	return c, g.check(ctx, "commit", err)
}

func (g *guarded) Claim(ctx context.Context, part, most int) ([]actions.Item, error) {
	items, err := g.Store.Claim(ctx, part, most)
	return items, g.check(ctx, "claim", err)
}

func (g *guarded) Renew(ctx context.Context, tokens []actions.Token) error {
	return g.check(ctx, "renew", g.Store.Renew(ctx, tokens))
}

func (g *guarded) Settle(ctx context.Context, s []actions.Settlement) error {
	defer since(g.took.settle, time.Now())
	return g.check(ctx, "settle", g.Store.Settle(ctx, s))
}

func (g *guarded) CameBack(ctx context.Context, of []chat.Action) ([]bool, error) {
	defer since(g.took.cameBack, time.Now())
	back, err := g.Store.CameBack(ctx, of)
	return back, g.check(ctx, "came_back", err)
}

func (g *guarded) Take(ctx context.Context, key string, r actions.Rate) (time.Duration, error) {
	wait, err := g.Store.Take(ctx, key, r)
	return wait, g.check(ctx, "take", err)
}

func (g *guarded) Slow(ctx context.Context, key string, wait time.Duration) error {
	return g.check(ctx, "take", g.Store.Slow(ctx, key, wait))
}

func (g *guarded) Memos(ctx context.Context, kind string) ([]chat.Memo, error) {
	m, err := g.Store.Memos(ctx, kind)
	return m, g.check(ctx, "memo", err)
}

func (g *guarded) SaveMemo(ctx context.Context, m chat.Memo) error {
	return g.check(ctx, "memo", g.Store.SaveMemo(ctx, m))
}

func (g *guarded) DropMemo(ctx context.Context, kind, key string, version int64) error {
	return g.check(ctx, "memo", g.Store.DropMemo(ctx, kind, key, version))
}

func (g *guarded) Roster(ctx context.Context, of chat.Group) (chat.Roster, error) {
	r, err := g.Store.Roster(ctx, of)
	return r, g.check(ctx, "roster", err)
}

func (g *guarded) SaveRoster(ctx context.Context, of chat.Group, r chat.Roster) error {
	return g.check(ctx, "roster", g.Store.SaveRoster(ctx, of, r))
}
