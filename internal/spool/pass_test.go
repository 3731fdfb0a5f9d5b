package spool

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// One part of the store is away, and its group is the first of those that wait.
func TestAGroupWhoseStoreIsAwayHoldsNoOtherBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back bool
		var mu sync.Mutex // guards back
		n := &next{}
		n.answer = func(_ context.Context, events []chat.Event) error {
			mu.Lock()
			defer mu.Unlock()
			if events[0].Group.ID == "dead" && !back {
				return errAway
			}
			return nil
		}
		r := build(newDisk(), n, nil)
		r.start(t)
		var want []string
		for i := range 100 {
			group := "healthy"
			if i%10 == 0 {
				group = "dead"
				want = append(want, fmt.Sprint(i))
			}
			if _, err := r.Handle(t.Context(), []chat.Event{said(group, fmt.Sprint(i))}); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Second)
			if group == "healthy" && !slices.Contains(n.ids(), fmt.Sprint(i)) {
				t.Fatalf("event %d waits for a group that is none of its own", i)
			}
		}
		if got := r.disk.waits(); !slices.Equal(got, want) {
			t.Errorf("waiting %v, want %v", got, want)
		}
		mu.Lock()
		back = true
		mu.Unlock()
		<-time.After(2 * time.Second)
		r.end()
		if got := n.ids(); !slices.Equal(got[len(got)-len(want):], want) || len(r.disk.waits()) > 0 {
			t.Errorf("judged %v, waiting %v", got, r.disk.waits())
		}
	})
}

// stock puts messages on a disk in groups by turns, fast.
func stock(t *testing.T, d *disk, events, groups int) {
	t.Helper()
	d.most = 1 << 30
	var all []Entry
	for i := range events {
		e := said(fmt.Sprint("g", i%groups), fmt.Sprint(i))
		body, err := encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Entry{Body: body})
	}
	if err := d.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

// A store that is away is asked by few, however much waits, and little is read for that.
func TestAStoreThatIsAwayIsAskedByFew(t *testing.T) {
	for _, groups := range []int{1, 2, 1000} {
		d := newDisk()
		stock(t, d, 3000, groups)
		var mu sync.Mutex // guards the counts
		asked, read := 0, 0
		d.fault = func(op string) error {
			if op == "next" {
				read++
			}
			return nil
		}
		r := build(d, &next{answer: func(context.Context, []chat.Event) error {
			mu.Lock()
			defer mu.Unlock()
			asked++
			return errAway
		}}, nil)
		if end := r.pass(t.Context()); end != storeAway || asked < min(groups, 2) || asked > 2*maxProbes || read > 2 {
			t.Errorf("%d groups: ended with %v, asked %d times, read %d pages", groups, end, asked, read)
		}
	}
}

// As long as the disk is not empty, what failed has its turn again and old texts go.
func TestWhatFailedHasItsTurnAgainBeforeTheDiskIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		const most = 40_000
		stock(t, d, most, 8)
		began := time.Now()
		n := &next{answer: func(_ context.Context, events []chat.Event) error {
			<-time.After(time.Duration(len(events)) * time.Millisecond)
			bad := slices.ContainsFunc(events, func(e chat.Event) bool { return e.ID == "9" })
			if bad && time.Since(began) < 100*time.Millisecond {
				return errOwn
			}
			return nil
		}}
		r := build(d, n, nil)
		r.start(t)
		<-time.After(time.Minute)
		r.end()
		if at := slices.Index(n.ids(), "9"); at < 0 || at > most-5000 || len(n.ids()) != most {
			t.Errorf("an event that failed once was judged as number %d of %d", at, len(n.ids()))
		}
	})
}

// A group's events go together as soon as the store is seen to work.
func TestRunsGrowWithEachCallThatWorks(t *testing.T) {
	d := newDisk()
	var ids []string
	for i := range 400 {
		ids = append(ids, fmt.Sprint(i))
	}
	fillDisk(t, d, "g", ids...)
	calls := 0
	r := build(d, &next{answer: func(context.Context, []chat.Event) error { calls++; return nil }}, nil)
	if end := r.pass(t.Context()); end != finished || !slices.Equal(r.next.ids(), ids) || calls > 15 {
		t.Errorf("ended with %v after %d calls: %v", end, calls, r.next.ids())
	}
}
