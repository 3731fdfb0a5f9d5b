package sqlite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// entry is one event on a trail.
type entry struct {
	point
	note string
}

// entryHead is the size of an entry without its note: the point, and the note's length in two bytes.
const entryHead = pointSize + 2

// trail is a trail's events by time.
type trail []entry

func decodeTrail(body []byte) trail {
	var tr trail
	text := string(body) // once, for all notes
	for at := 0; len(body)-at >= entryHead; {
		e := entry{point: point{at: int64(binary.BigEndian.Uint64(body[at:]))}} //nolint:gosec // written as the same bits
		copy(e.id[:], body[at+8:])
		begin := at + entryHead
		at = min(begin+int(binary.BigEndian.Uint16(body[begin-2:])), len(body))
		e.note = text[begin:at]
		tr = append(tr, e)
	}
	return tr
}

func (tr trail) encode() []byte {
	size := 0
	for i := range tr {
		size += entryHead + len(tr[i].note)
	}
	body := make([]byte, 0, size)
	for i := range tr {
		e := &tr[i]
		body = binary.BigEndian.AppendUint64(body, uint64(e.at)) //nolint:gosec // the bits are kept
		body = append(body, e.id[:]...)
		body = binary.BigEndian.AppendUint16(body, uint16(len(e.note))) //nolint:gosec // at most chat.MaxNote
		body = append(body, e.note...)
	}
	return body
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

// around returns the entries of other events less than a length before or after one.
func (tr trail) around(p point, within int64) []chat.Entry {
	near := tr[tr.after(p.at-within):tr.after(p.at+within-1)]
	out := make([]chat.Entry, 0, len(near))
	for i := range near {
		if e := &near[i]; e.id != p.id {
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
