package spool

import (
	"context"
	"time"
)

const (
	maxTries   = 5                // of an entry that fails for a reason of its own
	leastTrial = 10 * time.Minute // from the first of them to the last
	maxTracked = 10_000           // entries whose tries are counted at the same time
	otherForm  = time.Hour        // until an entry is looked at again that another version wrote
)

// pauseOf returns how long an entry waits after its nth failure, from 1. The first pause is short, since
// most failures pass; together they are longer than leastTrial.
func pauseOf(n int) time.Duration {
	pauses := [...]time.Duration{time.Second, 30 * time.Second, 3 * time.Minute, 7 * time.Minute}
	return pauses[min(max(n, 1), len(pauses))-1]
}

// tries are the failures of one entry.
type tries struct {
	total   int
	counted int // those that speak against the entry
	first   time.Time
	due     time.Time // when it is tried again
	stored  uint64    // Config.Stored at the last one
	judged  uint64    // Spool.judged at the last one
}

// failed counts a failure, and gives the entry up after the last one.
func (s *Spool) failed(ctx context.Context, f *failure) error {
	t, known := s.drain.failed[f.id]
	if !known && len(s.drain.failed) >= maxTracked {
		return nil
	}
	now := s.cfg.Now()
	if !known {
		t.first = now
		s.first(f)
	}
	hopeless := t.count(f.cause, known, now, s.cfg.Stored(), s.judged())
	s.drain.failed[f.id] = t
	s.setAside()
	if !hopeless {
		return nil
	}
	delete(s.drain.failed, f.id)
	s.setAside() // before the disk holds fewer, or others would seem not to wait
	if err := s.cfg.Disk.GiveUp(ctx, f.id, f.why); err != nil {
		s.drain.failed[f.id] = t
		s.setAside()
		return err
	}
	s.metrics.givenUp.Inc()
	s.count(0, 1)
	s.cfg.Log.Error("an event was given up: it fails each time although others are judged",
		"entry", f.id, "provider", f.provider, "kind", f.kind, "tries", t.total, "since", t.first, "why", f.why)
	return nil
}

// count adds a failure and tells whether it was the last one. It speaks against the entry when others
// fared better since the one before: the store has taken something, if it may be the reason, or else
// anything was judged. An entry is given up after some of these, spread over some time.
func (t *tries) count(c cause, known bool, now time.Time, stored, judged uint64) (hopeless bool) {
	t.total++
	if c == nobody {
		t.due = now.Add(otherForm)
		return false
	}
	if !known || stored > t.stored || c == itself && judged > t.judged {
		t.counted++
	}
	t.stored, t.judged = stored, judged
	n := t.counted
	if c == itself { // what panics is not called for again and again
		n = t.total
	}
	t.due = now.Add(pauseOf(n))
	return t.counted >= maxTries && now.Sub(t.first) >= leastTrial
}

// first tells of an entry that fails for the first time.
func (s *Spool) first(f *failure) {
	if left, ok := s.firsts.allow(s.cfg.Now()); ok {
		s.cfg.Log.Warn("an event that waits on disk fails for a reason of its own: it is tried again, others go on",
			"entry", f.id, "provider", f.provider, "kind", f.kind, "why", f.why, "not_told", left)
	}
}

// setAside notes how many entries on the disk nobody has to go behind: those that are stuck, and those
// that are judged and cannot be removed.
func (s *Spool) setAside() {
	n := len(s.drain.failed)
	if s.drain.unremoved {
		n += len(s.drain.done)
	}
	s.aside.Store(int64(n))
}

// nextDue returns how long it is until an entry is tried again; most when there is none before.
func (s *Spool) nextDue(most time.Duration) time.Duration {
	now := s.cfg.Now()
	for _, t := range s.drain.failed {
		most = min(most, t.due.Sub(now))
	}
	return max(most, firstPause)
}
