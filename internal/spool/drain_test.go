package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fillDisk puts messages on a disk, one ID each.
func fillDisk(t *testing.T, d *disk, group string, ids ...string) {
	t.Helper()
	r := build(d, &next{answer: func(context.Context, []chat.Event) error { return errAway }}, nil)
	for _, id := range ids {
		if _, err := r.Handle(t.Context(), []chat.Event{said(group, id)}); err != nil {
			t.Fatal(err)
		}
	}
}

// poisoned fails whenever a certain event is among those that are handed on.
func poisoned(id string, fail func() error) func(context.Context, []chat.Event) error {
	return func(_ context.Context, events []chat.Event) error {
		if slices.ContainsFunc(events, func(e chat.Event) bool { return string(e.ID) == id }) {
			return fail()
		}
		return nil
	}
}

func TestAnEventThatFailsForAReasonOfItsOwnHoldsNobodyBack(t *testing.T) {
	for name, fail := range map[string]func() error{
		"an error":   func() error { return errOwn },
		"a panic":    func() error { panic("about secret bad") },
		"a bad read": func() error { var none *chat.Event; _ = none.ID; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "1", "2", "bad", "3", "4")
				tries := 0
				r := build(d, &next{answer: poisoned("bad", func() error { tries++; return fail() })}, nil)
				r.start(t)
				synctest.Wait()
				if got := r.next.ids(); !slices.Equal(got, []string{"1", "2", "3", "4"}) {
					t.Fatalf("judged %v", got)
				}
				for i := range 24 { // somebody else goes on
					if _, err := r.Handle(t.Context(), []chat.Event{said("h", fmt.Sprint("other ", i))}); err != nil {
						t.Fatal(err)
					}
					<-time.After(29 * time.Second)
					synctest.Wait()
					if past := time.Duration(i+1) * 29 * time.Second; past < leastTrial && len(d.givenUp) > 0 {
						t.Fatalf("given up after %v", past)
					}
				}
				r.end()
				if len(d.givenUp) != 1 || len(d.waits()) > 0 || len(r.next.ids()) != 28 {
					t.Errorf("given up %v, waiting %v, judged %v", d.givenUp, d.waits(), r.next.ids())
				}
				if text := r.log.String(); strings.Contains(text, "secret") || strings.Count(text, "was given up") != 1 ||
					strings.Count(text, "fails for a reason of its own") != 1 || tries < maxTries || tries > 2*maxTries {
					t.Errorf("%d tries, log: %s", tries, text)
				}
			})
		})
	}
}

func TestWithoutASignThatTheStoreWorksNothingIsGivenUp(t *testing.T) {
	for name, err := range map[string]error{"away": errAway, "its own": errOwn, "too slow": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "1", "2")
				fillDisk(t, d, "h", "3")
				r := build(d, &next{answer: func(context.Context, []chat.Event) error { return err }}, nil)
				r.start(t)
				<-time.After(time.Hour)
				r.end()
				if len(d.waits()) != 3 || len(d.givenUp) > 0 {
					t.Errorf("waiting %v, given up %v", d.waits(), d.givenUp)
				}
			})
		})
	}
}

// A store that comes and goes lets others through while one event meets it away each time.
func TestAStoreThatIsAwayNeverCountsAgainstAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "unlucky")
		var lucky atomic.Bool
		r := build(d, &next{answer: poisoned("unlucky", func() error {
			if lucky.Load() {
				return nil
			}
			return errAway
		})}, func(c *Config) { c.Stored = func() uint64 { return uint64(time.Now().UnixNano()) } }) //nolint:gosec // after 1970
		r.start(t)
		<-time.After(time.Hour)
		if got := d.waits(); !slices.Equal(got, []string{"unlucky"}) {
			t.Fatalf("waiting %v, given up %v", got, d.givenUp)
		}
		lucky.Store(true)
		<-time.After(time.Minute)
		r.end()
		if got := r.next.ids(); !slices.Equal(got, []string{"unlucky"}) {
			t.Errorf("judged %v", got)
		}
	})
}

