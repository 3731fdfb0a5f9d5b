package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	listMemos   = "SELECT key, version, expires, body FROM memos WHERE kind = ? AND expires > ?"
	memoVersion = "SELECT version FROM memos WHERE kind = ? AND key = ? AND expires > ?"
	countMemos  = "SELECT COUNT(*) FROM memos WHERE kind = ? AND expires > ?"
	putMemo     = `INSERT INTO memos (kind, key, version, expires, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, expires = excluded.expires, body = excluded.body`
	dropMemo = "DELETE FROM memos WHERE kind = ? AND key = ? AND version = ?"
)

var errMemoSize = errors.New("memo is too large")

// Memos implements store.Store.
func (s *Store) Memos(ctx context.Context, kind string) ([]chat.Memo, error) {
	rows, err := s.read.QueryContext(ctx, listMemos, kind, s.o.Now().UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("reading memos of kind %q: %w", kind, err)
	}
	defer rows.Close()
	var out []chat.Memo
	for rows.Next() {
		m := chat.Memo{Kind: kind}
		var expires int64
		if err := rows.Scan(&m.Key, &m.Version, &expires, &m.Body); err != nil {
			return nil, fmt.Errorf("reading a memo of kind %q: %w", kind, err)
		}
		m.Expires = time.UnixMicro(expires).UTC()
		out = append(out, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading memos of kind %q: %w", kind, err)
	}
	return out, nil
}

// SaveMemo implements store.Store.
func (s *Store) SaveMemo(ctx context.Context, m chat.Memo) error {
	err := s.change(ctx, 1, func(t *tx) error { return t.saveMemo(&m) })
	if err != nil {
		return fmt.Errorf("saving version %d of memo %s %s: %w", m.Version, m.Kind, m.Key, err)
	}
	return nil
}

func (t *tx) saveMemo(m *chat.Memo) error {
	if len(m.Body) > chat.MaxMemo {
		return refusal{fmt.Errorf("%w: %d bytes, at most %d", errMemoSize, len(m.Body), chat.MaxMemo)}
	}
	var version int64
	there, err := t.get(memoVersion, []any{m.Kind, m.Key, t.now}, &version)
	if err != nil {
		return err
	}
	if m.Version < 1 || version != m.Version-1 {
		return refusal{fmt.Errorf("%w: version %d stands", store.ErrStale, version)}
	}
	if !there {
		var n int
		if _, err := t.get(countMemos, []any{m.Kind, t.now}, &n); err != nil {
			return err
		}
		if n >= store.MaxMemos {
			return refusal{fmt.Errorf("%w: there are %d of its kind", store.ErrFull, n)}
		}
	}
	body := m.Body
	if body == nil {
		body = []byte{}
	}
	return t.exec(putMemo, m.Kind, m.Key, m.Version, m.Expires.UnixMicro(), body)
}

// DropMemo implements store.Store.
func (s *Store) DropMemo(ctx context.Context, kind, key string, version int64) error {
	err := s.change(ctx, 1, func(t *tx) error { return t.exec(dropMemo, kind, key, version) })
	if err != nil {
		return fmt.Errorf("dropping version %d of memo %s %s: %w", version, kind, key, err)
	}
	return nil
}
