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
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	fileName   = "groupguard.db"
	markerName = "format" // says that the file was made: without it a lost file would be an empty start
	smallFile  = 64 << 20 // up to this size the whole file is checked at start
	readers    = 4
)

// Store is the embedded store.
type Store struct {
	actions.LocalLimiter // a single process needs no shared rate

	o     store.Options
	path  string
	lock  *folderLock
	db    *sql.DB // the writer's
	read  *sql.DB
	came  *sql.Stmt // getCame, asked before every call
	w     *writer
	batch *store.Batcher[request, error]
	bell  bell
	stop  chan struct{} // closed by Close
	work  sync.WaitGroup
	once  sync.Once
	ended error // of Close

	textless atomic.Int64 // the last case whose text has gone, as far as this process knows
}

// Open opens the store in a folder of its own and makes both when they are not there. All claims of
// the process before are void.
func Open(dir string, o store.Options) (*Store, error) {
	o = o.Defaults()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{o: o, path: filepath.Join(dir, fileName), lock: lock, stop: make(chan struct{})}
	if err := s.start(context.Background()); err != nil {
		err = errors.Join(err, s.release())
		if damaged(err) {
			err = repairHint(s.path, err)
		}
		return nil, fmt.Errorf("opening data folder %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	var err error
	if s.db, err = s.handle("_txlock=immediate", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)",
		"journal_size_limit(67108864)", "cache_size(-32000)", "temp_store(MEMORY)",
		"secure_delete(ON)"); err != nil { // a text that has gone must not be found in the file either
		return err
	}
	s.db.SetMaxOpenConns(1)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	s.w = &writer{
		path: s.path, o: s.o, conn: conn, stmts: map[string]*sql.Stmt{}, wake: s.bell.ring,
		leases: newLeases(s.o.Partitions, s.o.Lease, s.o.Now),
	}
	if err := s.prepare(ctx, conn); err != nil {
		return err
	}
	if s.read, err = s.handle("mode=ro", "query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers) // to open one anew costs more than most reads
	if s.came, err = s.read.PrepareContext(ctx, getCame); err != nil {
		return err
	}
	s.batch = store.NewBatcher(store.BatchConfig[request]{Size: func(r request) int { return r.ops }, Urgent: func(r request) bool { return r.urgent }}, s.w.flush)
	s.work.Go(s.clean)
	return nil
}

// handle opens the file with pragmas that every connection gets.
func (s *Store) handle(mode string, pragmas ...string) (*sql.DB, error) {
	return openFile(s.path, mode, pragmas...)
}

func openFile(path, mode string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	u := url.URL{Scheme: "file", Path: path, RawQuery: mode + "&" + q.Encode()}
	return sql.Open("sqlite", u.String())
}

// checkFile refuses to make a new file where one is missing.
func (s *Store) checkFile() error {
	_, err := os.Stat(s.marker())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the first start, or one that was killed before it ended
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(s.path)
	if err == nil && info.Size() > 0 {
		return nil
	}
	return fmt.Errorf("%w: %s is missing or empty, although it was made before; put it back, or remove %s to start empty",
		store.ErrDamaged, s.path, s.marker())
}

func (s *Store) marker() string { return filepath.Join(filepath.Dir(s.path), markerName) }

// prepare checks the file, makes the schema, and takes back the claims of the process before.
func (s *Store) prepare(ctx context.Context, conn *sql.Conn) error {
	if err := s.check(ctx, conn); err != nil {
		return err
	}
	version, err := versionOf(ctx, conn, s.path, schemaVersion)
	if err != nil {
		return err
	}
	if version < schemaVersion {
		if err := s.create(ctx, conn, version); err != nil {
			return fmt.Errorf("making the schema: %w", err)
		}
	}
	if err := s.checkPartitions(ctx, conn); err != nil {
		return err
	}
	if err := s.mark(); err != nil {
		return fmt.Errorf("writing %s: %w", s.marker(), err)
	}
	if _, err := conn.ExecContext(ctx, "UPDATE queue SET lease = 0, fence = fence + 1 WHERE lease > 0"); err != nil {
		return fmt.Errorf("taking back claims: %w", err)
	}
	err = conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM queue").Scan(&s.w.nextSeq)
	if err != nil {
		return fmt.Errorf("reading the queue: %w", err)
	}
	return nil
}

// check reads a small file whole. A large one would keep the webhooks waiting; there, damage shows
// when it is met.
func (s *Store) check(ctx context.Context, conn *sql.Conn) error {
	return checkSmall(ctx, conn, s.path)
}

func checkSmall(ctx context.Context, conn *sql.Conn, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() > smallFile {
		return err
	}
	var verdict string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("checking the file: %w", err)
	}
	if verdict != "ok" {
		return repairHint(path, errors.New(verdict))
	}
	return nil
}

// create makes the schema in a new file, or adds to an older one what it lacks.
func (s *Store) create(ctx context.Context, conn *sql.Conn, version int) error {
	txn, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = txn.Rollback() }() // no-op after the commit
	if version == 0 {
		if _, err := txn.ExecContext(ctx, schema); err != nil {
			return err
		}
		if _, err := txn.ExecContext(ctx, "INSERT INTO meta VALUES ('partitions', ?)", strconv.Itoa(s.o.Partitions)); err != nil {
			return err
		}
	}
	for i, step := range []string{schemaComebacks, schemaLadders, schemaShelves, schemaJoins} {
		if version >= i+2 {
			continue
		}
		if _, err := txn.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if _, err := txn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	return txn.Commit()
}

func (s *Store) checkPartitions(ctx context.Context, conn *sql.Conn) error {
	var made int
	if err := conn.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'partitions'").Scan(&made); err != nil {
		return fmt.Errorf("reading the number of partitions: %w", err)
	}
	if made != s.o.Partitions {
		return fmt.Errorf("%w: the store was made with %d and %d are set; set %d", store.ErrPartitions, made, s.o.Partitions, made)
	}
	return nil
}

// mark writes the marker, and makes it and the file's name itself durable.
func (s *Store) mark() error {
	if _, err := os.Stat(s.marker()); err == nil {
		return nil
	}
	if err := os.WriteFile(s.marker(), []byte("SQLite, see "+fileName+"\n"), 0o600); err != nil {
		return err
	}
	for _, path := range []string{s.marker(), filepath.Dir(s.path), filepath.Dir(filepath.Dir(s.path))} {
		if err := syncPath(path); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path) //nolint:gosec // the data folder and what is in it
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// versionOf returns the version of a file's schema, 0 for one without. One above the newest that is known
// is an error.
func versionOf(ctx context.Context, conn *sql.Conn, path string, newest int) (version int, err error) {
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	if version > newest {
		return 0, fmt.Errorf("%s has schema %d and this program knows %d: it was written by a newer one", path, version, newest)
	}
	return version, nil
}
