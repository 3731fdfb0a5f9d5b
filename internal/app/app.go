package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/guard"
	"github.com/groupguard/groupguard/internal/heartbeat"
	"github.com/groupguard/groupguard/internal/lockdown"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/provider/tencent"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/sqlite"
	"github.com/groupguard/groupguard/internal/webhook"
)

// defaultLease is how long a claim on an action holds. A process that was killed leaves its claims
// for others after that time.
const defaultLease = 15 * time.Second

// Options are what a caller may put in place of the usual parts.
type Options struct {
	Version string
	Log     *slog.Logger
	// CAMSKeys signs the calls to CAMS; nil: the credentials chain of the environment.
	CAMSKeys cams.Keys
	// Lease is how long a claim on an action holds when nobody renews it; zero: 15 s.
	Lease time.Duration
	// Warnings are those of the settings, which the doctor repeats.
	Warnings []config.Problem
	// Decided and Settled, when not nil, are told of new cases and of stored outcomes. They must
	// not block.
	Decided func(chat.Case, chat.Committed)
	Settled func(actions.Settlement)
	// Watched, when not nil, is told of what rules in shadow fit, and Reread of each change of the rules
	// files: how many rules are in force now, or an error that wraps ErrRules. They must not block.
	Watched func(chat.Event, chat.Match)
	Reread  func(rules int, err error)
}

// App is the service.
type App struct {
	cfg      config.Config
	options  Options
	log      *slog.Logger
	registry *prometheus.Registry
	store    *guarded
	rules    *rulebook

	accounts   map[chat.Provider]actions.Account
	callers    map[chat.Provider]*provider.Caller
	codecs     []webhook.Codec
	handler    webhook.Handler // the pipeline, with the recorder before it
	recorder   *recorder       // nil: nothing is recorded
	guard      *guard.Guard
	locks      *lockdown.Keeper
	dispatcher *actions.Dispatcher
	roster     *cams.Roster    // nil when CAMS is off
	cams       *cams.Client    // nil when CAMS is off
	tencent    *tencent.Sender // nil when Tencent is off
	desk       *desk.Desk
	heart      *heartbeat.Heart
	disk       *sqlite.Spool // nil: there is no spool
	spool      *spool.Spool  // nil: there is none
	webhooks   *webhook.Server
	admin      *admin.Server

	hooksAt, adminAt net.Listener
	stopping         atomic.Bool
}

// New opens the store, loads the rules, and listens; nothing is served before Run. On an error
// everything is closed again. Rules with an error wrap ErrRules.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	a := &App{cfg: cfg, options: o, log: o.Log, registry: newRegistry(o.Version, &cfg), accounts: map[chat.Provider]actions.Account{}, callers: map[chat.Provider]*provider.Caller{}}
	a.rules = newRulebook(cfg.Rules, a.registry, o.Log)
	a.rules.told = o.Reread
	if err := a.rules.reload(); err != nil {
		return nil, err
	}
	if err := a.openSpool(); err != nil {
		return nil, err
	}
	s, err := openStore(ctx, cfg, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), a.close())
	}
	a.store = watched(s, a.registry)
	a.registry.MustRegister(newQueueCollector(s))
	if err := errors.Join(a.connect(), a.listen()); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// connect builds the providers' sides and what stands between them.
func (a *App) connect() error {
	panics := newPanics(a.registry)
	a.locks = lockdown.New(lockdown.Config{Store: a.store, Metrics: a.registry, Log: a.log})
	a.guard = guard.New(guard.Config{
		Rules: a.rules.rules, Store: a.store, Size: a.size, Metrics: a.registry, Log: a.log,
	})
	if a.cfg.Tencent.On() {
		if err := a.addTencent(); err != nil {
			return fmt.Errorf("connecting Tencent: %w", err)
		}
	}
	if a.cfg.CAMS.On() {
		if err := a.addCAMS(); err != nil {
			return fmt.Errorf("connecting CAMS: %w", err)
		}
	}
	a.addHeart()
	a.dispatcher = actions.New(actions.Config{
		Queue: a.store, Accounts: a.accounts, Guard: a.guard, CameBack: a.store.CameBack, Lease: a.options.Lease, DryRun: a.cfg.DryRun, Drain: a.cfg.ShutdownTimeout / 2,
		Metrics: a.registry, Panics: panics, Log: a.log, Settled: a.settled,
	})
	a.handler = pipeline.New(pipeline.Config{
		Store: a.cases(), Rules: a.rules.rules, Count: a.dispatcher.Count,
		Staff: a.staff, Paused: a.guard.Paused, Kept: a.store.Record, DryRun: a.cfg.DryRun, Metrics: a.registry, Log: a.log, Now: time.Now, Decided: a.options.Decided,
		Watched: a.options.Watched,
	})
	if a.cfg.Record != "" {
		r, err := openRecorder(a.cfg.Record, a.registry, a.log)
		if err != nil {
			return err
		}
		a.recorder, a.handler = r, recording{a.handler, r}
	}
	hearing, err := a.hearing(learning{a.handler, a.roster, a.tencent, a.log, a.disk != nil})
	if err != nil {
		return err
	}
	a.webhooks = webhook.New(webhook.Config{
		Codecs: a.codecs, Handler: a.spooling(hearing, panics), Now: time.Now, Metrics: a.registry, Panics: panics, Log: a.log,
	})
	a.addAdmin()
	return nil
}

