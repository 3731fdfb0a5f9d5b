package spool

import "time"

// trustClock is how long the process runs before it believes a clock that says that long has passed
// since the newest entry: a clock that is wrong at the start is set within that time.
const trustClock = time.Hour

// age tells what time it is for what may be kept only so long. A clock that jumps must not let go what
// waits: so time passes as the process measures it, from the newest entry on at first.
type age struct {
	base time.Time     // what time it was
	at   time.Duration // then, since the process began
	sure bool
}

// newAge returns an age that begins at the newest entry, if that is not later than the wall clock.
func newAge(wall, newest time.Time) age {
	if !newest.IsZero() && newest.Before(wall) {
		wall = newest
	}
	return age{base: wall.Round(0)}
}

// now returns the time when so much has passed since newAge.
func (a *age) now(wall time.Time, passed time.Duration) time.Time {
	if !a.sure && passed >= trustClock {
		a.base, a.at, a.sure = wall.Round(0), passed, true
	}
	return a.base.Add(passed - a.at)
}
