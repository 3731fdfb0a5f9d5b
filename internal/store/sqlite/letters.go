package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

// letterPage is how many letters are read at a time.
const letterPage = 500

const (
	newestLetters = "SELECT seq, at, attempts, code, text, body FROM letters WHERE shelf = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
	queueDepth    = `SELECT (SELECT COUNT(*) FROM queue),
		(SELECT COUNT(*) FROM letters WHERE shelf = 'dead'), (SELECT COUNT(*) FROM letters WHERE shelf = 'held'),
		COALESCE((SELECT queued_at FROM queue ORDER BY seq LIMIT 1), 0)`
)

var errShelf = errors.New("no such shelf")

func known(shelf actions.Shelf) error {
	if shelf != actions.DeadShelf && shelf != actions.HeldShelf {
		return fmt.Errorf("%w: %q", errShelf, shelf)
	}
	return nil
}

// Letters implements store.Store.
func (s *Store) Letters(
	ctx context.Context, shelf actions.Shelf, keep func(*actions.Letter) bool, most int,
) ([]actions.Letter, error) {
	if err := known(shelf); err != nil {
		return nil, err
	}
	var out []actions.Letter
	for before := int64(math.MaxInt64); len(out) < most; {
		page, last, err := s.letters(ctx, shelf, before)
		if err != nil {
			return nil, fmt.Errorf("reading letters on shelf %s: %w", shelf, err)
		}
		for i := range page {
			if len(out) < most && (keep == nil || keep(&page[i])) {
				out = append(out, page[i])
			}
		}
		if len(page) < letterPage {
			break
		}
		before = last
	}
	return out, nil
}

// letters reads a page of letters before one, and the number of its last one. No keep runs while the
// file is read: it may take its time, and ask the store.
func (s *Store) letters(ctx context.Context, shelf actions.Shelf, before int64) (out []actions.Letter, last int64, err error) {
	rows, err := s.read.QueryContext(ctx, newestLetters, string(shelf), before, letterPage)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var l actions.Letter
		var at int64
		var body []byte
		if err := rows.Scan(&last, &at, &l.Attempts, &l.Code, &l.Text, &body); err != nil {
			return nil, 0, err
		}
		if l.Action, err = store.UnmarshalAction(body); err != nil {
			return nil, 0, fmt.Errorf("letter %d: %w", last, err)
		}
		l.At = time.UnixMicro(at).UTC()
		out = append(out, l)
	}
	return out, last, rows.Err()
}

// Depth implements store.Store.
func (s *Store) Depth(ctx context.Context) (actions.Depth, error) {
	var d actions.Depth
	var oldest int64
	if err := s.read.QueryRowContext(ctx, queueDepth).Scan(&d.Entries, &d.Dead, &d.Held, &oldest); err != nil {
		return actions.Depth{}, fmt.Errorf("reading the queue's depth: %w", err)
	}
	if d.Entries > 0 {
		d.Oldest = time.UnixMicro(oldest).UTC()
	}
	return d, nil
}
