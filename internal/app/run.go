package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run serves until the context ends or a part fails for good, and then stops everything in the
// reverse order: no new webhooks, requests in progress end, calls in flight end and are settled,
// the rest stays in the queue. It returns within the shutdown timeout, nil after a clean stop.
func (a *App) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	var servers, workers sync.WaitGroup
	servers.Go(func() { report(failed, "webhook port", a.webhooks.Serve(a.hooksAt)) })
	servers.Go(func() { report(failed, "admin port", a.admin.Serve(a.adminAt)) })

	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	workers.Go(func() { a.dispatcher.Run(work) })
	workers.Go(func() { a.awaitRedis(work) })
	if a.spool != nil {
		workers.Go(func() { a.spool.Run(work) })
	}
	workers.Go(func() { a.rules.watch(work) })
	workers.Go(func() { a.guard.Run(work) })
	workers.Go(func() { a.locks.Run(work, time.Now) })
	if a.roster != nil {
		workers.Go(func() { a.roster.Run(work) })
	}
	beating, stopHeart := context.WithCancel(work)
	workers.Go(func() { a.heart.Run(beating, a.WebhookAddr()) })
	a.log.Info("serving", "webhooks", a.WebhookAddr(), "admin", a.AdminAddr(), "store", a.storeName(), "dry_run", a.cfg.DryRun)

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	case cause = <-a.store.failed:
		cause = fmt.Errorf("stopping, since the store failed: %w", cause)
	}
	stopHeart() // before the port that it sends to
	return errors.Join(cause, a.stop(stopWork, &servers, &workers))
}

// stop ends the parts in order. Webhooks get a quarter of the time, calls in flight half of it.
func (a *App) stop(stopWork func(), servers, workers *sync.WaitGroup) error {
	start := time.Now()
	a.stopping.Store(true)
	a.log.Info("stopping", "timeout", a.cfg.ShutdownTimeout)
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.ShutdownTimeout/4)
	defer cancel()
	hooks := a.webhooks.Shutdown(ctx)
	stopWork()
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(a.cfg.ShutdownTimeout - time.Since(start)):
		return errors.New("the stop took too long: what was not settled is done again at the next start")
	}
	adminStop, cancelAdmin := context.WithTimeout(context.Background(), time.Second)
	defer cancelAdmin()
	err := errors.Join(hooks, a.admin.Shutdown(adminStop))
	servers.Wait()
	err = errors.Join(err, a.close())
	a.log.Info("stopped", "took", time.Since(start).Round(time.Millisecond))
	return err
}

func (a *App) storeName() string {
	if a.cfg.RedisURL == "" {
		return "embedded in " + a.cfg.DataDir
	}
	return "redis"
}

func report(to chan<- error, what string, err error) {
	if err != nil {
		to <- fmt.Errorf("%s: %w", what, err)
	}
}
