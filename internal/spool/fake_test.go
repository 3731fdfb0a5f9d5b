package spool

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// Errors of the fakes.
var (
	errAway  = errors.New("the store is away")
	errOwn   = errors.New("this event cannot be stored")
	errDisk  = errors.New("the disk fails")
	forever  = 100 * time.Hour
	zeroHour = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
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

func (d *disk) Append(_ context.Context, entries []Entry) error {
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

func (d *disk) Done(_ context.Context, ids []int64) error {
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

// next is a Next that notes what it has judged. How it answers is the test's.
type next struct {
	mu     sync.Mutex // guards judged and stored
	judged []chat.Event
	stored uint64
	answer func(ctx context.Context, events []chat.Event) error // nil: all is well
}

func (n *next) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	if n.answer != nil {
		if err := n.answer(ctx, events); err != nil {
			return nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.judged = append(n.judged, events...)
	n.stored++
	return make([]chat.Verdict, len(events)), nil
}

func (n *next) ids() (ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.judged {
		ids = append(ids, string(n.judged[i].ID))
	}
	return ids
}

func (n *next) count() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stored
}

// rig is a Spool on fakes, whose Run ends with the test.
type rig struct {
	*Spool
	disk *disk
	next *next
	reg  *prometheus.Registry
	log  *strings.Builder
	end  func()
}

// build makes a Spool. Its Run begins with start.
func build(d *disk, n *next, change func(*Config)) *rig {
	r := &rig{disk: d, next: n, reg: prometheus.NewRegistry(), log: &strings.Builder{}}
	c := Config{
		Next: n, Disk: d, Away: func(err error) bool { return errors.Is(err, errAway) }, Stored: n.count, Now: time.Now,
		Metrics: r.reg, Panics: prometheus.NewCounter(prometheus.CounterOpts{Name: "panics"}), Log: slog.New(slog.NewTextHandler(&locked{b: r.log}, nil)),
	}
	if change != nil {
		change(&c)
	}
	r.Spool = New(c)
	return r
}

// start runs the drain until end is called.
func (r *rig) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		r.Run(ctx)
		close(done)
	}()
	r.end = func() {
		cancel()
		<-done
	}
}

// locked is a writer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  *strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// said is a message with this ID.
func said(group, id string) chat.Event {
	return chat.Event{
		At: zeroHour, Received: time.Now(), Group: chat.Group{Provider: chat.Tencent, Account: "1", ID: chat.GroupID(group)},
		ID: chat.EventID(id), Kind: chat.Message, Member: "bob", Text: "secret " + id,
	}
}
