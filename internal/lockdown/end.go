package lockdown

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	lookEvery   = time.Second
	tryEvery    = 10 * time.Minute // a lock that still stands so long after its end is ended anew
	overdue     = 5 * time.Minute  // after its end, a lock that still stands is an error
	mostCases   = 100              // in one call of the store
	mostRenewed = 100              // locks in one look
)

// Run ends lockdowns whose time has come until the context ends. It looks every second; now is the
// clock that tells whether a lock has ended.
func (k *Keeper) Run(ctx context.Context, now func() time.Time) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	w := watch{k: k}
	for {
		w.look(ctx, now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watch is what Run remembers between two looks. It spares the store repeats and the log noise; all
// that matters is stored.
type watch struct {
	k       *Keeper
	tried   map[string]chat.CaseID // the last case that was stored, by key of the lock
	told    map[string]chat.CaseID // the last case that was told of as overdue, by key
	broken  map[string]bool        // locks that cannot be read
	failing bool
}

// look reads all locks once, ends those whose time has come and keeps all from being forgotten.
func (w *watch) look(ctx context.Context, now time.Time) {
	err := w.end(ctx, now)
	switch {
	case ctx.Err() != nil:
	case err != nil && !w.failing:
		w.k.cfg.Log.Warn("lockdowns cannot be ended, trying again until they can", "error", err)
	case err == nil && w.failing:
		w.k.cfg.Log.Info("lockdowns can be ended again")
	}
	w.failing = err != nil
}

func (w *watch) end(ctx context.Context, now time.Time) error {
	memos, err := w.k.cfg.Store.Memos(ctx, memoKind)
	if err != nil {
		return fmt.Errorf("reading locks: %w", err)
	}
	w.k.lockdowns.Set(float64(len(memos)))
	before := *w
	w.tried, w.told, w.broken = map[string]chat.CaseID{}, map[string]chat.CaseID{}, map[string]bool{}
	var due []chat.Case
	var keys []string
	renewed := 0
	for _, m := range memos {
		var l chat.Lock
		if err := json.Unmarshal(m.Body, &l); err != nil {
			if w.broken[m.Key] = true; !before.broken[m.Key] {
				w.k.cfg.Log.Error("a lock cannot be read: the group's settings must be restored by hand", "lock", m.Key, "error", err)
			}
			continue
		}
		if renewed < mostRenewed && m.Expires.Sub(now) < keepLock/2 {
			renewed++
			w.renew(ctx, m, &l, now)
		}
		if l.Until.IsZero() || l.Until.After(now) {
			continue
		}
		c := ending(&l, now)
		if late := now.Sub(l.Until); late > overdue {
			if w.told[m.Key] = c.ID; before.told[m.Key] != c.ID {
				w.k.cfg.Log.Error("a lockdown is overdue", "provider", l.Group.Provider, "group", l.Group.ID,
					"rule", l.Rule, "case", l.Case, "late", late.Round(time.Second))
			}
		}
		if before.tried[m.Key] == c.ID {
			w.tried[m.Key] = c.ID
		} else {
			due, keys = append(due, c), append(keys, m.Key)
		}
	}
	return w.commit(ctx, due, keys)
}

// commit stores cases, those of the locks with these keys.
func (w *watch) commit(ctx context.Context, due []chat.Case, keys []string) error {
	for len(due) > 0 {
		n := min(len(due), mostCases)
		done, err := w.k.cfg.Store.Commit(ctx, due[:n])
		if err != nil {
			return fmt.Errorf("storing the ends of %d lockdowns: %w", n, err)
		}
		for i, c := range due[:n] {
			if i < len(done) && (done[i].Known || done[i].Queued > 0) {
				w.tried[keys[i]] = c.ID
			}
			if i < len(done) && !done[i].Known {
				w.k.cfg.Log.Info("lockdown ends", "case", c.ID, "code", c.Code, "of", c.Of,
					"provider", c.Event.Provider, "group", c.Event.Group.ID, "rule", c.Intents[0].Rule)
			}
		}
		due, keys = due[n:], keys[n:]
	}
	return nil
}

// renew keeps a lock from being forgotten while it stands.
func (w *watch) renew(ctx context.Context, m chat.Memo, l *chat.Lock, now time.Time) {
	m.Version++
	m.Expires = expiry(l, now)
	if err := w.k.cfg.Store.SaveMemo(ctx, m); err != nil {
		w.k.cfg.Log.Debug("renewing a lock", "group", l.Group.ID, "error", err)
	}
}

// ending returns the case that ends a lockdown whose time has come. It is the same for all replicas
// until the next try is due, and another one when the lockdown was extended.
func ending(l *chat.Lock, now time.Time) chat.Case {
	parts := []string{"unlock", string(l.Group.Provider), string(l.Group.Account), string(l.Group.ID), l.Until.UTC().Format(time.RFC3339Nano)}
	if try := int(now.Sub(l.Until) / tryEvery); try > 0 {
		parts = append(parts, strconv.Itoa(try))
	}
	id := chat.CaseID(chat.Digest(parts...))
	return chat.Case{
		ID: id, Code: id.Code(), Of: l.Case,
		Event: chat.Event{
			At: l.Until, Group: l.Group, GroupType: l.GroupType, ID: chat.EventID(id), Kind: chat.Message, Received: now,
		},
		Intents: []chat.Intent{{Kind: chat.Unlock, Rule: l.Rule, Until: l.Until}},
	}
}
