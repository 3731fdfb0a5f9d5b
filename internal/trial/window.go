package trial

import (
	"bytes"
	"cmp"
	"slices"
)

// point is one event in a window.
type point struct {
	at    int64 // microseconds since 1970
	add   int   // what it counts for
	event digest
	first int // what it counted when it was added, and counts whenever it is repeated
}

// window is a sliding count: its events by time.
type window struct{ points []point }

// find returns the index of an event, or -1.
func (w *window) find(event digest) int {
	for i := len(w.points) - 1; i >= 0; i-- {
		if w.points[i].event == event {
			return i
		}
	}
	return -1
}

// insert adds a point that is not there, and returns its index.
func (w *window) insert(p point) int {
	i, _ := slices.BinarySearchFunc(w.points, p, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.event[:], b.event[:]))
	})
	w.points = slices.Insert(w.points, i, p)
	return i
}

func (w *window) remove(i int) { w.points = slices.Delete(w.points, i, i+1) }

// most returns the most that any span (end-within, end] holds which also holds point i. A fullest span
// can be moved to end at a point.
func (w *window) most(i int, within int64) int {
	at, begin := w.points[i].at, i
	for begin > 0 && w.points[begin-1].at > at-within {
		begin--
	}
	sum, most := 0, 0
	for j, low := begin, begin; j < len(w.points) && w.points[j].at < at+within; j++ {
		sum += w.points[j].add
		for w.points[low].at <= w.points[j].at-within {
			sum -= w.points[low].add
			low++
		}
		if w.points[j].at >= at {
			most = max(most, sum)
		}
	}
	return most
}

// trim drops what no exact answer needs any more: points two lengths older than the newest, and all
// but the newest that count for twice the limit and those that were added below the limit, of which a
// length holds fewer than the limit. A span around an event less than one length late then still either
// holds all that it held or reaches the limit.
func (w *window) trim(limit int, within int64) {
	oldest := w.points[len(w.points)-1].at - 2*within
	cut, sum := len(w.points), 0
	for cut > 0 && sum < 2*limit && w.points[cut-1].at > oldest {
		cut--
		sum += w.points[cut].add
	}
	kept := 0
	for i := range w.points {
		if i >= cut || w.points[i].first < limit && w.points[i].at > oldest {
			w.points[kept] = w.points[i]
			kept++
		}
	}
	w.points = w.points[:kept]
}
