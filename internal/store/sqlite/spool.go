package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	spoolName    = "spool.db"
	spoolMarker  = "spool-format" // says that the file was made: without it a lost file would be an empty start
	spoolVersion = 2              // PRAGMA user_version
	spoolRoom    = 128            // bytes around a body, about: its row, its place in an index, and its share of a page
	maxGivenUp   = 1000
	maxReturns   = 1_000_000 // joins that are known beyond those that wait
)

// The tables of a spool. at is in microseconds since 1970. AUTOINCREMENT gives no ID twice: what was
// removed must not be taken for what came later.
const spoolSchema = `
CREATE TABLE entries (
	id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, text INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX entries_text ON entries (at) WHERE text = 1;

-- Entries that were given up. body is NULL once it may be kept no longer.
CREATE TABLE given_up (
	id INTEGER PRIMARY KEY, at INTEGER NOT NULL, text INTEGER NOT NULL, why TEXT NOT NULL, body BLOB
);
`

// Who has joined, by entry. A row stays as long as anything waits that is no later.
const spoolReturns = `
CREATE TABLE returns (entry INTEGER PRIMARY KEY, key TEXT NOT NULL, since INTEGER NOT NULL);
CREATE INDEX returns_key ON returns (key, since);
`

// Spool is a spool.Disk: one file beside that of the embedded store, written by the same writer.
type Spool struct {
	path  string
	most  int64
	lock  *folderLock
	db    *sql.DB // the writer's
	read  *sql.DB
	w     *writer
	batch *store.Batcher[*spoolRequest, error]
	stop  chan struct{} // closed by Close
	work  sync.WaitGroup
	once  sync.Once
	ended error // of Close

	entries, bytes atomic.Int64 // what is on disk; only the writer changes them
	returns        atomic.Int64 // rows of that table
	dirty          atomic.Bool  // something was removed since the file was last made small
}

var _ spool.Disk = (*Spool)(nil)

// OpenSpool opens the spool in a folder of its own, for entries of most bytes, and makes both when they
// are not there. The folder can be that of an embedded store, but only one process has it at a time:
// for any other the error wraps store.ErrInUse and names the first.
func OpenSpool(dir string, most int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making data folder: %w", err)
	}
	return openedBy((*Spool).start, dir, most)
}

// openedBy locks a folder and has the spool in it opened.
func openedBy(open func(*Spool, context.Context) error, dir string, most int64) (*Spool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Spool{path: filepath.Join(dir, spoolName), most: most, lock: lock, stop: make(chan struct{})}
	if err := open(s, context.Background()); err != nil {
		err = errors.Join(err, s.release())
		if damaged(err) {
			err = repairHint(s.path, err)
		}
		return nil, fmt.Errorf("opening the spool in %s: %w", dir, err)
	}
	return s, nil
}

// HasSpool tells whether a folder holds a spool, be it an empty one.
func HasSpool(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, spoolName))
	if err == nil && info.Size() > 0 {
		return true
	}
	_, err = os.Stat(filepath.Join(dir, spoolMarker))
	return err == nil // one that was lost, which is told when it is opened
}

func (s *Spool) start(ctx context.Context) error {
	if err := checkMade(s.path, s.marker()); err != nil {
		return err
	}
	if err := privateFile(s.path); err != nil {
		return err
	}
	var err error
	if s.db, err = openFile(s.path, "_txlock=immediate", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(FULL)",
		"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "cache_size(-8000)", "temp_store(MEMORY)",
		"secure_delete(ON)"); err != nil { // a text that was judged must not be found in the file
		return err
	}
	s.db.SetMaxOpenConns(1)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	o := store.Options{Partitions: 1}.Defaults()
	s.w = &writer{
		path: s.path, o: o, conn: conn, stmts: map[string]*sql.Stmt{}, wake: func(map[int]bool) {},
		leases: newLeases(o.Partitions, o.Lease, o.Now),
	}
	if err := s.prepare(ctx, conn); err != nil {
		return err
	}
	if s.read, err = openFile(s.path, "mode=ro", "query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.batch = store.NewBatcher(store.BatchConfig[*spoolRequest]{
		Size: func(r *spoolRequest) int { return r.ops }, Urgent: func(r *spoolRequest) bool { return r.add > 0 },
	}, s.flush)
	s.work.Go(s.clean)
	return nil
}

// privateFile makes the file for its owner alone. SQLite gives the files beside it the same mode.
func privateFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own folder
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// prepare checks the file, makes the schema, and counts what waits.
func (s *Spool) prepare(ctx context.Context, conn *sql.Conn) error {
	if err := checkSmall(ctx, conn, s.path); err != nil {
		return err
	}
	version, err := versionOf(ctx, conn, s.path, spoolVersion)
	if err != nil {
		return err
	}
	if version < spoolVersion {
		if err := s.create(ctx, conn, version); err != nil {
			return fmt.Errorf("making the schema: %w", err)
		}
	}
	if err := makeMarker(s.path, s.marker()); err != nil {
		return fmt.Errorf("writing %s: %w", s.marker(), err)
	}
	for _, path := range []string{s.path, filepath.Dir(s.path), filepath.Dir(filepath.Dir(s.path))} { // the names, too
		if err := syncPath(path); err != nil {
			return err
		}
	}
	if err := s.count(ctx, conn); err != nil {
		return err
	}
	var returns int64
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM returns").Scan(&returns); err != nil {
		return fmt.Errorf("counting who has joined: %w", err)
	}
	s.returns.Store(returns)
	s.dirty.Store(true)
	return nil
}

// count counts what waits.
func (s *Spool) count(ctx context.Context, conn *sql.Conn) error {
	var entries, bytes int64
	err := conn.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(LENGTH(body) + ?), 0) FROM entries", spoolRoom).Scan(&entries, &bytes)
	if err != nil {
		return fmt.Errorf("counting what waits: %w", err)
	}
	s.entries.Store(entries)
	s.bytes.Store(bytes)
	return nil
}

func (s *Spool) marker() string { return filepath.Join(filepath.Dir(s.path), spoolMarker) }

// create makes the schema in a new file, or adds to an older one what it lacks.
func (s *Spool) create(ctx context.Context, conn *sql.Conn, version int) error {
	txn, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = txn.Rollback() }() // no-op after the commit
	if version == 0 {
		if _, err := txn.ExecContext(ctx, spoolSchema); err != nil {
			return err
		}
	}
	if _, err := txn.ExecContext(ctx, spoolReturns); err != nil {
		return err
	}
	if _, err := txn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", spoolVersion)); err != nil {
		return err
	}
	return txn.Commit()
}

// Depth implements spool.Disk.
func (s *Spool) Depth() spool.Depth {
	return spool.Depth{Entries: s.entries.Load(), Bytes: s.bytes.Load(), Most: s.most}
}

// Close commits what waits for the writer, and lets file and folder go. It may be called twice.
func (s *Spool) Close() error {
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
func (s *Spool) release() error { return releaseAll(s.read, s.w, s.db, s.lock) }
