package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/sqlite"
	"github.com/groupguard/groupguard/internal/webhook"
)

// pingTimeout bounds what a look at the service's health waits for the store, as long as the spool has room.
// Those who look wait for a second or two.
const pingTimeout = 300 * time.Millisecond

// openSpool opens the spool of a bot on Redis. The embedded store needs none: it is on the same disk. What
// was accepted while there was one is not left behind when it is switched off: it is judged, or the bot
// does not start.
func (a *App) openSpool() error {
	on := a.cfg.RedisURL != "" && a.cfg.SpoolMax > 0
	if !on && !sqlite.HasSpool(a.cfg.DataDir) {
		return nil
	}
	most := a.cfg.SpoolMax
	if !on {
		most = 0
	}
	disk, err := sqlite.OpenSpool(a.cfg.DataDir, most)
	if err != nil {
		return fmt.Errorf("opening the spool (BOT_DATA_DIR says where it is, and BOT_SPOOL_MAX=0 switches it off): %w", err)
	}
	n := disk.Depth().Entries
	switch {
	case on || a.cfg.RedisURL != "" && n > 0:
		a.disk = disk
		return nil
	case n > 0:
		err = fmt.Errorf("%d accepted events wait for Redis in the spool in %s: start once more with BOT_REDIS_URL to have them judged, or choose another BOT_DATA_DIR", n, a.cfg.DataDir)
	}
	// Nobody does this later, as long as there is no spool. A disk that is full must not keep the bot from its start.
	if _, old := disk.Forget(context.Background(), time.Now().Add(-a.cfg.EvidenceFor)); old != nil {
		a.log.Warn("texts may be left in a spool that is switched off", "folder", a.cfg.DataDir, "err", old)
	}
	return errors.Join(err, disk.Close())
}

// spooling puts the spool, where there is one, before a handler.
func (a *App) spooling(next webhook.Handler, panics prometheus.Counter) webhook.Handler {
	if a.disk == nil {
		spool.RegisterNone(a.registry)
		return next
	}
	a.spool = spool.New(spool.Config{
		Next: next, Disk: a.disk, Away: away, Stored: a.store.stored.Load, Unjudged: a.unjudged,
		Failed: func(err error) {
			if errors.Is(err, store.ErrFatal) {
				a.store.fail(err)
			}
		},
		KeepText: a.cfg.EvidenceFor, Now: time.Now, Metrics: a.registry, Panics: panics, Log: a.log,
	})
	return a.spool
}

// cases is the store that events are judged with.
func (a *App) cases() pipeline.Store {
	if a.disk == nil {
		return a.store
	}
	return forgiving{a.store, func(ctx context.Context, events []chat.Event) ([]bool, error) { return a.spool.CameBack(ctx, events) }}
}

// away tells whether an error says that Redis cannot serve now, whatever it is asked.
func away(err error) bool {
	for _, e := range []error{redis.ErrUnavailable, redis.ErrSetup, store.ErrClosed, store.ErrPartitions, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unjudged answers an asked event that cannot be judged now. A dry run refuses nobody.
func (a *App) unjudged(e *chat.Event) chat.Verdict {
	if a.cfg.DryRun {
		return chat.Verdict{}
	}
	return a.rules.rules().Unjudged(e, a.guard.Paused)
}

// refusing returns why events would be refused. The store is asked only when the spool is of no use, so that
// one that hangs does not make the bot look as if it did.
func (a *App) refusing(ctx context.Context) []string {
	why, d := a.spool.Refusing(), a.spool.Depth()
	if why == nil && d.Bytes >= d.Most {
		why = spool.ErrFull
	}
	if why == nil || a.store.Ping(ctx) == nil { // what the spool does not take goes to the store, then
		return nil
	}
	return []string{"neither Redis nor the spool takes events: " + why.Error()}
}

// spoolDegraded returns what is not as it should be as long as events can wait on disk.
func (a *App) spoolDegraded() (why []string) {
	if a.spool == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		why = append(why, "Redis does not answer, events wait on disk: "+err.Error())
	}
	if n := a.spool.Depth().Entries; n > 0 {
		why = append(why, fmt.Sprintf("%d events wait on disk to be judged", n))
	}
	return why
}
