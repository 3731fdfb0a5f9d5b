package spool

import (
	"context"
	"time"
)

// How the disk is emptied.
const (
	firstPause  = 50 * time.Millisecond
	partPause   = 200 * time.Millisecond // while some groups cannot be served
	longPause   = time.Second            // between two tries while the store is away
	forgetEvery = time.Minute            // how often texts are looked for that may be kept no longer
)

// drain is what Run knows. Nothing of it is needed after a restart.
type drain struct {
	run       int    // events of a group that are handed on at once
	judged    uint64 // entries so far
	failed    map[int64]tries
	done      map[int64]struct{} // judged, and on the disk all the same: they are not judged again
	unremoved bool               // the disk does not remove them now
	shut      shut
	age       age
	began     time.Time
	forgotten time.Time // when old texts were last looked for
}

func newDrain() drain {
	return drain{run: 1, failed: map[int64]tries{}, done: map[int64]struct{}{}}
}

// Run judges what waits until the context ends. What is left then stays on the disk.
func (s *Spool) Run(ctx context.Context) {
	newest, err := s.cfg.Disk.Newest(ctx)
	if err != nil {
		s.broken(ctx, err)
	}
	s.drain.began = s.cfg.Now()
	s.drain.age = newAge(s.drain.began, newest)
	pause := firstPause
	for ctx.Err() == nil {
		s.forget(ctx)
		switch end := s.pass(ctx); {
		case end == storeAway:
			pause = min(2*pause, longPause)
			s.rest(ctx, pause, nil)
		case end == partAway:
			pause = firstPause
			s.rest(ctx, partPause, nil)
		case end == unfinished:
			pause = firstPause
		case s.Depth().Entries > s.aside.Load(): // more entries fail than can be kept in mind
			pause = min(2*pause, longPause)
			s.rest(ctx, pause, s.wake)
		default:
			pause = firstPause
			s.rest(ctx, s.nextDue(forgetEvery), s.wake)
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

// judged returns how much has been judged so far, be it at once or from the disk.
func (s *Spool) judged() uint64 { return s.drain.judged + s.direct.Load() }

// forget lets texts go that may be kept no longer.
func (s *Spool) forget(ctx context.Context) {
	now := s.cfg.Now()
	if s.cfg.KeepText <= 0 || now.Sub(s.drain.forgotten) < forgetEvery {
		return
	}
	s.drain.forgotten = now
	s.aside.Store(0) // until it is known which of them are gone, others may wait
	gone, err := s.cfg.Disk.Forget(ctx, s.drain.age.now(now, now.Sub(s.drain.began)).Add(-s.cfg.KeepText))
	for _, id := range gone {
		delete(s.drain.failed, id)
		delete(s.drain.done, id)
	}
	s.setAside()
	if err != nil {
		s.broken(ctx, err)
	}
	if n := len(gone); n > 0 {
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
	coming := s.appending.Load() // first: what comes to the disk is counted there before it is not counted here
	left := s.Depth().Entries
	if coming == 0 && left == 0 {
		s.overtook.clear()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting() {
		return
	}
	o := s.outage
	s.outage = outage{}
	if o.since.IsZero() {
		return
	}
	s.refusing.Store(nil)
	s.cfg.Log.Info("the store takes events again: none waits on disk", "spooled", o.spooled, "judged", o.judged,
		"given_up", o.givenUp, "set_aside", left, "took", s.cfg.Now().Sub(o.since).Round(time.Millisecond))
}

// broken tells of an error of the disk.
func (s *Spool) broken(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if left, ok := s.breaks.allow(s.cfg.Now()); ok {
		s.cfg.Log.Error("the spool cannot be read or changed", "err", err, "not_told", left)
	}
	s.cfg.Failed(err)
}