func TestWhatCannotBeReadIsGivenUpUnlessAnotherVersionCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		if err := d.Append(t.Context(), []Entry{{Body: []byte("secret rubbish")}, {Body: []byte(`{"v":9}`)}}); err != nil {
			t.Fatal(err)
		}
		r := build(d, &next{}, nil)
		r.start(t)
		for i := range 40 {
			<-time.After(30 * time.Second)
			if _, err := r.Handle(t.Context(), []chat.Event{said("g", fmt.Sprint(i))}); err != nil {
				t.Fatal(err)
			}
		}
		r.end()
		if len(d.givenUp) != 1 || !slices.Contains(r.next.ids(), "0") || !slices.Contains(d.waits(), "unreadable") || strings.Contains(r.log.String(), "secret") {
			t.Errorf("given up %v, judged %v, waiting %v, log %s", d.givenUp, r.next.ids(), d.waits(), r.log)
		}
	})
}

func TestTextsGoWhenTheyMayBeKeptNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "1")
		join := said("g", "2")
		join.Kind, join.Text = chat.Join, ""
		r := build(d, &next{answer: func(context.Context, []chat.Event) error { return errAway }}, func(c *Config) { c.KeepText = time.Hour })
		if _, err := r.Handle(t.Context(), []chat.Event{join}); err != nil {
			t.Fatal(err)
		}
		r.start(t)
		<-time.After(59 * time.Minute)
		if n := len(d.waits()); n != 2 {
			t.Errorf("%d wait after 59 minutes", n)
		}
		<-time.After(3 * time.Minute)
		r.end()
		if got := d.waits(); !slices.Equal(got, []string{"2"}) || strings.Count(r.log.String(), "were given up") != 1 {
			t.Errorf("waiting %v, log %s", got, r.log)
		}
	})
}

func TestAnErrorOfTheDiskIsToldAndNothingIsLost(t *testing.T) {
	for _, what := range []string{"next", "done"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "1", "2")
				var broken atomic.Bool
				broken.Store(true)
				d.fault = func(op string) error {
					if op == what && broken.Load() {
						return errDisk
					}
					return nil
				}
				var told atomic.Int32
				r := build(d, &next{}, func(c *Config) {
					c.Failed = func(err error) {
						if errors.Is(err, errDisk) {
							told.Add(1)
						}
					}
				})
				r.start(t)
				<-time.After(5 * time.Second)
				if len(d.waits()) != 2 || told.Load() == 0 {
					t.Errorf("waiting %v, told %d times", d.waits(), told.Load())
				}
				broken.Store(false)
				<-time.After(5 * time.Second)
				r.end()
				if got := r.next.ids(); len(d.waits()) > 0 || !slices.Contains(got, "1") || !slices.Contains(got, "2") {
					t.Errorf("waiting %v, judged %v", d.waits(), got)
				}
			})
		})
	}
}

func TestARunHoldsNobodyWhoComesBack(t *testing.T) {
	event := func(member string, kind chat.Kind) item {
		return item{event: chat.Event{Member: chat.MemberID(member), Kind: kind}}
	}
	for name, row := range map[string]struct {
		items []item
		want  int
	}{
		"messages":            {[]item{event("a", chat.Message), event("a", chat.Message), event("b", chat.Message)}, 3},
		"joins of many":       {[]item{event("a", chat.Join), event("b", chat.Join)}, 2},
		"a join, then words":  {[]item{event("a", chat.Join), event("a", chat.Message)}, 2},
		"words, then a join":  {[]item{event("a", chat.Message), event("b", chat.Join), event("a", chat.Join)}, 2},
		"gone and back again": {[]item{event("a", chat.Join), event("a", chat.Leave), event("a", chat.Join)}, 1},
		"too many":            {slices.Repeat([]item{event("a", chat.Message)}, 9), 4},
	} {
		if got := runOf(row.items, 4); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}
