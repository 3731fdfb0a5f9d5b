package redis

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	// memoPage is about how many memos one command reads.
	memoPage = 200
	// maxSwept is how many expired memos a call that stores one removes: more than it adds.
	maxSwept = 100
)

// Memos implements store.Store. It reads in pages: a memo that is changed meanwhile comes in one of
// its versions.
func (s *Store) Memos(ctx context.Context, kind string) ([]chat.Memo, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	found, now := map[string]chat.Memo{}, s.o.Now()
	for cursor := uint64(0); ; {
		flat, next, err := s.client.HScan(ctx, memoKeys(kind)[0], cursor, "", memoPage).Result()
		if err != nil {
			return nil, s.wrap(err, "read the memos of kind %q", kind)
		}
		for ; len(flat) >= 2; flat = flat[2:] { // keys and memos take turns, and one can come twice
			m, err := decodeMemo(kind, flat[0], flat[1])
			if err != nil {
				return nil, err
			}
			found[m.Key] = m
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	out := make([]chat.Memo, 0, len(found))
	for _, m := range found {
		if m.Expires.After(now) {
			out = append(out, m)
		}
	}
	return out, nil
}

// decodeMemo reads a memo as memo.lua stores it.
func decodeMemo(kind, key, text string) (chat.Memo, error) {
	m := chat.Memo{Kind: kind, Key: key}
	parts := strings.SplitN(text, " ", 4)
	if len(parts) != 4 {
		return m, fmt.Errorf("read memo %q of kind %q: %w", key, kind, store.ErrDamaged)
	}
	version, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return m, fmt.Errorf("read the version of memo %q of kind %q: %w: %w", key, kind, store.ErrDamaged, err)
	}
	expires, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return m, fmt.Errorf("read the expiry of memo %q of kind %q: %w: %w", key, kind, store.ErrDamaged, err)
	}
	m.Version, m.Expires, m.Body = version, time.UnixMicro(expires).UTC(), []byte(parts[3])
	return m, nil
}

// SaveMemo implements store.Store. Whether the stored one has expired is told by Redis's clock, so that
// a replica whose clock is ahead cannot put a new memo in the place of one that others still see.
func (s *Store) SaveMemo(ctx context.Context, m chat.Memo) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if len(m.Body) > chat.MaxMemo {
		return fmt.Errorf("save memo %q of kind %q: %d bytes, at most %d fit", m.Key, m.Kind, len(m.Body), chat.MaxMemo)
	}
	args := []any{m.Key, m.Version, rand.Text(), m.Expires.UnixMicro(), m.Body, store.MaxMemos, maxSwept}
	stored, err := s.runDurably(ctx, s.scripts.memo, memoVouch, memoKeys(m.Kind), args).Int()
	switch {
	case err != nil:
		return s.wrap(err, "save memo %q of kind %q", m.Key, m.Kind)
	case stored == 0:
		return fmt.Errorf("save version %d of memo %q of kind %q: %w", m.Version, m.Key, m.Kind, store.ErrStale)
	case stored < 0:
		return fmt.Errorf("save memo %q: there are %d of kind %q: %w", m.Key, store.MaxMemos, m.Kind, store.ErrFull)
	}
	return nil
}

// DropMemo implements store.Store.
func (s *Store) DropMemo(ctx context.Context, kind, key string, version int64) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	err := s.runDurably(ctx, s.scripts.drop, memoVouch, memoKeys(kind), []any{key, version}).Err()
	return s.wrap(err, "drop memo %q of kind %q", key, kind)
}
