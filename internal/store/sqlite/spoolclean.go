package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	cleanEvery = time.Second
	freeStep   = 2000 // pages given back at once, so that the writer never works on it for long
)

// clean makes the file small again when nothing waits: an outage may have made it as large as it may
// be, and the log beside it repeats what was removed.
func (s *Spool) clean() {
	tick := time.NewTicker(cleanEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		if s.entries.Load() == 0 && s.dirty.Load() {
			// An error is the writer's own and met by everybody else; the next second tries again.
			_ = s.shrink(context.Background())
		}
	}
}

// shrink gives some free pages back, or empties the log when there are none.
func (s *Spool) shrink(ctx context.Context) error {
	var free int
	r := &spoolRequest{request: request{ops: 1, run: func(t *tx) error {
		_, err := t.get("PRAGMA freelist_count", nil, &free)
		if err != nil || free == 0 {
			return err
		}
		return t.drain(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", freeStep))
	}}, shrink: true}
	s.dirty.Store(false)
	err := s.do(ctx, r)
	if err != nil || free > freeStep {
		s.dirty.Store(true)
	}
	return err
}

// emptyLog moves the log into the file and cuts it to nothing. A reader in the way is no error: the next
// log begins in the same place.
func (s *Spool) emptyLog(ctx context.Context) error {
	var busy, frames, moved int
	err := s.w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err != nil {
		return s.w.undo(ctx, fmt.Errorf("emptying the log: %w", err))
	}
	if busy != 0 {
		return errors.New("emptying the log: somebody reads it")
	}
	return nil
}

// drain executes a query that does its work row by row.
func (t *tx) drain(query string) error {
	st, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { //nolint:revive // each row is a step
	}
	return rows.Err()
}
