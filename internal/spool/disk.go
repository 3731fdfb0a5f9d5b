package spool

import (
	"context"
	"errors"
	"time"
)

// ErrFull is returned by a Disk that holds as much as it may.
var ErrFull = errors.New("the spool is full")

// Entry is one event on the disk.
type Entry struct {
	ID     int64     // by which entries are in order; the disk gives it
	At     time.Time // when the webhook arrived
	Text   bool      // it may hold message text
	Body   []byte    // as encode gives it
	Return string    // who came into which group by it, as keyOf says; empty: nobody
	Since  time.Time // when, if somebody did
}

// Depth is what a disk holds.
type Depth struct {
	Entries int64
	Bytes   int64 // of the bodies, with something for the room around each
	Most    int64 // the bytes that it may hold
}

// Disk keeps entries until they are done. It is safe for concurrent use.
type Disk interface {
	// Append stores entries behind all others, as a whole or not at all, and returns when they would
	// survive a power cut. Without room for them it returns ErrFull. When ctx ends first it returns at
	// once, and they may be stored all the same.
	Append(ctx context.Context, entries []Entry) error
	// Remember notes for Returns, as if they were stored behind all others, the joins of events that there
	// is no room for. It returns as Append does, and needs no room for their bodies.
	Remember(ctx context.Context, joins []Entry) error
	// Next returns the first entries with an ID above after, in order: at most so many, and not much
	// more than so many bytes of bodies. Return and Since are not filled in.
	Next(ctx context.Context, after int64, entries, bytes int) ([]Entry, error)
	// Returns returns, for each key that was appended or remembered as Entry.Return, the latest Since of it. Keys that are not known are not in the map. A key is known at least as long as
	// its entry waits, or any before it.
	Returns(ctx context.Context, keys []string) (map[string]time.Time, error)
	// Done removes entries. Those that are not there (any more) are passed over.
	Done(ctx context.Context, ids []int64) error
	// GiveUp moves an entry to those that were given up, of which only the newest are kept.
	GiveUp(ctx context.Context, id int64, why string) error
	// Forget removes the bodies of entries with text that arrived before a time: those that wait are
	// given up without their bodies, and those that were given up lose theirs. It returns the IDs of
	// those that were given up; with an error, of those so far.
	Forget(ctx context.Context, before time.Time) ([]int64, error)
	// Depth is what waits now, without what was given up.
	Depth() Depth
	// Oldest returns when the first entry arrived; the zero time when there is none.
	Oldest(ctx context.Context) (time.Time, error)
	// Newest returns when the last entry arrived; the zero time when there is none.
	Newest(ctx context.Context) (time.Time, error)
}
