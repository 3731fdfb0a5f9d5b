package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/groupguard/groupguard/internal/store"
)

// writer is the one handle that changes the file. Its methods run on the batcher's goroutine, one
// flush at a time; only failed and leases are used by others.
type writer struct {
	path    string
	o       store.Options
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt // prepared on first use; the queries are constants
	nextSeq int64                // of the queue; never used twice in a process, so that no token fits two entries
	leases  *leases
	wake    func(parts map[int]bool)
	failed  atomic.Pointer[error]
}

// request is one caller's change. run may be called twice: a group that fails is rolled back and
// tried one by one. It returns a refusal when the request is answered with an error and has
// changed nothing; any other error takes the transaction back.
type request struct {
	ops    int
	run    func(*tx) error
	urgent bool
}

// refusal is an error that is the answer to one request.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// tx is one transaction.
type tx struct {
	w        *writer
	ctx      context.Context //nolint:containedctx // lives as long as one flush
	now      int64           // by the wall clock, for what expires
	windows  map[digest]*window
	newCases int
	woken    map[int]bool      // partitions that have entries to claim
	claims   map[int][]claimed // made and ended, by partition
}

// flush carries out requests in one transaction. When that fails for a reason that need not be
// everybody's, each request gets one of its own, so that only the one at fault fails.
func (w *writer) flush(ctx context.Context, reqs []request) ([]error, error) {
	if err := w.fault(); err != nil {
		return nil, err
	}
	answers, err := w.transact(ctx, reqs)
	if err == nil || len(reqs) == 1 || errors.Is(err, store.ErrFatal) {
		return answers, err
	}
	answers = make([]error, len(reqs))
	for i := range reqs {
		single, err := w.transact(ctx, reqs[i:i+1])
		if err != nil {
			answers[i] = err
			continue
		}
		answers[i] = single[0]
	}
	return answers, nil
}

// transact returns each request's refusal or nil, once all the rest is on disk.
func (w *writer) transact(ctx context.Context, reqs []request) ([]error, error) {
	if err := w.fault(); err != nil {
		return nil, err
	}
	t := &tx{
		w: w, ctx: ctx, now: w.o.Now().UnixMicro(),
		windows: map[digest]*window{}, woken: map[int]bool{}, claims: map[int][]claimed{},
	}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, w.undo(ctx, fmt.Errorf("beginning a transaction: %w", err))
	}
	answers := make([]error, len(reqs))
	for i, r := range reqs {
		if err := r.run(t); err != nil {
			var no refusal
			if !errors.As(err, &no) {
				return nil, w.undo(ctx, err)
			}
			answers[i] = no.error
		}
	}
	if err := t.finish(); err != nil {
		return nil, w.undo(ctx, err)
	}
	if err := t.exec("COMMIT"); err != nil {
		return nil, w.undo(ctx, fmt.Errorf("committing: %w", err))
	}
	w.leases.apply(t.claims)
	if len(t.woken) > 0 {
		w.wake(maps.Clone(t.woken))
	}
	return answers, nil
}

// undo rolls back after an error and returns it, as a fatal one when the handle cannot go on.
func (w *writer) undo(ctx context.Context, err error) error {
	if primary(err) != 0 && !harmless(err) {
		return w.fail(err)
	}
	if _, undone := w.conn.ExecContext(ctx, "ROLLBACK"); undone != nil && !idle(undone) {
		return w.fail(errors.Join(err, undone))
	}
	return err
}

// fail remembers a fatal error: every later request gets it.
func (w *writer) fail(err error) error {
	err = fatal(w.path, err)
	w.failed.CompareAndSwap(nil, &err)
	return err
}

func (w *writer) fault() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// finish writes what the transaction gathered.
func (t *tx) finish() error {
	if err := t.saveWindows(); err != nil {
		return err
	}
	if t.newCases == 0 {
		return nil
	}
	return t.trimCases()
}

// stmt returns a query prepared on the writer's connection.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.w.stmts[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(t.ctx, args...)
	return err
}

// change executes a query and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row into dest; false when there is none.
func (t *tx) get(query string, args []any, dest ...any) (bool, error) {
	s, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
