package sqlite

import (
	"errors"
	"fmt"

	"github.com/groupguard/groupguard/internal/store"
	msqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// primary returns SQLite's primary result code of an error; 0 when it is not SQLite's.
func primary(err error) int {
	var e *msqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// damaged tells whether an error says that the file's content is not what was written.
func damaged(err error) bool {
	code := primary(err)
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// harmless tells whether the handle can go on after an error inside a transaction, once that is
// rolled back: a full disk or a busy file may pass, and a refused value concerns one request.
// Everything else, a failed read, write or fsync above all, leaves unknown what is on disk.
func harmless(err error) bool {
	switch primary(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_TOOBIG,
		sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_NOMEM:
		return true
	default:
		return false
	}
}

// fatal wraps an error so that the process ends.
func fatal(path string, err error) error {
	if damaged(err) {
		return fmt.Errorf("%w: %w", store.ErrFatal, repairHint(path, err))
	}
	return fmt.Errorf("%w: %s: %w", store.ErrFatal, path, err)
}

// repairHint says what a person can do about a damaged file.
func repairHint(path string, err error) error {
	return fmt.Errorf("%w: %s (%w); keep a copy, then rebuild it from what can be read: sqlite3 %s .recover | sqlite3 NEWFILE",
		store.ErrDamaged, path, err, path)
}

// idle tells whether a rollback failed only because SQLite had rolled back by itself.
func idle(err error) bool { return primary(err) == sqlite3.SQLITE_ERROR }
