package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// The disk is full for good, and the store is back: events are judged before their turn, and what waits
// is judged once although it cannot be removed.
func TestAFullDiskDoesNotKeepEventsFromAStoreThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "1", "2")
		d.fault = func(op string) error {
			if op == "append" || op == "done" {
				return errDisk
			}
			return nil
		}
		r := build(d, &next{}, nil)
		r.start(t)
		for i := range 60 {
			if _, err := r.Handle(t.Context(), []chat.Event{said("h", fmt.Sprint("x", i))}); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Second)
		}
		if got := r.next.ids(); len(got) != 62 || len(d.waits()) != 2 {
			t.Errorf("handed on: %v, waiting: %v", got, d.waits())
		}
		if n := strings.Count(r.log.String(), "cannot be read or changed"); n == 0 || n > linesMost {
			t.Errorf("%d lines tell of it", n)
		}
		d.mu.Lock()
		d.fault, d.slow = nil, 10*time.Millisecond // what is removed may be in a page that is on its way
		d.mu.Unlock()
		<-time.After(2 * time.Second)
		r.end()
		if got := r.next.ids(); len(got) != 62 || len(d.waits()) != 0 {
			t.Errorf("once it can be written: handed on: %v, waiting: %v", got, d.waits())
		}
	})
}

// What was judged cannot be removed, since writes to the disk do not return. The store is there.
func TestADiskThatHangsKeepsNoEventFromAStoreThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "first")
		release := d.hang()
		n := &next{}
		r := build(d, n, nil)
		r.start(t)
		var wg sync.WaitGroup
		want := []string{"first"}
		for i := range 100 {
			id := fmt.Sprint(i)
			want = append(want, id)
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				defer cancel()
				before := time.Now()
				if _, err := r.Handle(ctx, []chat.Event{said("h", id)}); err != nil || time.Since(before) > patience {
					t.Errorf("event %s: %v after %v", id, err, time.Since(before))
				}
			})
			<-time.After(10 * time.Millisecond)
		}
		wg.Wait()
		release()
		<-time.After(time.Second)
		r.end()
		if got := n.ids(); !slices.Equal(got, want) || len(d.waits()) > 0 || r.Refusing() != nil {
			t.Errorf("judged %v, waiting %v, refusing %v", got, d.waits(), r.Refusing())
		}
	})
}

// An event waits for the disk, and after a while for the store, too.
func TestWhoeverHasAnEventFirstAnswers(t *testing.T) {
	const never = time.Hour
	for name, row := range map[string]struct {
		disk, store time.Duration // that each takes
		err         error         // of the store
		after       time.Duration
		asked       chat.Verdict
		judged      int // how often
		waits       int
	}{
		"the disk, soon":               {disk: 300 * time.Millisecond, after: 300 * time.Millisecond, asked: chat.Verdict{Block: true}, waits: 1},
		"the disk, while the store is": {disk: 500 * time.Millisecond, store: never, after: 500 * time.Millisecond, asked: chat.Verdict{Block: true}, waits: 1},
		"the disk, the store is away":  {disk: time.Second, err: errAway, after: time.Second, asked: chat.Verdict{Block: true}, waits: 1},
		"the disk, after the store":    {disk: 1400 * time.Millisecond, store: never, after: 1400 * time.Millisecond, asked: chat.Verdict{Block: true}, waits: 1},
		"the store":                    {disk: never, store: 100 * time.Millisecond, after: patience + 100*time.Millisecond, judged: 1},
		"nobody":                       {disk: never, store: never, after: 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "first")
				n := &next{answer: func(ctx context.Context, _ []chat.Event) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(row.store):
						return row.err
					}
				}}
				r := build(d, n, func(c *Config) {
					c.Unjudged = func(*chat.Event) chat.Verdict { return chat.Verdict{Block: true} }
				})
				time.AfterFunc(row.disk, d.hang())
				e := said("g", "asks")
				e.Asked = true
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				defer cancel()
				before := time.Now()
				got, err := r.Handle(ctx, []chat.Event{e})
				if taken := row.judged+row.waits > 0; taken != (err == nil) || taken && got[0] != row.asked || time.Since(before) != row.after {
					t.Errorf("%v, %v after %v", got, err, time.Since(before))
				}
				if len(n.ids()) != row.judged || len(d.waits()) != 1+row.waits || len(r.seats) > 0 || r.appending.Load() > 0 {
					t.Errorf("judged %v, waiting %v, %d with the store, %d on their way", n.ids(), d.waits(), len(r.seats), r.appending.Load())
				}
			})
		})
	}
}

