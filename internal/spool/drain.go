package spool

import (
	"context"
	"time"
)

// How the disk is emptied.
const (
	pageEntries = 512
	pageBytes   = 8 << 20 // of a page in memory
	firstPause  = 50 * time.Millisecond
	longPause   = time.Second     // between two tries while the store is away
	callTimeout = 5 * time.Second // for one call of Next
	forgetEvery = time.Minute     // how often texts are looked for that may be kept no longer
	maxTries    = 5               // of an entry that fails for a reason of its own
	maxTracked  = 10_000          // entries whose tries are counted at the same time
)

// drain is what Run knows. Nothing of it is needed after a restart.
type drain struct {
	run       int // events of a group that are handed on at once
	judged    int // entries so far
	failed    map[int64]tries
	forgotten time.Time // when old texts were last looked for
}

// tries are the failures of one entry.
type tries struct {
	n      int
	stored uint64 // Config.Stored at the last one
	judged int    // drain.judged at the last one
}

func newDrain() drain { return drain{run: 1, failed: map[int64]tries{}} }

// Run judges what waits until the context ends. What is left then stays on the disk.
func (s *Spool) Run(ctx context.Context) {
	if n := s.Depth().Entries; n > 0 {
		s.mu.Lock()
		s.outage = outage{since: s.cfg.Now(), spooled: int(n)}
		s.mu.Unlock()
		s.cfg.Log.Warn("events of the run before wait on disk", "entries", n)
	}
	pause := firstPause
	for ctx.Err() == nil {
		s.forget(ctx)
		away := s.pass(ctx)
		switch {
		case away:
			pause = min(2*pause, longPause)
			s.rest(ctx, pause, nil)
		case s.Depth().Entries > 0: // what failed for a reason of its own
			pause = min(2*pause, longPause)
			s.rest(ctx, pause, s.wake)
		default:
			pause = firstPause
			s.rest(ctx, forgetEvery, s.wake)
		}
	}
}

// rest waits for a time, or until it is woken.
func (s *Spool) rest(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-wake:
	}
}

// pass goes once through what waits, from the oldest on. It returns true when the store is away. The
// first entry goes alone: it is how a store that is away is found to be back.
func (s *Spool) pass(ctx context.Context) (away bool) {
	after, most := int64(0), 1
	for ctx.Err() == nil {
		page, err := s.cfg.Disk.Next(ctx, after, most, pageBytes)
		if err != nil {
			s.broken(ctx, err)
			return true
		}
		if len(page) == 0 {
			s.ended()
			return false
		}
		r := s.judge(ctx, page)
		if err := s.settle(context.WithoutCancel(ctx), &r); err != nil {
			s.broken(ctx, err)
			return true
		}
		if r.away {
			s.drain.run = 1
			return true
		}
		s.drain.run = min(2*s.drain.run, maxRun)
		after, most = page[len(page)-1].ID, pageEntries
	}
	return true
}

// settle removes what was judged and sets aside what was tried too often.
func (s *Spool) settle(ctx context.Context, r *result) error {
	if len(r.done) > 0 {
		if err := s.cfg.Disk.Done(ctx, r.done); err != nil {
			return err
		}
		for _, id := range r.done {
			delete(s.drain.failed, id)
		}
		s.drain.judged += len(r.done)
		s.metrics.judged.Add(float64(len(r.done)))
		s.count(len(r.done), 0)
	}
	for i := range r.failed {
		f := &r.failed[i]
		if !s.hopeless(f) {
			continue
		}
		if err := s.cfg.Disk.GiveUp(ctx, f.id, f.why); err != nil {
			return err
		}
		delete(s.drain.failed, f.id)
		s.metrics.givenUp.Inc()
		s.count(0, 1)
		s.cfg.Log.Error("an event was given up: it fails each time although others are judged",
			"entry", f.id, "provider", f.provider, "kind", f.kind, "why", f.why)
	}
	return nil
}

// hopeless counts a failure and tells whether it was the last one. A failure counts when others fared
// better since the one before: the store has taken something, if it may be the reason, or else anything
// was judged.
func (s *Spool) hopeless(f *failure) bool {
	t, known := s.drain.failed[f.id]
	if f.cause == nobody || !known && len(s.drain.failed) >= maxTracked {
		return false
	}
	now := tries{t.n, s.cfg.Stored(), s.drain.judged}
	if !known || (now.stored > t.stored || f.cause == itself && now.judged > t.judged) {
		now.n++
	}
	s.drain.failed[f.id] = now
	return now.n >= maxTries
}

// forget lets texts go that may be kept no longer.
func (s *Spool) forget(ctx context.Context) {
	now := s.cfg.Now()
	if s.cfg.KeepText <= 0 || now.Sub(s.drain.forgotten) < forgetEvery {
		return
	}
	s.drain.forgotten = now
	n, err := s.cfg.Disk.Forget(ctx, now.Add(-s.cfg.KeepText))
	if err != nil {
		s.broken(ctx, err)
	}
	if n > 0 {
		s.metrics.givenUp.Add(float64(n))
		s.count(0, n)
		s.cfg.Log.Error("events were given up: they have waited for as long as message text may be kept",
			"events", n, "keep", s.cfg.KeepText)
	}
}

// count adds to what the log tells at the end.
func (s *Spool) count(judged, givenUp int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage.judged += judged
	s.outage.givenUp += givenUp
}

// ended tells that nothing waits any more.
func (s *Spool) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage.since.IsZero() || s.waiting() {
		return
	}
	o := s.outage
	s.outage = outage{}
	s.refusing.Store(nil)
	clear(s.drain.failed)
	s.cfg.Log.Info("the store takes events again: none waits on disk", "spooled", o.spooled, "judged", o.judged,
		"given_up", o.givenUp, "took", s.cfg.Now().Sub(o.since).Round(time.Millisecond))
}

// broken tells of an error of the disk.
func (s *Spool) broken(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.cfg.Log.Error("the spool cannot be read or changed", "err", err)
	s.cfg.Failed(err)
}
