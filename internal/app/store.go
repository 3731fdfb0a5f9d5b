package app

import (
	"context"

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
	for _, w := range s.Warnings(ctx) {
		options.Log.Warn("redis", "problem", w)
	}
	return s, nil
}
