package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// openStore opens the store that the settings name.
func openStore(ctx context.Context, c config.Config, options Options) (store.Store, error) {
	o := store.Options{Partitions: c.Partitions, Lease: options.Lease, KeepRecords: c.AuditFor, KeepText: c.EvidenceFor}
	if c.RedisURL == "" {
		return sqlite.Open(c.DataDir, o)
	}
	s, err := redis.Open(ctx, c.RedisURL.Reveal(), c.WaitReplicas, o, options.Log)
	if err != nil {
		return nil, err
	}
	if s.Opened() {
		warn(ctx, s, options.Log)
	}
	return s, nil
}

// warn tells what differs from the Redis that is expected.
func warn(ctx context.Context, s *redis.Store, log *slog.Logger) {
	for _, w := range s.Warnings(ctx) {
		log.Warn("redis", "problem", w)
	}
}

// openEvery is how often a Redis that was away at the start is looked for.
const openEvery = time.Second

// awaitRedis looks for a Redis that was away at the start, until it is there. One that turns out to be of
// no use ends the process, as it would have at the start.
func (a *App) awaitRedis(ctx context.Context) {
	s, ok := a.store.Store.(*redis.Store)
	if !ok || s.Opened() {
		return
	}
	tick := time.NewTicker(openEvery)
	defer tick.Stop()
	for {
		err := s.Ping(ctx)
		switch {
		case errors.Is(err, redis.ErrSetup) || errors.Is(err, store.ErrPartitions):
			a.store.fail(err)
			return
		case s.Opened():
			a.log.Info("redis is there")
			warn(ctx, s, a.log)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
