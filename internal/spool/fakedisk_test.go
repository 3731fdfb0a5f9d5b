package spool

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// disk is a Disk in memory, that survives its Spool. Its faults are set by the test.
type disk struct {
	mu      sync.Mutex // guards the fields below
	last    int64
	most    int64
	entries []Entry
	returns []Entry
	givenUp map[int64]string
	refused map[string]bool         // IDs of events that were not taken
	fault   func(what string) error // nil: none
	slow    time.Duration           // from the reading of a page until it is there
	hung    chan struct{}           // nil, or closed once writes go on
}

func newDisk() *disk {
	return &disk{most: 1 << 20, givenUp: map[int64]string{}, refused: map[string]bool{}}
}

func (d *disk) fails(what string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(what)
}

// fill lets a disk take nothing more.
func (d *disk) fill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = func(op string) error {
		if op == "append" {
			return ErrFull
		}
		return nil
	}
}

// hang lets writes wait until what it returns is called.
func (d *disk) hang() (release func()) {
	c := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hung = c
	return func() { close(c) }
}

// await waits as long as writes hang, and drops one whose caller leaves.
func (d *disk) await(ctx context.Context) error {
	d.mu.Lock()
	hung := d.hung
	d.mu.Unlock()
	if hung == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-hung:
		return nil
	}
}

func (d *disk) Append(ctx context.Context, entries []Entry) error {
	if err := d.await(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails("append"); err != nil {
		for _, id := range idsOf(entries) {
			d.refused[id] = true
		}
		return err
	}
	size := d.bytes()
	for _, e := range entries {
		size += int64(len(e.Body))
	}
	if size > d.most {
		return ErrFull
	}
	for _, e := range entries {
		d.last++
		e.ID = d.last
		d.entries = append(d.entries, e)
		if e.Return != "" {
			d.returns = append(d.returns, e)
		}
	}
	return nil
}

func (d *disk) Remember(ctx context.Context, joins []Entry) error {
	if err := d.await(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails("remember"); err != nil {
		return err
	}
	for _, e := range joins {
		d.last++
		e.ID = d.last
		d.returns = append(d.returns, e)
	}
	return nil
}

func (d *disk) bytes() (n int64) {
	for _, e := range d.entries {
		n += int64(len(e.Body))
	}
	return n
}

func (d *disk) Next(_ context.Context, after int64, entries, _ int) ([]Entry, error) {
	d.mu.Lock()
	slow := d.slow
	defer func() {
		d.mu.Unlock()
		if slow > 0 {
			<-time.After(slow)
		}
	}()
	if err := d.fails("next"); err != nil {
		return nil, err
	}
	i, _ := slices.BinarySearchFunc(d.entries, after+1, func(e Entry, id int64) int { return cmp.Compare(e.ID, id) })
	return slices.Clone(d.entries[i:min(i+entries, len(d.entries))]), nil
}

// Returns knows every join that waits, and those behind anything that does.
func (d *disk) Returns(_ context.Context, keys []string) (map[string]time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails("returns"); err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, e := range d.returns {
		if slices.Contains(keys, e.Return) && len(d.entries) > 0 && e.ID >= d.entries[0].ID && e.Since.After(out[e.Return]) {
			out[e.Return] = e.Since
		}
	}
	return out, nil
}

func (d *disk) Done(ctx context.Context, ids []int64) error {
	if err := d.await(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails("done"); err != nil {
		return err
	}
	gone := map[int64]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	d.entries = slices.DeleteFunc(d.entries, func(e Entry) bool { return gone[e.ID] })
	return nil
}

func (d *disk) GiveUp(_ context.Context, id int64, why string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.givenUp[id] = why
	d.entries = slices.DeleteFunc(d.entries, func(e Entry) bool { return e.ID == id })
	return nil
}

func (d *disk) Forget(_ context.Context, before time.Time) (gone []int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = slices.DeleteFunc(d.entries, func(e Entry) bool {
		old := e.Text && e.At.Before(before)
		if old {
			gone = append(gone, e.ID)
			d.givenUp[e.ID] = "forgotten"
		}
		return old
	})
	return gone, nil
}

func (d *disk) Depth() Depth {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Depth{Entries: int64(len(d.entries)), Bytes: d.bytes(), Most: d.most}
}

func (d *disk) Oldest(context.Context) (time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.entries) == 0 {
		return time.Time{}, nil
	}
	return d.entries[0].At, nil
}

func (d *disk) Newest(context.Context) (time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.entries) == 0 {
		return time.Time{}, nil
	}
	return d.entries[len(d.entries)-1].At, nil
}

// waits returns the IDs of the events that wait.
func (d *disk) waits() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return idsOf(d.entries)
}

func idsOf(entries []Entry) (ids []string) {
	for _, entry := range entries {
		e, err := decode(entry.Body)
		if err != nil {
			ids = append(ids, "unreadable")
			continue
		}
		ids = append(ids, string(e.ID))
	}
	return ids
}
