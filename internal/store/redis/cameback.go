package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// CameBack implements store.Store, by one request to each server.
func (s *Store) CameBack(ctx context.Context, of []chat.Action) ([]bool, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	back, found := make([]bool, len(of)), make(map[int]*goredis.StringCmd, len(of))
	pipe := s.client.Pipeline()
	for i := range of {
		if a := &of[i]; a.Member != "" {
			found[i] = pipe.HGet(ctx, marksKey(store.PartitionOf(a.Group, s.o.Partitions), a.Group, a.Member), "came")
		}
	}
	if len(found) == 0 {
		return back, nil
	}
	_, _ = pipe.Exec(ctx) // each command says how it ended
	now := s.o.Now().UnixMilli()
	for i, f := range found {
		text, err := f.Result()
		if errors.Is(err, goredis.Nil) {
			continue
		}
		if err != nil {
			return nil, s.wrap(err, "ask which of %d members came back", len(of))
		}
		var at, till int64 // before when all is settled (us), and until when that is remembered (ms)
		n, _ := fmt.Sscanf(text, "%d %d", &at, &till)
		back[i] = n == 2 && till > now && at > of[i].EventAt.UnixMicro()
	}
	return back, nil
}
