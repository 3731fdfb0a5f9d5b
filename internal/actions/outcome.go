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
	authPause  = 15 * time.Second // after credentials were refused
	groupPause = 2 * time.Second  // of a group's other actions, after a call that failed as a whole
	giveUp     = 24 * time.Hour
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

// verdictOf turns an outcome into the state that the action is settled to, how long it waits when it
// is tried again, and how long the whole lane waits.
func verdictOf(o Outcome, h *held, now time.Time) (s State, pause, lane time.Duration) {
	switch o.Class {
	case OK:
		return Done, 0, 0
	case Immune:
		return Spared, 0, 0
	case Permanent, Suspect:
		return Dead, 0, 0
	case Limited:
		d := max(o.Wait, limitPause)
		return Retry, d, d
	case Auth:
		d := max(o.Wait, authPause)
		return Retry, d, d
	case Again:
	}
	if h.Attempts >= manyTries && now.Sub(h.Received) > giveUp {
		return Dead, 0, 0
	}
	if o.Wait > 0 && o.Wait <= atOnce {
		return Retry, o.Wait, 0
	}
	return Retry, max(o.Wait, pauseAfter(h.Attempts+1)), 0
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
