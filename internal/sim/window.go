package sim

import (
	"sync"
	"time"
)

// maxWindow bounds the arrivals that are remembered of one second and API. More than these cannot
// be told apart; the count stays at the bound.
const maxWindow = 1 << 17

// windows counts calls per API in sliding windows of one second.
type windows struct {
	mu   sync.Mutex // guards apis and what it holds
	apis map[string]*window
}

// window is one API's last second. A window covers (t-1s, t], so two calls exactly one second
// apart are never in the same one.
type window struct {
	arrived  []time.Time // every call
	admitted []time.Time // calls within the limit
	most     int         // arrivals in the fullest window so far
	calls    int
}

// arrive counts one call at the given time. It reports whether the call is within the limit and,
// when it is not, how long until one is.
func (w *windows) arrive(api string, at time.Time, limit int) (ok bool, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.apis == nil {
		w.apis = map[string]*window{}
	}
	a := w.apis[api]
	if a == nil {
		a = &window{}
		w.apis[api] = a
	}
	a.calls++
	a.arrived = slide(a.arrived, at)
	if len(a.arrived) < maxWindow {
		a.arrived = append(a.arrived, at)
	}
	a.most = max(a.most, len(a.arrived))
	a.admitted = slide(a.admitted, at)
	if limit >= 0 && len(a.admitted) >= limit {
		if len(a.admitted) == 0 {
			return false, time.Second
		}
		return false, a.admitted[0].Add(time.Second).Sub(at)
	}
	if limit >= 0 {
		a.admitted = append(a.admitted, at)
	}
	return true, 0
}

// slide drops what is a second old or older. The memory in front is given back when append next
// grows the slice.
func slide(times []time.Time, at time.Time) []time.Time {
	old := 0
	for old < len(times) && at.Sub(times[old]) >= time.Second {
		old++
	}
	return times[old:]
}

// counts returns the calls of an API and the fullest window.
func (w *windows) counts(api string) (calls, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.apis[api]; a != nil {
		return a.calls, a.most
	}
	return 0, 0
}
