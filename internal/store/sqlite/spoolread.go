package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
)

const (
	nextEntries = "SELECT id, at, text, body FROM entries WHERE id > ? ORDER BY id LIMIT ?"
	oldestEntry = "SELECT at FROM entries ORDER BY id LIMIT 1"
	newestEntry = "SELECT at FROM entries ORDER BY id DESC LIMIT 1"
)

// Next implements spool.Disk.
func (s *Spool) Next(ctx context.Context, after int64, entries, bytes int) ([]spool.Entry, error) {
	rows, err := s.read.QueryContext(ctx, nextEntries, after, entries)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.path, err)
	}
	defer rows.Close()
	var out []spool.Entry
	for bytes > 0 && rows.Next() {
		var e spool.Entry
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Text, &e.Body); err != nil {
			return nil, fmt.Errorf("reading %s: %w", s.path, err)
		}
		e.At = time.UnixMicro(at)
		bytes -= len(e.Body)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.path, err)
	}
	return out, nil
}

// Returns implements spool.Disk.
func (s *Spool) Returns(ctx context.Context, keys []string) (map[string]time.Time, error) {
	if len(keys) == 0 || s.returns.Load() == 0 {
		return nil, nil
	}
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	marks := strings.Repeat(", ?", len(keys))[2:]
	rows, err := s.read.QueryContext(ctx, "SELECT key, MAX(since) FROM returns WHERE key IN ("+marks+") GROUP BY key", args...)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.path, err)
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var key string
		var since int64
		if err := rows.Scan(&key, &since); err != nil {
			return nil, fmt.Errorf("reading %s: %w", s.path, err)
		}
		out[key] = time.UnixMicro(since)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.path, err)
	}
	return out, nil
}

// Oldest implements spool.Disk.
func (s *Spool) Oldest(ctx context.Context) (time.Time, error) { return s.timeOf(ctx, oldestEntry) }

// Newest implements spool.Disk.
func (s *Spool) Newest(ctx context.Context) (time.Time, error) { return s.timeOf(ctx, newestEntry) }

// timeOf returns the time that a query finds, or the zero time.
func (s *Spool) timeOf(ctx context.Context, query string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, query).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading %s: %w", s.path, err)
	}
	return time.UnixMicro(at), nil
}
