package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// waitTime is how long a commit waits for its replicas: what is left of the 800 ms that a webhook's
// answer waits, with some room for the way.
const waitTime = 600 * time.Millisecond

// nodeOf returns a client of the one server that has a key: WAIT counts what was written on its own
// connection, so the script and it must go the same way.
func (s *Store) nodeOf(ctx context.Context, key string) (goredis.Cmdable, error) {
	if cluster, ok := s.client.(*goredis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return s.client, nil
}

// evalAndWait runs commit.lua by its digest and WAIT behind it, in one pipeline. It returns how many
// replicas hold the write.
func (s *Store) evalAndWait(ctx context.Context, keys []string, args []any) ([]string, int64, error) {
	node, err := s.nodeOf(ctx, keys[0])
	if err != nil {
		return nil, 0, err
	}
	pipe := node.Pipeline()
	eval := pipe.EvalSha(ctx, s.scripts.commit.Hash(), keys, args...)
	held := pipe.Do(ctx, "wait", s.replicas, waitTime.Milliseconds())
	_, err = pipe.Exec(ctx)
	if evalErr := eval.Err(); evalErr != nil {
		s.follow(ctx, evalErr)
		return nil, 0, evalErr
	}
	if err != nil {
		return nil, 0, err
	}
	answers, err := eval.StringSlice()
	if err != nil {
		return nil, 0, err
	}
	n, err := held.Int64()
	return answers, n, err
}

// follow learns where slots went. A node's own client does not follow MOVED; the caller tries again.
func (s *Store) follow(ctx context.Context, err error) {
	if cluster, ok := s.client.(*goredis.ClusterClient); ok && goredis.HasErrorPrefix(err, "MOVED") {
		cluster.ReloadState(ctx)
	}
}

// loadCommit gives the script to the server that has a key.
func (s *Store) loadCommit(ctx context.Context, key string) error {
	node, err := s.nodeOf(ctx, key)
	if err != nil {
		return err
	}
	return node.ScriptLoad(ctx, s.scripts.commitSource).Err()
}
