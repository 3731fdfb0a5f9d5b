package webhook

import (
	"sync/atomic"
	"time"
)

// untold bounds the log while nothing can be stored: one line a second, and how many there would have
// been. It is safe for concurrent use.
type untold struct{ second, n atomic.Int64 }

// allow tells whether a line may be written, and how many were not since the last one.
func (u *untold) allow(now time.Time) (left int64, ok bool) {
	second, last := now.Unix(), u.second.Load()
	if second == last || !u.second.CompareAndSwap(last, second) {
		u.n.Add(1)
		return 0, false
	}
	return u.n.Swap(0), true
}
