package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// silence is after which a consumer that holds nothing is taken for gone.
const silence = 24 * time.Hour

// Parts implements actions.Queue.
func (s *Store) Parts() int { return s.o.Partitions }

// Claim implements actions.Queue. The fence of a claim is Redis's own count of the entry's
// deliveries: each claim raises it, a renewal does not.
func (s *Store) Claim(ctx context.Context, part, most int) ([]actions.Item, error) {
	if part < 0 || part >= s.o.Partitions {
		return nil, fmt.Errorf("claim from partition %d: there are %d", part, s.o.Partitions)
	}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if most <= 0 {
		return nil, nil
	}
	s.tidy(ctx, part)
	items, err := s.takeOver(ctx, part, most)
	if err != nil {
		return nil, s.wrap(err, "take over claims of partition %d", part)
	}
	if len(items) == most {
		return items, nil
	}
	fresh, err := s.read(ctx, part, most-len(items), s.blockFor(ctx, len(items)))
	items = append(items, fresh...)
	if err != nil && len(items) == 0 {
		return nil, s.wrap(err, "claim from partition %d", part)
	}
	return items, nil // what was claimed must not be lost to an error behind it
}

// blockFor returns how long to wait for entries; negative: not at all. A wait ends well before the
// context does: an answer that comes too late would take its entries with it until the lease ends.
func (s *Store) blockFor(ctx context.Context, have int) time.Duration {
	if have > 0 {
		return -1
	}
	// A claim that ran out must be noticed soon, and who waits here must be back in time to renew
	// others.
	block := min(blockTime, s.o.Lease/4)
	if deadline, ok := ctx.Deadline(); ok {
		block = min(block, time.Until(deadline)/2)
	}
	if block < time.Millisecond {
		return -1 // zero would wait for ever
	}
	return block
}

// takeOver claims what ran out, and makes the consumer group where there is none.
func (s *Store) takeOver(ctx context.Context, part, most int) ([]actions.Item, error) {
	keys := []string{partKey(part, kindQueue), partKey(part, kindAttempts)}
	flat, err := s.run(ctx, s.scripts.claim, keys, consumers, s.consumer, millis(s.o.Lease), most).StringSlice()
	if classified(err, "NOGROUP") {
		return nil, s.makeGroup(ctx, part)
	}
	if err != nil {
		return nil, err
	}
	if len(flat)%4 != 0 {
		return nil, fmt.Errorf("%w: %d fields of claimed entries", store.ErrDamaged, len(flat))
	}
	var items []actions.Item
	for ; len(flat) > 0; flat = flat[4:] {
		deliveries, err := strconv.Atoi(flat[2])
		if err != nil {
			return items, fmt.Errorf("%w: deliveries of entry %s", store.ErrDamaged, flat[0])
		}
		attempts, err := strconv.Atoi(flat[3])
		if err != nil {
			return items, fmt.Errorf("%w: attempts of entry %s", store.ErrDamaged, flat[0])
		}
		items = s.add(ctx, items, actions.Token{Part: part, Entry: flat[0], Fence: int64(deliveries)}, flat[1], attempts)
	}
	return items, nil
}

// read claims entries that were never claimed.
func (s *Store) read(ctx context.Context, part, most int, block time.Duration) ([]actions.Item, error) {
	ctx, cancel := context.WithTimeout(ctx, max(block, 0)+flushTimeout)
	defer cancel()
	streams, err := s.client.XReadGroup(ctx, &goredis.XReadGroupArgs{
		Group: consumers, Consumer: s.consumer, Count: int64(most), Block: block,
		Streams: []string{partKey(part, kindQueue), ">"},
	}).Result()
	switch {
	case errors.Is(err, goredis.Nil), classified(err, "UNBLOCKED"):
		return nil, nil // nothing came, or the stream was deleted or moved meanwhile
	case classified(err, "NOGROUP"):
		return nil, s.makeGroup(ctx, part)
	case err != nil:
		return nil, err
	}
	var items []actions.Item
	for _, stream := range streams {
		for _, m := range stream.Messages {
			payload, _ := m.Values["a"].(string)
			items = s.add(ctx, items, actions.Token{Part: part, Entry: m.ID, Fence: 1}, payload, 0)
		}
	}
	return items, nil
}

// add decodes a claimed entry. One that cannot be read would come back for ever: it becomes a dead
// letter, where an operator sees it.
func (s *Store) add(
	ctx context.Context, items []actions.Item, token actions.Token, payload string, attempts int,
) []actions.Item {
	item := actions.Item{Token: token, Attempts: attempts, Deliveries: int(token.Fence)}
	action, err := store.UnmarshalAction([]byte(payload))
	if err == nil {
		item.Action = action
		return append(items, item)
	}
	item.ID = chat.ActionID("unreadable " + token.Entry)
	serr := s.Settle(ctx, []actions.Settlement{{
		Item: item, State: actions.Dead, Code: "unreadable", Text: "the queue entry cannot be read", At: s.o.Now(),
	}})
	s.log.LogAttrs(ctx, slog.LevelError, "queue entry cannot be read",
		slog.String("entry", token.Entry), slog.Int("partition", token.Part),
		slog.Any("error", errors.Join(err, serr)))
	return items
}

// makeGroup makes the consumer group, from the first entry of the stream on. When it is gone all of
// Redis may have been emptied, so the number of partitions is looked at again, too.
func (s *Store) makeGroup(ctx context.Context, part int) error {
	s.checked.Store(false)
	if err := s.ready(ctx); err != nil {
		return err
	}
	keys := []string{partKey(part, kindQueue), partKey(part, kindAttempts)}
	made, err := s.run(ctx, s.scripts.group, keys, consumers).Int()
	if err == nil && made == 1 {
		s.log.LogAttrs(ctx, slog.LevelInfo, "made the consumer group of a partition", slog.Int("partition", part))
	}
	return err
}

// tidy deletes, once per partition, consumers that are long gone.
func (s *Store) tidy(ctx context.Context, part int) {
	if s.tidied[part].CompareAndSwap(false, true) {
		s.sweep(ctx, part, "")
	}
}

// leave takes this process out of the consumers, where it holds nothing any more.
func (s *Store) leave(ctx context.Context) {
	parts := map[int]struct{}{}
	for part := range s.tidied {
		if s.tidied[part].Load() {
			parts[part] = struct{}{}
		}
	}
	_ = eachPart(parts, func(part int, _ struct{}) error { // failures are logged one by one
		s.sweep(ctx, part, s.consumer)
		return nil
	})
}

// sweep is housekeeping: what it misses, the next process that starts does.
func (s *Store) sweep(ctx context.Context, part int, leaving string) {
	keys := []string{partKey(part, kindQueue)}
	if err := s.run(ctx, s.scripts.sweep, keys, consumers, leaving, millis(silence)).Err(); err != nil {
		s.log.LogAttrs(ctx, slog.LevelDebug, "consumers were not tidied",
			slog.Int("partition", part), slog.String("error", s.redact(err.Error())))
	}
}
