package redis_test

import (
	"log/slog"
	"testing"

	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/redistest"
	"github.com/groupguard/groupguard/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel() // it mostly waits for leases
	storetest.Run(t, func(t *testing.T) storetest.Open {
		url := redistest.Start(t)
		return func(o store.Options) (store.Store, error) {
			return redis.Open(t.Context(), url, 0, o, slog.New(slog.DiscardHandler))
		}
	})
}