// A store that takes long for each event holds so many at once, and the rest goes to the disk.
func TestASlowStoreKeepsNobodyFromTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var with, most int
		var mu sync.Mutex // guards both
		n := &next{answer: func(context.Context, []chat.Event) error {
			mu.Lock()
			with++
			most = max(most, with)
			mu.Unlock()
			<-time.After(700 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			with--
			return nil
		}}
		r := build(newDisk(), n, nil)
		var wg sync.WaitGroup
		for i := range 2 * maxSeats {
			wg.Go(func() {
				before := time.Now()
				if _, err := r.Handle(t.Context(), []chat.Event{said("g", fmt.Sprint(i))}); err != nil || time.Since(before) > 700*time.Millisecond {
					t.Errorf("%v after %v", err, time.Since(before))
				}
			})
		}
		wg.Wait()
		if most != maxSeats || len(r.disk.waits()) != maxSeats {
			t.Errorf("%d at once, %d on disk", most, len(r.disk.waits()))
		}
	})
}

func TestWhatIsStuckKeepsNobodyFromTheStore(t *testing.T) {
	for name, body := range map[string]string{"fails": "", "of another version": `{"v":9}`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				if fillDisk(t, d, "g", "bad"); body != "" {
					d.entries[0].Body = []byte(body)
				}
				unjudged := 0
				r := build(d, &next{answer: poisoned("bad", func() error { return errOwn })}, func(c *Config) {
					c.Stored = func() uint64 { return 0 } // nobody offends
					c.Unjudged = func(*chat.Event) chat.Verdict { unjudged++; return chat.Verdict{} }
				})
				r.start(t)
				for i := range 60 {
					e := said("h", fmt.Sprint(i))
					e.Asked = true
					if _, err := r.Handle(t.Context(), []chat.Event{e}); err != nil {
						t.Fatal(err)
					}
					<-time.After(time.Minute)
				}
				r.end()
				if unjudged > 1 || len(d.waits()) != 1 {
					t.Errorf("%d of 60 were answered without a judgement, waiting %v", unjudged, d.waits())
				}
				if strings.Count(r.log.String(), "fails for a reason of its own") != 1 {
					t.Errorf("log: %s", r.log)
				}
			})
		})
	}
}

// Senders who wait for their answers send faster than the drain judges: they are held, and the backlog
// goes.
func TestSendersAreHeldWhileTheDiskIsEmptied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := true
		n := &next{answer: func(_ context.Context, events []chat.Event) error {
			if away {
				return errAway
			}
			<-time.After(time.Duration(len(events)) * 3 * time.Millisecond)
			return nil
		}}
		r := build(newDisk(), n, nil)
		for i := range 800 {
			if _, err := r.Handle(t.Context(), []chat.Event{said("g", fmt.Sprint("before ", i))}); err != nil {
				t.Fatal(err)
			}
		}
		away = false
		r.start(t)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for sender := range 16 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					before := time.Now()
					if _, err := r.Handle(t.Context(), []chat.Event{said("g", fmt.Sprint(sender, " ", i))}); err != nil {
						t.Error(err)
					}
					if took := time.Since(before); took > defaultDeadline {
						t.Errorf("answered after %v", took)
					}
					<-time.After(20 * time.Millisecond) // all together more than twice what the drain judges
				}
			})
		}
		<-time.After(time.Minute)
		if left := len(r.disk.waits()); left > 2*holdFrom {
			t.Errorf("%d wait after a minute", left)
		}
		stop()
		wg.Wait()
		<-time.After(10 * time.Second)
		r.end()
		if got := r.disk.waits(); len(got) > 0 {
			t.Errorf("%d are left", len(got))
		}
	})
}

func TestRefusalsAreToldAFewTimesAMinute(t *testing.T) {
	d := newDisk()
	r := build(d, &next{answer: func(context.Context, []chat.Event) error { return errAway }}, nil)
	for i := range 100 { // now there is room, now there is none
		d.fault = nil
		if i%2 == 0 {
			d.fault = func(string) error { return ErrFull }
		}
		if _, err := r.Handle(t.Context(), []chat.Event{said("g", fmt.Sprint(i))}); (i%2 == 0) != errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	if n := strings.Count(r.log.String(), "503"); n == 0 || n > linesMost || slices.Contains(r.next.ids(), "0") {
		t.Errorf("%d lines: %s", n, r.log)
	}
}
