package actions

import (
	"math/rand/v2"
	"time"
)

// How actions are tried again. The first pause is short, since most failures pass at once; the
// longest is a minute, so that a provider that comes back is used soon. An action is given up when
// it is a day old and has failed many times: by then nobody expects it any more.
const (
	firstPause = 500 * time.Millisecond
	longPause  = time.Minute
	limitPause = time.Second      // after a rate refusal that names no time
	limitMost  = 10 * time.Minute // after one that names a time: a provider that names a longer one errs
	authPause  = 15 * time.Second // after credentials were refused
	groupPause = 2 * time.Second  // of a group's other actions, after a call that failed as a whole
	giveUp     = 24 * time.Hour
	answering  = time.Hour // an API that has answered within this time works
	manyTries  = 20
	atOnce     = 10 * time.Millisecond // a wait up to this is no failure: the call taught something
	maxText    = 300                   // bytes of a provider's text that are kept
)

// pauseAfter returns how long to wait after the nth failure (n from 1), with jitter from half to
// one and a half times the schedule.
func pauseAfter(n int) time.Duration {
	d := longPause
	if n < 8 {
		d = min(firstPause<<max(n-1, 0), longPause)
	}
	return d/2 + rand.N(d)
}

// verdictOf turns an outcome into the state that the action is settled to, and how long it waits when
// it is tried again. answered is when the API last answered anybody: for the want of an answer an
// action is given up only where others get one, never because the provider is away.
func verdictOf(o Outcome, h *held, answered, now time.Time) (s State, pause time.Duration) {
	switch o.Class {
	case OK:
		return Done, 0
	case Immune:
		return Spared, 0
	case Permanent, Suspect:
		return Dead, 0
	case Limited, Auth:
		return Retry, lanePause(&o)
	case Again:
	}
	hopeless := h.Attempts >= manyTries && now.Sub(h.queuedAt()) > giveUp
	if hopeless && (!o.Down || now.Sub(answered) < answering) {
		return Dead, 0
	}
	if o.Wait > 0 && o.Wait <= atOnce {
		return Retry, o.Wait
	}
	return Retry, max(o.Wait, pauseAfter(h.Attempts+1))
}

// queuedAt returns when the action came into the queue: its event may have waited elsewhere before it was
// decided, and the action for an operator after that.
func (h *held) queuedAt() time.Time {
	at := h.Received
	for _, t := range []time.Time{h.Decided, h.Released} {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// lanePause returns how long an outcome keeps all calls of its API waiting.
func lanePause(o *Outcome) time.Duration {
	switch {
	case o.Class == Limited && o.Wait > 0:
		return min(o.Wait, limitMost)
	case o.Class == Limited:
		return limitPause
	case o.Class == Auth:
		return max(min(o.Wait, limitMost), authPause)
	}
	return 0
}

// clip bounds a provider's text on a character border.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end]
}
