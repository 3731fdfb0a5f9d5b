package sqlite

import (
	"context"
	"encoding/json"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	agedTexts = `SELECT COUNT(*), COALESCE(MAX(seq) FILTER (WHERE at <= ?3), 0)
		FROM (SELECT seq, at FROM cases WHERE seq > ?1 ORDER BY seq LIMIT ?2)`
	dropTexts = "UPDATE cases SET text = NULL WHERE seq > ? AND seq <= ? AND text IS NOT NULL"
	olderForm = "SELECT seq, body FROM cases WHERE seq > ? AND seq <= ? AND print IS NULL"
	renewCase = "UPDATE cases SET body = ?, print = ? WHERE seq = ?"
)

// purgeTexts removes the texts of some cases that are old enough, from the case on at which it ended
// last, and tells whether there are more.
func (s *Store) purgeTexts(ctx context.Context) (more bool, err error) {
	after := s.textless.Load()
	last := after
	err = s.change(ctx, purgeStep, func(t *tx) (err error) {
		more, last, err = t.purgeTexts(after)
		return err
	})
	if err == nil {
		s.textless.Store(last)
	}
	return more, err
}

// purgeTexts does one step. It tells whether another is needed, and the last case without a text.
func (t *tx) purgeTexts(after int64) (more bool, last int64, err error) {
	var n int64
	if _, err := t.get(agedTexts, []any{after, purgeStep, t.now - t.w.o.KeepText.Microseconds()}, &n, &last); err != nil {
		return false, 0, err
	}
	if last <= after {
		return false, after, nil
	}
	if err := t.exec(dropTexts, after, last); err != nil {
		return false, 0, err
	}
	return n == purgeStep, last, t.renewCases(after, last)
}

// renewCases takes the texts out of cases of an older version, whose bodies hold them.
func (t *tx) renewCases(after, last int64) error {
	bodies, err := t.older(after, last)
	if err != nil {
		return err
	}
	for seq, body := range bodies {
		var c chat.Case
		if json.Unmarshal(body, &c) != nil {
			continue // nobody can read it, and it must not keep the others from losing theirs
		}
		print := chat.Fingerprint(c.Event.Text)
		c.Event.Text = ""
		if body, err = json.Marshal(&c); err != nil {
			return err
		}
		if err := t.exec(renewCase, body, print, seq); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) older(after, last int64) (map[int64][]byte, error) {
	st, err := t.stmt(olderForm)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(t.ctx, after, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	bodies := map[int64][]byte{}
	for rows.Next() {
		var seq int64
		var body []byte
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, err
		}
		bodies[seq] = body
	}
	return bodies, rows.Err()
}
