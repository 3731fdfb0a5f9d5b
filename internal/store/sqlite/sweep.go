package sqlite

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

// maxLetters is how many letters a shelf holds for each partition; the oldest go first.
const maxLetters = 100_000

const (
	countLetters = "SELECT COUNT(*) FROM letters WHERE shelf = ?"
	oldLetters   = "DELETE FROM letters WHERE seq IN (SELECT seq FROM letters WHERE shelf = ? ORDER BY seq LIMIT ?) RETURNING body"
)

// purge removes what has expired and what is too much, until nothing is left of it or the store
// closes.
func (s *Store) purge(ctx context.Context) error {
	if err := s.stepwise(ctx, s.purgeExpired); err != nil {
		return fmt.Errorf("removing what has expired: %w", err)
	}
	if err := s.stepwise(ctx, s.purgeTexts); err != nil {
		return fmt.Errorf("removing texts: %w", err)
	}
	for _, shelf := range []actions.Shelf{actions.DeadShelf, actions.HeldShelf} {
		if err := s.trimShelf(ctx, shelf, maxLetters*s.o.Partitions); err != nil {
			return fmt.Errorf("removing letters: %w", err)
		}
	}
	return nil
}

// stepwise repeats a step while it says that there is more. Between two steps others get their turn.
func (s *Store) stepwise(ctx context.Context, step func(context.Context) (more bool, err error)) error {
	for more := true; more; {
		select {
		case <-s.stop:
			return nil
		default:
		}
		var err error
		if more, err = step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) purgeExpired(ctx context.Context) (more bool, err error) {
	empty := false
	err = s.change(ctx, purgeStep, func(t *tx) (err error) {
		more, empty, err = t.purge()
		return err
	})
	if err == nil && empty {
		s.textless.Store(0)
	}
	return more, err
}

// trimShelf removes the oldest letters of a shelf that holds more than it may. The shelf may grow
// over that between two rounds.
func (s *Store) trimShelf(ctx context.Context, shelf actions.Shelf, most int) error {
	sum := 0
	err := s.stepwise(ctx, func(ctx context.Context) (more bool, err error) {
		n := 0
		err = s.change(ctx, purgeStep, func(t *tx) (err error) {
			n, err = t.trimShelf(shelf, most)
			return err
		})
		sum += n
		return n == purgeStep, err
	})
	if sum > 0 {
		slog.LogAttrs(ctx, slog.LevelError, "letters were dropped to make room: actions are lost",
			slog.String("shelf", string(shelf)), slog.Int("dropped", sum), slog.Int("kept", most))
	}
	return err
}

// trimShelf does one step and returns how many letters went.
func (t *tx) trimShelf(shelf actions.Shelf, most int) (int, error) {
	var n int
	if _, err := t.get(countLetters, []any{string(shelf)}, &n); err != nil || n <= most {
		return 0, err
	}
	bodies, err := t.oldest(shelf, min(n-most, purgeStep))
	if err != nil {
		return 0, err
	}
	for _, body := range bodies {
		a, err := store.UnmarshalAction(body)
		if err != nil {
			continue // nobody could have read it either
		}
		if err := t.discard(a); err != nil {
			return 0, err
		}
	}
	return len(bodies), nil
}

// oldest takes the oldest letters off a shelf.
func (t *tx) oldest(shelf actions.Shelf, n int) (bodies [][]byte, err error) {
	st, err := t.stmt(oldLetters)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(t.ctx, string(shelf), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, rows.Err()
}
