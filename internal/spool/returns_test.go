package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// pardoned returns which events were judged as those of somebody who is let off.
func (n *next) pardoned() (ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.judged {
		if n.judged[i].Trusted {
			ids = append(ids, string(n.judged[i].ID))
		}
	}
	return ids
}

func TestWhoCameBackIsNotJudgedForWhatHeDidBefore(t *testing.T) {
	event := func(id, group, member string, kind chat.Kind, second int) chat.Event {
		e := said(group, id)
		e.Member, e.Kind, e.At = chat.MemberID(member), kind, zeroHour.Add(time.Duration(second)*time.Second)
		return e
	}
	asks := event("2", "g", "bob", chat.Join, 60)
	asks.Asked = true
	for name, row := range map[string]struct {
		events []chat.Event
		want   []string
	}{
		"offence, end, join":      {[]chat.Event{event("1", "g", "bob", chat.Message, 0), event("2", "g", "bob", chat.Leave, 1), event("3", "g", "bob", chat.Join, 9)}, []string{"1", "2"}},
		"two joins":               {[]chat.Event{event("1", "g", "bob", chat.Join, 0), event("2", "g", "bob", chat.Join, 9)}, []string{"1"}},
		"offence after the join":  {[]chat.Event{event("1", "g", "bob", chat.Message, 0), event("2", "g", "bob", chat.Join, -9)}, nil},
		"clocks that differ":      {[]chat.Event{event("1", "g", "bob", chat.Message, 0), event("2", "g", "bob", chat.Join, 4)}, nil},
		"somebody else":           {[]chat.Event{event("1", "g", "bob", chat.Message, 0), event("2", "g", "eve", chat.Join, 9)}, nil},
		"another group":           {[]chat.Event{event("1", "g", "bob", chat.Message, 0), event("2", "h", "bob", chat.Join, 9)}, nil},
		"who only asks to be let": {[]chat.Event{event("1", "g", "bob", chat.Message, 0), asks}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				away := true
				n := &next{answer: func(context.Context, []chat.Event) error {
					if away {
						return errAway
					}
					return nil
				}}
				r := build(newDisk(), n, nil)
				for _, e := range row.events {
					if _, err := r.Handle(t.Context(), []chat.Event{e}); err != nil {
						t.Fatal(err)
					}
				}
				away = false
				again := build(r.disk, n, nil) // after a restart
				again.start(t)
				synctest.Wait()
				again.end()
				if got := n.pardoned(); !slices.Equal(got, row.want) || len(n.ids()) != len(row.events) {
					t.Errorf("not judged: %v, want %v; handed on: %v", got, row.want, n.ids())
				}
			})
		})
	}
}

// An event that is stuck is tried again when the join behind it was judged long ago.
func TestWhoCameBackWhileHisOffenceWasStuckIsNotJudgedForIt(t *testing.T) {
	for name, full := range map[string]bool{"the disk takes the join": false, "the disk does not": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "bad", "fine")
				var fine atomic.Bool
				n := &next{answer: poisoned("bad", func() error {
					if !fine.Load() {
						return errOwn
					}
					return nil
				})}
				r := build(d, n, nil)
				r.start(t)
				synctest.Wait()
				d.mu.Lock()
				d.fault = func(op string) error {
					if full && op == "append" {
						return ErrFull
					}
					return nil
				}
				d.mu.Unlock()
				if _, err := r.Handle(t.Context(), []chat.Event{back("g")}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if !slices.Contains(n.ids(), "join") {
					t.Fatalf("judged %v", n.ids())
				}
				fine.Store(true)
				<-time.After(time.Minute)
				r.end()
				if got := n.pardoned(); !slices.Equal(got, []string{"bad"}) {
					t.Errorf("not judged: %v, handed on: %v", got, n.ids())
				}
			})
		})
	}
}

// back is bob's join of a group, a minute after whatever he said.
func back(group string) chat.Event {
	e := said(group, "join")
	e.Kind, e.Text, e.At = chat.Join, "", zeroHour.Add(time.Minute)
	return e
}

