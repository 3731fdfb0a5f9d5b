package spool

import (
	"sync"
	"time"
)

const (
	linesMost = 10 // of one sort in linesTime
	linesTime = time.Minute
)

// lines bounds how often something is logged. It is safe for concurrent use.
type lines struct {
	mu    sync.Mutex // guards the fields below
	until time.Time
	n     int
	left  int // that were not told
}

// allow tells whether a line may be written, and how many were not since the last one.
func (l *lines) allow(now time.Time) (left int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) {
		l.n, l.until = 0, now.Add(linesTime)
	}
	if l.n >= linesMost {
		l.left++
		return 0, false
	}
	l.n++
	left, l.left = l.left, 0
	return left, true
}
