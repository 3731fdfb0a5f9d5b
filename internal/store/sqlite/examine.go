package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// Health is what a look at a data folder found.
type Health struct {
	Exists     bool
	Holder     string // the process that uses it; empty: none
	Partitions int    // that it was made with; 0: not known, or it is in use
}

// Examine looks at the store in a folder and changes nothing. A store that is in use is not opened.
func Examine(ctx context.Context, dir string) (h Health, err error) {
	path := filepath.Join(dir, fileName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("looking at the store: %w", cause(err))
	}
	h.Exists = true
	if h.Holder, err = holderOf(filepath.Join(dir, "lock")); err != nil || h.Holder != "" {
		return h, err
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own folder
	if err != nil {
		return h, cause(err)
	}
	if err := f.Close(); err != nil {
		return h, err
	}
	if info.Size() == 0 {
		return h, nil
	}
	h.Partitions, err = recordedPartitions(ctx, path)
	return h, err
}

// holderOf returns the process that holds the lock of a folder; empty when none does. The lock is asked
// for shared and let go at once.
func holderOf(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking at the lock file: %w", cause(err))
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) //nolint:gosec // a descriptor fits
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return readHolder(f), nil
	}
	if err != nil {
		return "", fmt.Errorf("looking at the lock: %w", err)
	}
	return "", syscall.Flock(int(f.Fd()), syscall.LOCK_UN) //nolint:gosec // a descriptor fits
}

// recordedPartitions reads how many partitions a store was made with, from the file alone: opening it in
// the usual way would write beside it. What only stands in the write-ahead log is not seen, and a table
// that is not there is no error.
func recordedPartitions(ctx context.Context, path string) (n int, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return 0, err
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return 0, fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'meta'").Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'partitions'").Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// cause drops the path that an error of the file system repeats.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