// The join waits on a disk that is full by now. What he said before comes late, and the store is there.
func TestWhoCameBackIsNotJudgedForWhatGoesFirst(t *testing.T) {
	d := newDisk()
	var there atomic.Bool
	n := &next{answer: func(context.Context, []chat.Event) error {
		if !there.Load() {
			return errAway
		}
		return nil
	}}
	r := build(d, n, nil)
	if _, err := r.Handle(t.Context(), []chat.Event{back("g")}); err != nil {
		t.Fatal(err)
	}
	d.fill()
	there.Store(true)
	if _, err := r.Handle(t.Context(), []chat.Event{said("g", "offence")}); err != nil {
		t.Fatal(err)
	}
	if got := n.pardoned(); !slices.Equal(got, []string{"offence"}) || len(n.ids()) != 1 {
		t.Errorf("not judged: %v, handed on: %v", got, n.ids())
	}
	d.mu.Lock()
	d.fault = func(string) error { return errDisk }
	d.mu.Unlock()
	if _, err := r.Handle(t.Context(), []chat.Event{said("g", "another")}); !errors.Is(err, errDisk) || len(n.ids()) != 1 {
		t.Errorf("with a disk that does not say who came back: %v, handed on: %v", err, n.ids())
	}
}

// The disk does not take the join. While the store has it, what he did before is judged.
func TestWhoComesBackJustNowIsNotJudgedForWhatHeDidBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "offence")
		d.fill()
		n := &next{answer: func(_ context.Context, events []chat.Event) error {
			if events[0].Kind == chat.Join {
				<-time.After(100 * time.Millisecond)
			}
			return nil
		}}
		r := build(d, n, nil)
		joined := make(chan error)
		go func() {
			_, err := r.Handle(t.Context(), []chat.Event{back("g")})
			joined <- err
		}()
		synctest.Wait() // the join is with the store
		r.start(t)
		if err := <-joined; err != nil {
			t.Fatal(err)
		}
		r.end()
		if got := n.pardoned(); !slices.Equal(got, []string{"offence"}) {
			t.Errorf("not judged: %v, handed on: %v", got, n.ids())
		}
	})
}

// There is no room for the join, and the process ends before what he did is judged.
func TestWhoCameBackIsKnownOverARestartOfAFullSpool(t *testing.T) {
	for name, row := range map[string]struct {
		fault error // of the disk, when it has to know the join
		want  []string
	}{
		"the disk knows":    {nil, []string{"offence"}},
		"the disk does not": {errDisk, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "offence")
				d.fault = func(op string) error {
					return map[string]error{"append": ErrFull, "remember": row.fault}[op]
				}
				n := &next{}
				if _, err := build(d, n, nil).Handle(t.Context(), []chat.Event{back("g")}); err != nil {
					t.Fatal(err)
				}
				again := build(d, n, nil)
				again.start(t)
				synctest.Wait()
				again.end()
				if got := n.pardoned(); !slices.Equal(got, row.want) || len(n.ids()) != 2 {
					t.Errorf("not judged: %v, handed on: %v", got, n.ids())
				}
			})
		})
	}
}

func TestJoinsThatOvertookAreBounded(t *testing.T) {
	var o overtook
	for i := range maxOvertook + 1 {
		e := chat.Event{Kind: chat.Join, Member: chat.MemberID(fmt.Sprint(i)), At: zeroHour}
		o.note([]chat.Event{e, {Kind: chat.Message, Member: "talks", At: zeroHour}})
	}
	if len(o.joins) != maxOvertook {
		t.Errorf("%d are kept", len(o.joins))
	}
	if !o.since("anybody", zeroHour.Add(-time.Minute)) || o.since("anybody", zeroHour) {
		t.Error("who did not fit in may have come back at the time of the last join")
	}
	if o.clear(); o.since("anybody", zeroHour.Add(-time.Minute)) {
		t.Error("nothing waits, and somebody counts as back")
	}
}
