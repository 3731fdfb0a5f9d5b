package store

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	// ErrClosed is returned once the store, or its batcher, is closed. Nothing was done.
	ErrClosed = errors.New("store is closed")
	// ErrStale is returned for a roster or a memo that was not made from the stored version.
	ErrStale = errors.New("it was changed by somebody else")
	// ErrFull is returned when a bounded collection takes no more.
	ErrFull = errors.New("no room for more")
	// ErrPartitions is returned when a store was made with another number of partitions.
	ErrPartitions = errors.New("number of partitions differs")
	// ErrInUse is returned when another process holds the data folder.
	ErrInUse = errors.New("data folder is in use")
	// ErrDamaged is returned when stored data cannot be read back. The store never starts empty
	// instead.
	ErrDamaged = errors.New("stored data is damaged")
	// ErrFatal is returned when the store can no longer tell what is on disk, for example after a
	// failed fsync. The process must end: going on could acknowledge what is not stored.
	ErrFatal = errors.New("store must not be used any more")
)
