package redis

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

// Take implements actions.Limiter: actions.Rate.Next of the pace that actions.Slowdown leaves, in
// microseconds, by the clock of Redis. A reply that is lost costs a call that is never made, never one
// too many.
func (s *Store) Take(ctx context.Context, key string, r actions.Rate) (time.Duration, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	part := store.PartitionOfKey("rate", key, s.o.Partitions)
	interval := (r.Interval + time.Microsecond - 1) / time.Microsecond
	wait, err := s.run(ctx, s.scripts.take, []string{limitKey(part, key), slowKey(part, key)},
		int64(interval), r.Slack.Microseconds()).Int64()
	if err != nil {
		return 0, s.wrap(err, "take a call of %q", key)
	}
	return time.Duration(wait) * time.Microsecond, nil
}

// Slow implements actions.Limiter: actions.Slowdown.Halve, by the clock of Redis.
func (s *Store) Slow(ctx context.Context, key string, wait time.Duration) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	part := store.PartitionOfKey("rate", key, s.o.Partitions)
	us := (max(wait, 0) + time.Microsecond - 1) / time.Microsecond
	err := s.run(ctx, s.scripts.slow, []string{slowKey(part, key)}, int64(us), rand.Text()).Err()
	return s.wrap(err, "slow the calls of %q", key)
}
