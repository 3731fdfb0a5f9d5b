package cams

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// How activity counts. A group in which much happens is looked at up to mostOften times as often as a
// silent one when there is no time for all, and so a silent one waits at most mostOften times as long
// as if all were equal: see Roster.next.
const (
	mostOften  = 4
	halfActive = 4.0             // events that bring a group halfway to mostOften
	mostActive = 64.0            // more events than these do not count, or a storm would be felt for hours
	halfLife   = 5 * time.Minute // after which an event counts half
)

// activity is how many events were heard lately.
type activity struct {
	events float64
	at     time.Time
}

// now returns the events that are left of it.
func (a activity) now(now time.Time) float64 {
	if a.events == 0 {
		return 0
	}
	return a.events * math.Exp2(-now.Sub(a.at).Seconds()/halfLife.Seconds())
}

// weight says how much sooner than a silent one the group is looked at, from 1 to mostOften.
func (a activity) weight(now time.Time) float64 {
	n := a.now(now)
	return 1 + (mostOften-1)*n/(n+halfActive)
}

// stir counts events of a group.
func (r *Roster) stir(id chat.GroupID, events int) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.groups[id]; w != nil && events > 0 {
		w.activity = activity{min(w.activity.now(now)+float64(events), mostActive), now}
	}
}

// Run polls until the context ends. It spreads the polls over the interval; when there are more
// groups than the rate of calls allows for, those that have waited longest for their activity go
// first.
func (r *Roster) Run(ctx context.Context) {
	if r.cfg.Interval <= 0 {
		return
	}
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { r.keepBooks(ctx) })
	room := make(chan struct{}, pollers)
	for ctx.Err() == nil {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		id, wait := r.next(time.Now())
		if id == "" {
			<-room
			r.pause(ctx, wait)
			continue
		}
		all.Go(func() {
			defer func() { <-room }()
			r.settle(ctx, id, r.poll(ctx, r.group(id)))
		})
	}
}

// next returns the group to poll now and notes that it is being polled, or how long there is none.
//
// Of the groups that are due it is the one whose time since the last poll, times its weight, is
// greatest. A group that has waited for d is passed over in favour of another only when that one
// was last polled d/mostOften ago or earlier. So in the last d/mostOften of its wait nobody else is
// polled twice, and d is at most mostOften times as long as all groups take one after the other.
func (r *Roster) next(now time.Time) (id chat.GroupID, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.groups) == 0 {
		return "", r.cfg.Interval
	}
	if early := r.started.Add(r.cfg.Interval / time.Duration(len(r.groups))).Sub(now); early > 0 {
		return "", early
	}
	wait = r.cfg.Interval
	var most float64
	for g, w := range r.groups {
		early := w.due.Sub(now)
		switch {
		case w.polling:
		case early > 0:
			wait = min(wait, early)
		default:
			urgency := (r.cfg.Interval - early).Seconds() * w.activity.weight(now)
			if id == "" || urgency > most || urgency == most && g < id {
				id, most = g, urgency
			}
		}
	}
	if id != "" {
		w := r.groups[id]
		w.polling, w.due, r.started = true, now.Add(r.cfg.Interval), now
	}
	return id, wait
}

// pause waits, or returns early when the schedule has changed.
func (r *Roster) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-r.wake:
	}
}

// rouse tells Run that the schedule has changed. It never waits.
func (r *Roster) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// settle notes how a poll went. A group that keeps failing (it was deleted, or its ID came from
// somewhere else) is asked less and less, so that it does not eat the others' rate.
func (r *Roster) settle(ctx context.Context, id chat.GroupID, err error) {
	switch failures, gone := r.failed(ctx, id, err); { // logged outside the mutex, which webhooks wait for
	case gone:
		r.log.Warn("a WhatsApp group is gone: its members are not read for a day, or until it is heard of", "group", string(id), "error", err)
	case failures > 0:
		r.log.Warn("reading the members of a WhatsApp group", "group", string(id), "failures", failures, "error", err)
	}
	r.rouse()
}

// failed counts a failure and says how many there were in a row, and whether the group has just been given
// up; 0 for a success, for a group that was given up before, and for a poll that was cut short because the
// process stops.
func (r *Roster) failed(ctx context.Context, id chat.GroupID, err error) (failures int, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.groups[id]
	w.polling = false
	switch {
	case err == nil:
		w.failures, w.unknown, r.unread = 0, 0, time.Time{}
		return 0, false
	case ctx.Err() != nil:
		return 0, false
	case !isUnknown(err):
		w.unknown = 0
		if r.unread.IsZero() && isAnswer(err) {
			r.unread = time.Now()
		}
	default:
		w.unknown++
		if w.unknown >= goneAfter {
			w.failures, w.due = 0, time.Now().Add(goneFor)
			return 0, w.unknown == goneAfter
		}
	}
	if w.failures++; w.failures > 1 {
		skip := min(1<<min(w.failures-2, 10), maxSkip)
		w.due = w.due.Add(time.Duration(skip) * r.cfg.Interval)
	}
	return w.failures, false
}
