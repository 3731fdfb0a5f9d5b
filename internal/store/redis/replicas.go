package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// waitTime is how long a write waits for its replicas: what is left of the 800 ms that a webhook's
	// answer waits, with some room for the way.
	waitTime = 600 * time.Millisecond
	// keepVouch is how long a key to vouch by is kept. Nobody reads it.
	keepVouch = time.Minute
)

// nodeOf returns a client of the one server that has a key: WAIT counts what was written on its own
// connection, so the script and it must go the same way.
func (s *Store) nodeOf(ctx context.Context, key string) (goredis.Cmdable, error) {
	if cluster, ok := s.client.(*goredis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return s.client, nil
}

// runDurably runs a script and, where asked, waits until enough replicas hold what it wrote. Where a key
// is given to vouch by, they hold by then, too, what an earlier call wrote that finds nothing to do now.
func (s *Store) runDurably(ctx context.Context, script *goredis.Script, vouch string, keys []string, args []any) *goredis.Cmd {
	if s.replicas == 0 {
		return s.run(ctx, script, keys, args...)
	}
	eval, held, err := s.evalAndWait(ctx, script, vouch, keys, args)
	if goredis.HasErrorPrefix(err, "NOSCRIPT") {
		if err = s.load(ctx, script, keys[0]); err == nil {
			eval, held, err = s.evalAndWait(ctx, script, vouch, keys, args)
		}
	}
	if err == nil && held < int64(s.replicas) {
		text := fmt.Sprintf("%d of %d replicas hold it in time", held, s.replicas)
		err = &Error{Op: "wait for replicas", Code: codeReplicas, text: text}
	}
	if err != nil {
		eval = goredis.NewCmd(ctx)
		eval.SetErr(err)
	}
	return eval
}

// evalAndWait runs a script by its digest and WAIT behind it, in one pipeline. It returns how many
// replicas hold the write. WAIT counts those that hold what the server had when the connection last
// wrote something: the key to vouch by is written, so that this is now.
func (s *Store) evalAndWait(
	ctx context.Context, script *goredis.Script, vouch string, keys []string, args []any,
) (*goredis.Cmd, int64, error) {
	node, err := s.nodeOf(ctx, keys[0])
	if err != nil {
		return nil, 0, err
	}
	pipe := node.Pipeline()
	eval := pipe.EvalSha(ctx, script.Hash(), keys, args...)
	if vouch != "" {
		pipe.Set(ctx, vouch, 1, keepVouch)
	}
	held := pipe.Do(ctx, "wait", s.replicas, waitTime.Milliseconds())
	_, err = pipe.Exec(ctx)
	if evalErr := eval.Err(); evalErr != nil {
		s.follow(ctx, evalErr)
		return nil, 0, evalErr
	}
	if err != nil {
		return nil, 0, err
	}
	n, err := held.Int64()
	return eval, n, err
}

// follow learns where slots went. A node's own client does not follow MOVED; the caller tries again.
func (s *Store) follow(ctx context.Context, err error) {
	if cluster, ok := s.client.(*goredis.ClusterClient); ok && goredis.HasErrorPrefix(err, "MOVED") {
		cluster.ReloadState(ctx)
	}
}

// load gives a script to the server that has a key, on the way that WAIT takes.
func (s *Store) load(ctx context.Context, script *goredis.Script, key string) error {
	node, err := s.nodeOf(ctx, key)
	if err != nil {
		return err
	}
	return script.Load(ctx, node).Err()
}
