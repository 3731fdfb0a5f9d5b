package app

import (
	"context"
	"errors"
	"sync"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// openStore opens the store that the settings name.
func openStore(ctx context.Context, c config.Config, options Options) (store.Store, error) {
	o := store.Options{Partitions: c.Partitions, Lease: options.Lease}
	if c.RedisURL == "" {
		return sqlite.Open(c.DataDir, o)
	}
	s, err := redis.Open(ctx, c.RedisURL.Reveal(), c.WaitReplicas, o, options.Log)
	if err != nil {
		return nil, err
	}
	for _, w := range s.Warnings(ctx) {
		options.Log.Warn("redis", "problem", w)
	}
	return s, nil
}

// guarded is a store that reports a failure after which its handle must not be used: the process
// has to stop, since what it would write may be lost.
type guarded struct {
	store.Store
	once   sync.Once
	failed chan error // holds the first fatal error
}

func guard(s store.Store) *guarded { return &guarded{Store: s, failed: make(chan error, 1)} }

func (g *guarded) check(err error) error {
	if errors.Is(err, store.ErrFatal) {
		g.once.Do(func() { g.failed <- err })
	}
	return err
}

func (g *guarded) Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error) {
	f, err := g.Store.Observe(ctx, looks)
	return f, g.check(err)
}

func (g *guarded) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	c, err := g.Store.Commit(ctx, cases)
	return c, g.check(err)
}

func (g *guarded) Claim(ctx context.Context, part, max int) ([]actions.Item, error) {
	items, err := g.Store.Claim(ctx, part, max)
	return items, g.check(err)
}

func (g *guarded) Settle(ctx context.Context, s []actions.Settlement) error {
	return g.check(g.Store.Settle(ctx, s))
}
