package trial

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// step is one event on a trail.
type step struct {
	at    int64 // microseconds since 1970
	event digest
	note  string
	turn  int // events by when they were added
}

// trail is a window that keeps notes: its events by time.
type trail struct {
	steps []step
	turns int // events that were added so far
}

func (t *trail) find(event digest) int {
	return slices.IndexFunc(t.steps, func(s step) bool { return s.event == event })
}

// around returns the events added before one that are less than the length before or after it.
func (t *trail) around(of step, within int64) []chat.Entry {
	var out []chat.Entry
	for _, s := range t.steps {
		if s.turn < of.turn && s.at > of.at-within && s.at < of.at+within {
			out = append(out, chat.Entry{At: time.UnixMicro(s.at).UTC(), Event: s.event.name(), Note: s.note})
		}
	}
	return out
}

// add puts a step in its place, and drops what no exact answer needs any more.
func (t *trail) add(s step, limit int, within int64) {
	i, _ := slices.BinarySearchFunc(t.steps, s, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.event[:], b.event[:]))
	})
	t.steps = slices.Insert(t.steps, i, s)
	t.thin(i, within)
	oldest := t.steps[len(t.steps)-1].at - 2*within
	cut := max(0, len(t.steps)-4*max(limit, 1))
	for cut < len(t.steps) && t.steps[cut].at <= oldest {
		cut++
	}
	t.steps = slices.Delete(t.steps, 0, cut)
}

// thin drops a step whose note stands both before and after it, these two at most a length apart: no
// span needs it. Only the step that was added last, at i, and the equal ones beside it can be such.
func (t *trail) thin(i int, within int64) {
	var equal []int // up to two before it, itself, up to two after it
	for j := i - 1; j >= 0 && len(equal) < 2 && t.steps[j].at >= t.steps[i].at-within; j-- {
		if t.steps[j].note == t.steps[i].note {
			equal = append(equal, j)
		}
	}
	slices.Reverse(equal)
	equal = append(equal, i)
	for j, most := i+1, len(equal)+2; j < len(t.steps) && len(equal) < most && t.steps[j].at <= t.steps[i].at+within; j++ {
		if t.steps[j].note == t.steps[i].note {
			equal = append(equal, j)
		}
	}
	var needless []int
	for n := 1; n+1 < len(equal); n++ {
		before := equal[n-1]
		if len(needless) > 0 && needless[len(needless)-1] == before {
			before = equal[n-2]
		}
		if t.steps[equal[n+1]].at-t.steps[before].at <= within {
			needless = append(needless, equal[n])
		}
	}
	for _, j := range slices.Backward(needless) {
		t.steps = slices.Delete(t.steps, j, j+1)
	}
}
