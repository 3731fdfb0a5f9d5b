package sqlite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// entry is one event on a trail.
type entry struct {
	point
	turn uint64 // entries by when they were added: a repeated event is answered with those before it
	note string
}

// trail is a trail's events by time.
type trail []entry

// head is the size of an entry without its note: the point, and the note's length in two bytes.
func (f form) head() int { return f.size() + 2 }

func decodeTrail(body []byte, f form) trail {
	var tr trail
	text := string(body) // once, for all notes
	for at := 0; len(body)-at >= f.head(); {
		e := entry{point: unpack(body[at:]), turn: uint64(f.more(body[at:], uint32(len(tr))))} //nolint:gosec // as many as a body has
		begin := at + f.head()
		at = min(begin+int(binary.BigEndian.Uint16(body[begin-2:])), len(body))
		e.note = text[begin:at]
		tr = append(tr, e)
	}
	return tr
}

func (tr trail) encode() []byte {
	size, first := 0, uint64(math.MaxUint64)
	for i := range tr {
		size, first = size+formMore.head()+len(tr[i].note), min(first, tr[i].turn)
	}
	body := make([]byte, 0, size)
	for i := range tr {
		e := &tr[i]
		body = e.appendTo(body, uint32(min(e.turn-first, math.MaxUint32))) //nolint:gosec // bounded
		body = binary.BigEndian.AppendUint16(body, uint16(len(e.note)))    //nolint:gosec // at most chat.MaxNote
		body = append(body, e.note...)
	}
	return body
}

// next returns the turn of an event that is added now.
func (tr trail) next() uint64 {
	turn := uint64(0)
	for i := range tr {
		turn = max(turn, tr[i].turn+1)
	}
	return turn
}

// find returns the index of an event, or -1.
func (tr trail) find(id digest) int {
	return slices.IndexFunc(tr, func(e entry) bool { return e.id == id })
}

// insert adds an entry that is not there.
func (tr *trail) insert(e entry) {
	i, _ := slices.BinarySearchFunc(*tr, e, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.id[:], b.id[:]))
	})
	*tr = slices.Insert(*tr, i, e)
}

// after returns the index of the first entry later than at.
func (tr trail) after(at int64) int {
	i, _ := slices.BinarySearchFunc(tr, at, func(e entry, at int64) int {
		if e.at <= at {
			return -1
		}
		return 1
	})
	return i
}

// around returns the entries of other events less than a length before or after one that were added
// before it.
func (tr trail) around(of entry, within int64) []chat.Entry {
	near := tr[tr.after(of.at-within):tr.after(of.at+within-1)]
	out := make([]chat.Entry, 0, len(near))
	for i := range near {
		if e := &near[i]; e.turn < of.turn {
			out = append(out, chat.Entry{At: time.UnixMicro(e.at).UTC(), Event: hex.EncodeToString(e.id[:]), Note: e.note})
		}
	}
	return out
}

// thin drops entries of a note between two others that are at most a length apart: whatever span
// holds such an entry holds one of those.
func (tr *trail) thin(note string, within int64) {
	var needless []int
	before, last := -1, -1 // of the entries of the note that stay so far
	for i := range *tr {
		switch {
		case (*tr)[i].note != note:
			continue
		case before >= 0 && (*tr)[i].at-(*tr)[before].at <= within:
			needless = append(needless, last)
		default:
			before = last
		}
		last = i
	}
	for _, i := range slices.Backward(needless) {
		*tr = slices.Delete(*tr, i, i+1)
	}
}

// trim drops entries two lengths older than the newest, and all but the newest 4*limit. A thin trail
// has a note at most twice in a span, so that of the half of them on the one side or the other of a
// late event, limit differ.
func (tr *trail) trim(limit int, within int64) {
	if len(*tr) == 0 {
		return
	}
	cut := max(tr.after((*tr)[len(*tr)-1].at-2*within), len(*tr)-4*max(limit, 1))
	*tr = slices.Delete(*tr, 0, max(cut, 0))
}
