package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// Depth implements store.Store.
func (s *Store) Depth(ctx context.Context) (actions.Depth, error) {
	if err := s.ready(ctx); err != nil {
		return actions.Depth{}, err
	}
	type asked struct {
		entries, dead, held *goredis.IntCmd
		first               *goredis.XMessageSliceCmd
	}
	parts := make([]asked, s.o.Partitions)
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for part := range parts {
			parts[part] = asked{
				entries: p.XLen(ctx, partKey(part, kindQueue)),
				first:   p.XRangeN(ctx, partKey(part, kindQueue), "-", "+", 1),
				dead:    p.ZCard(ctx, partKey(part, kindDeadAge)),
				held:    p.ZCard(ctx, partKey(part, kindHeldAge)),
			}
		}
		return nil
	})
	if err != nil {
		return actions.Depth{}, s.wrap(err, "read the depth of the queue")
	}
	var d actions.Depth
	for _, one := range parts {
		d.Entries += int(one.entries.Val())
		d.Dead += int(one.dead.Val())
		d.Held += int(one.held.Val())
		for _, m := range one.first.Val() {
			ms, _, _ := strings.Cut(m.ID, "-")
			at, err := strconv.ParseInt(ms, 10, 64)
			if err != nil {
				return actions.Depth{}, fmt.Errorf("read entry ID %q: %w: %w", m.ID, store.ErrDamaged, err)
			}
			if put := time.UnixMilli(at).UTC(); d.Oldest.IsZero() || put.Before(d.Oldest) {
				d.Oldest = put
			}
		}
	}
	return d, nil
}
