package lockdown

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// memoKind is the kind of the memos that hold locks.
const memoKind = "lock"

const (
	keepLock = 30 * 24 * time.Hour  // after its end, and renewed while it stands
	keepOpen = 365 * 24 * time.Hour // a lock without an end, renewed too
)

// Store keeps memos and takes cases.
type Store interface {
	// Memos returns the memos of a kind that have not expired.
	Memos(ctx context.Context, kind string) ([]chat.Memo, error)
	// SaveMemo stores a memo one version above the stored one, or fails.
	SaveMemo(ctx context.Context, m chat.Memo) error
	// DropMemo removes a memo of this version; one that is not there, or has changed, is left alone.
	DropMemo(ctx context.Context, kind, key string, version int64) error
	// Commit stores cases and queues their actions. A case that is known is stored no second time.
	Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error)
}

// errChanged is the error of a lock that is not the one that was read.
var errChanged = errors.New("the lock was changed by somebody else")

// Config is what a Keeper is made of.
type Config struct {
	Store   Store
	Metrics prometheus.Registerer
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
}

// Keeper keeps locks. It is safe for concurrent use.
type Keeper struct {
	cfg       Config
	lockdowns prometheus.Gauge
}

// New returns a Keeper and registers its metric.
func New(c Config) *Keeper {
	if c.Now == nil {
		c.Now = time.Now
	}
	k := &Keeper{cfg: c, lockdowns: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "groupguard_lockdowns",
		Help: "Groups in lockdown.",
	})}
	c.Metrics.MustRegister(k.lockdowns)
	return k
}

// Lock returns the lock of a group and its version; version 0 says that there is none.
func (k *Keeper) Lock(ctx context.Context, g chat.Group) (chat.Lock, int64, error) {
	memos, err := k.cfg.Store.Memos(ctx, memoKind)
	if err != nil {
		return chat.Lock{}, 0, fmt.Errorf("reading the lock of group %q: %w", g.ID, err)
	}
	for _, m := range memos {
		if m.Key != keyOf(g) {
			continue
		}
		var l chat.Lock
		if err := json.Unmarshal(m.Body, &l); err != nil {
			return chat.Lock{}, 0, fmt.Errorf("reading the lock of group %q: %w", g.ID, err)
		}
		return l, m.Version, nil
	}
	return chat.Lock{}, 0, nil
}

// SaveLock stores the lock of l.Group in place of the version that was read (0: there was none). The
// stored lock has the next version. It is an error when the stored one is another by now.
func (k *Keeper) SaveLock(ctx context.Context, l chat.Lock, version int64) error {
	body, err := json.Marshal(l)
	if err == nil {
		err = k.cfg.Store.SaveMemo(ctx, chat.Memo{
			Kind: memoKind, Key: keyOf(l.Group), Version: version + 1, Body: body, Expires: expiry(&l, k.cfg.Now()),
		})
	}
	if err != nil {
		return fmt.Errorf("storing the lock of group %q: %w", l.Group.ID, err)
	}
	return nil
}

// DropLock removes a group's lock, of which that version was read. It is an error when the stored one
// is another by now.
func (k *Keeper) DropLock(ctx context.Context, g chat.Group, version int64) error {
	if err := k.cfg.Store.DropMemo(ctx, memoKind, keyOf(g), version); err != nil {
		return fmt.Errorf("removing the lock of group %q: %w", g.ID, err)
	}
	switch _, left, err := k.Lock(ctx, g); { // a store leaves a lock that has changed
	case err != nil:
		return err
	case left != 0:
		return fmt.Errorf("removing the lock of group %q: %w", g.ID, errChanged)
	}
	return nil
}

func keyOf(g chat.Group) string {
	return chat.Digest("lock", string(g.Provider), string(g.Account), string(g.ID))
}

// expiry returns when a lock may be forgotten. One that should have ended long ago is kept: as long as
// it is there, so is what it changed.
func expiry(l *chat.Lock, now time.Time) time.Time {
	if l.Until.IsZero() {
		return now.Add(keepOpen)
	}
	if l.Until.Before(now) {
		return now.Add(keepLock)
	}
	return l.Until.Add(keepLock)
}
