package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Ping returns nil when the file answers and no write has failed for good.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.w.fault(); err != nil {
		return err
	}
	return s.read.PingContext(ctx)
}

// Close commits what waits, and lets file and folder go. It may be called twice.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.stop)
		s.work.Wait()
		s.batch.Close()
		if err := s.release(); err != nil {
			s.ended = fmt.Errorf("closing %s: %w", s.path, err)
		}
	})
	return s.ended
}

// release closes whatever is open.
func (s *Store) release() error {
	var err error
	if s.came != nil {
		err = s.came.Close()
	}
	return errors.Join(err, releaseAll(s.read, s.w, s.db, s.lock))
}

// releaseAll closes a file's handles, those that are open, and lets its folder go.
func releaseAll(read *sql.DB, w *writer, db *sql.DB, lock *folderLock) error {
	var errs []error
	if read != nil {
		errs = append(errs, read.Close())
	}
	if w != nil {
		errs = append(errs, w.close())
	}
	if db != nil {
		errs = append(errs, db.Close())
	}
	return errors.Join(append(errs, lock.release())...)
}

// change hands a request to the writer and waits until it is on disk.
func (s *Store) change(ctx context.Context, ops int, run func(*tx) error) error {
	return s.do(ctx, request{ops: max(ops, 1), run: run})
}

// soon does the same before most others: a webhook waits for its answer, or a lone action for its turn.
func (s *Store) soon(ctx context.Context, ops int, run func(*tx) error) error {
	return s.do(ctx, request{ops: max(ops, 1), run: run, urgent: true})
}

func (s *Store) do(ctx context.Context, r request) error {
	refused, err := s.batch.Do(ctx, r)
	if err != nil {
		return err
	}
	return refused
}

// clean removes what has expired, once a minute and in small steps that let others in between.
func (s *Store) clean() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		// An error is the writer's own and met by everybody else; the next minute tries again.
		_ = s.purge(context.Background())
	}
}