// listen opens both ports.
func (a *App) listen() (err error) {
	if a.hooksAt, err = net.Listen("tcp", a.cfg.Listen); err != nil {
		return fmt.Errorf("opening the webhook port %s (BOT_LISTEN): %w", a.cfg.Listen, err)
	}
	if a.adminAt, err = net.Listen("tcp", a.cfg.AdminListen); err != nil {
		return fmt.Errorf("opening the admin port %s (BOT_ADMIN_LISTEN): %w", a.cfg.AdminListen, err)
	}
	return nil
}

// close lets go of what New opened.
func (a *App) close() error {
	var errs []error
	for _, l := range []net.Listener{a.hooksAt, a.adminAt} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if a.recorder != nil {
		errs = append(errs, a.recorder.close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.disk != nil {
		errs = append(errs, a.disk.Close())
	}
	return errors.Join(errs...)
}

// WebhookAddr is the address that the webhook port listens on.
func (a *App) WebhookAddr() string { return a.hooksAt.Addr().String() }

// AdminAddr is the address that the admin port listens on.
func (a *App) AdminAddr() string { return a.adminAt.Addr().String() }

// Reload reads the rules again. Problems wrap ErrRules, and the former rules stay in force.
func (a *App) Reload() error { return a.rules.reload() }

// notReady returns why the service cannot take events durably now.
func (a *App) notReady(ctx context.Context) []string {
	var why []string
	if a.stopping.Load() {
		why = append(why, "the bot is stopping")
	}
	if a.spool != nil {
		return append(why, a.refusing(ctx)...)
	}
	if err := a.store.Ping(ctx); err != nil {
		why = append(why, "the store does not answer: "+err.Error())
	}
	return why
}

// deskConfig is the configuration of the operator's desk beside the running service.
func (a *App) deskConfig() desk.Config {
	c := deskConfig(a.cfg, a.store, a.rules.rules)
	c.InForce = true
	return c
}

// degraded returns what the service cannot do for now although it takes events.
func (a *App) degraded() []string {
	why := a.spoolDegraded()
	for _, p := range a.dispatcher.Broken() {
		why = append(why, "calls to "+string(p)+" fail: its actions wait")
	}
	return append(why, a.lacking()...)
}

// lacking returns what the providers keep from the service, as far as calls that were made anyway have shown.
func (a *App) lacking() []string {
	var why []string
	for _, p := range slices.Sorted(maps.Keys(a.callers)) {
		if a.callers[p].IsRefused() {
			why = append(why, string(p)+" refuses our credentials, or there are none: see bot doctor")
		}
	}
	if a.roster != nil && a.roster.Blind() {
		why = append(why, "no member list of a WhatsApp group can be read: nobody notices who joins without a word")
	}
	return why
}

// learning hands events on and lets the roster learn from them.
type learning struct {
	handler webhook.Handler
	roster  *cams.Roster    // nil when CAMS is off
	tencent *tencent.Sender // nil when Tencent is off
	log     *slog.Logger
	spooled bool // what cannot be handled now is handed in again
}

// Handle implements webhook.Handler. Joins that the bot itself has caused are not judged. The roster hears
// of joins and leaves only when they were judged: it must find those again that were not.
func (l learning) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	if l.tencent != nil {
		ours, err := l.tencent.Readmitted(ctx, events)
		if err != nil && l.spooled {
			return nil, err
		}
		if err != nil {
			l.log.Warn("joins may be judged that the bot has caused itself", "err", err)
		}
		for i := range ours {
			events[i].Trusted = events[i].Trusted || ours[i]
		}
	}
	verdicts, err := l.handler.Handle(ctx, events)
	if l.roster == nil {
		return verdicts, err
	}
	for i := range events {
		l.roster.Learn(events[i].Group) // its own groups only
	}
	if err == nil {
		l.roster.Heard(events)
	}
	return verdicts, err
}
