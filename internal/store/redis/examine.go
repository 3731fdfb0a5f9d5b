package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// Health is what a look at Redis found.
type Health struct {
	Version    string
	Warnings   []string      // see Store.Warnings
	Partitions int           // that it was filled with; 0: it is new
	Replicas   int           // connected to the server that was asked
	Skew       time.Duration // how far its clock is ahead of ours
}

// Examine looks at the Redis of a URL and writes nothing. It asks one server; in a cluster the others
// should be set alike. An error says why it cannot be asked, and holds no secret. What the
// client itself says goes where LogTo or Open sent it: a bot that runs may be examined.
func Examine(ctx context.Context, url string, log *slog.Logger) (h Health, err error) {
	co, secrets, err := parseURL(url)
	if err != nil {
		return h, err
	}
	configure(co, 1)
	s := &Store{client: goredis.NewUniversalClient(co), o: store.Options{}.Defaults(), log: log, secrets: secrets}
	defer func() {
		if cerr := s.client.Close(); cerr != nil {
			err = errors.Join(err, errors.New(s.redact(cerr.Error())))
		}
	}()
	sent := time.Now()
	theirs, err := s.client.Time(ctx).Result()
	if err != nil {
		return h, errors.New(s.redact(err.Error()))
	}
	h.Skew = theirs.Sub(sent.Add(time.Since(sent) / 2))
	h.Partitions, err = s.client.Get(ctx, metaKey).Int()
	if err != nil && !errors.Is(err, goredis.Nil) {
		return h, fmt.Errorf("reading the number of partitions: %s", s.redact(err.Error()))
	}
	if info, err := s.client.Info(ctx, "server").Result(); err == nil { // else the warnings say so
		h.Version = infoField(info, "redis_version")
	}
	if info, err := s.client.Info(ctx, "replication").Result(); err == nil {
		h.Replicas, _ = strconv.Atoi(infoField(info, "connected_slaves")) // none when it does not say
	}
	h.Warnings = s.Warnings(ctx)
	return h, nil
}
