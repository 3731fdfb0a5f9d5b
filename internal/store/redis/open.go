package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Times of the client. A webhook's answer waits 800 ms for the store; its own context ends its wait
// by then, and these end what is left behind soon after.
const (
	dialTimeout  = 500 * time.Millisecond
	replyTimeout = time.Second
	flushTimeout = 2 * time.Second // one group commit, with its retries
	blockTime    = time.Second     // one wait for queue entries
	closeTimeout = time.Second
	logEvery     = 10 * time.Second
	openTimeout  = 2 * time.Second // the look at Redis that Open takes
)

// spareConns are the connections beyond those that wait for queue entries.
const spareConns = 32

// Store keeps everything in Redis. It is safe for concurrent use.
type Store struct {
	client   goredis.UniversalClient
	scripts  scripts
	o        store.Options
	replicas int // that must hold what matters before it is answered
	log      *slog.Logger
	losses   [2]*losses // of dead and of held letters
	secrets  []string
	consumer string // names this process among the consumers
	observes []*store.Batcher[looks, []any]
	commits  []*store.Batcher[[]entry, []string]
	checked  atomic.Bool // the number of partitions was compared
	tidied   []atomic.Bool
	closed   atomic.Bool
	once     sync.Once
}

var _ store.Store = (*Store)(nil)

// Open returns a store on the Redis of a URL (redis://, rediss://, redis+sentinel://,
// redis+cluster://). What is committed, done with a memo or taken off a shelf is
// answered when waitReplicas replicas hold it, too.
//
// Redis need not be there: then every call fails with ErrUnavailable until it is, and Opened tells when
// it was first reached. One that cannot be used is an error, here or at the first call that reaches it:
// it was filled with another number of partitions (store.ErrPartitions), or it refuses the password, the
// rights or the database that the URL names, or it is too old (ErrSetup).
//
// The client's own messages go to log from now on, for every client of this process.
func Open(ctx context.Context, url string, waitReplicas int, o store.Options, log *slog.Logger) (*Store, error) {
	co, secrets, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	lua, err := loadScripts()
	if err != nil {
		return nil, err
	}
	o = o.Defaults()
	configure(co, o.Partitions)
	logTo(log, secrets)
	s := &Store{
		client: goredis.NewUniversalClient(co), scripts: lua, o: o, replicas: max(waitReplicas, 0),
		log: log, secrets: secrets, consumer: consumerName(),
		observes: make([]*store.Batcher[looks, []any], o.Partitions),
		commits:  make([]*store.Batcher[[]entry, []string], o.Partitions),
		tidied:   make([]atomic.Bool, o.Partitions),
	}
	for i, shelf := range []actions.Shelf{actions.DeadShelf, actions.HeldShelf} {
		s.losses[i] = &losses{shelf: shelf, log: log, every: logEvery, now: time.Now}
	}
	for part := range o.Partitions {
		s.observes[part] = store.NewBatcher(store.BatchConfig[looks]{Size: looks.size}, s.flushObserve(part))
		s.commits[part] = store.NewBatcher(
			store.BatchConfig[[]entry]{MaxOps: maxCases, Size: func(e []entry) int { return len(e) }}, s.flushCommit(part))
	}
	looking, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err := s.ready(looking); errors.Is(err, store.ErrPartitions) || errors.Is(err, ErrSetup) {
		return nil, errors.Join(err, s.Close()) //nolint:contextcheck // closing has a time limit of its own
	} else if err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "redis is out of reach at start", slog.String("error", err.Error()))
	}
	return s, nil
}

// configure sets what does not come from the URL.
func configure(co *goredis.UniversalOptions, partitions int) {
	co.ClientName = "groupguard"
	co.ContextTimeoutEnabled = true
	co.DialTimeout, co.ReadTimeout, co.WriteTimeout = dialTimeout, replyTimeout, replyTimeout
	co.PoolTimeout = replyTimeout
	co.DialerRetries, co.DialerRetryTimeout = 1, 10*time.Millisecond
	co.MaxRetries, co.MinRetryBackoff, co.MaxRetryBackoff = 3, 10*time.Millisecond, 200*time.Millisecond
	co.MaxRedirects = 8
	co.PoolSize = partitions + spareConns
	co.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// consumerName is unique for this process: what a former process of this host and ID held is not
// ours, because nobody here works on it.
func consumerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "-" + strconv.Itoa(os.Getpid()) + "-" + rand.Text()[:8]
}

// ready compares the number of partitions with the recorded one, once: entries of another number
// would not be found.
func (s *Store) ready(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	if s.checked.Load() {
		return nil
	}
	const op = "compare the number of partitions"
	if err := s.client.SetNX(ctx, metaKey, s.o.Partitions, 0).Err(); err != nil {
		return s.wrap(err, op)
	}
	have, err := s.client.Get(ctx, metaKey).Int()
	if err != nil {
		return s.wrap(err, op)
	}
	if have != s.o.Partitions {
		return fmt.Errorf("%w: redis was filled with %d partitions, the setting says %d (set it back, or use an empty redis)",
			store.ErrPartitions, have, s.o.Partitions)
	}
	if err := s.young(ctx); err != nil {
		return err
	}
	s.checked.Store(true)
	return nil
}

// young refuses a Redis that says that it is too old. One that does not say is tried.
func (s *Store) young(ctx context.Context) error {
	info, err := s.client.Info(ctx, "server").Result()
	if err != nil {
		return nil //nolint:nilerr // INFO may be forbidden; Warnings tells
	}
	if version := infoField(info, "redis_version"); version != "" && !atLeast(version, 6, 2) {
		return fmt.Errorf("%w: its version %s is older than 6.2: upgrade it, claims need XAUTOCLAIM", ErrSetup, version)
	}
	return nil
}

// Opened tells whether Redis was reached once and is what it should be.
func (s *Store) Opened() bool { return s.checked.Load() }

// Ping returns nil when Redis answers and takes writes.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	// A write, since a Redis that is full, read-only or short of replicas still answers reads.
	return s.wrap(s.client.SetNX(ctx, metaKey, s.o.Partitions, 0).Err(), "ping redis")
}

// Close finishes what is under way and closes the connections. What this process has claimed and
// not settled is claimed by others when the lease runs out.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		s.closed.Store(true)
		var wait sync.WaitGroup
		for part := range s.o.Partitions {
			wait.Go(s.observes[part].Close)
			wait.Go(s.commits[part].Close)
		}
		wait.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		s.leave(ctx)
		for _, l := range s.losses {
			l.flush(ctx)
		}
		if cerr := s.client.Close(); cerr != nil {
			err = s.wrap(cerr, "close redis")
		}
	})
	return err
}
