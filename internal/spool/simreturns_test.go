package spool

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// slowDisk is a disk whose calls take time before and after their effect, and that is full now and then.
type slowDisk struct {
	*disk
	f    *fate
	most time.Duration // of a wait
	full bool          // it knows ErrFull
}

func (s *slowDisk) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.f.upTo(s.most)):
		return nil
	}
}

func (s *slowDisk) Append(ctx context.Context, entries []Entry) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	if s.full && time.Now().Second()%10 < 3 && s.f.chance(100) {
		return ErrFull
	}
	if err := s.disk.Append(ctx, entries); err != nil {
		return err
	}
	return s.wait(ctx) // they are stored all the same
}

func (s *slowDisk) Next(ctx context.Context, after int64, entries, bytes int) ([]Entry, error) {
	page, err := s.disk.Next(ctx, after, entries, bytes)
	if err != nil {
		return nil, err
	}
	return page, s.wait(ctx)
}

func (s *slowDisk) Done(ctx context.Context, ids []int64) error {
	_ = s.wait(ctx)
	err := s.disk.Done(ctx, ids)
	_ = s.wait(ctx)
	return err
}

func (f *fate) upTo(most time.Duration) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Duration(f.r.Int64N(int64(most)))
}

// call is an event with the store, and when it came there.
type call struct {
	event chat.Event
	began time.Time
}

// accepted is an event with the time of its answer.
type accepted struct {
	event chat.Event
	at    time.Time
}

// raid is what senders, spool and store have seen of a simulation.
type raid struct {
	*fate
	parts    bool // the store's parts come and go on their own
	mu       sync.Mutex
	calls    []call     // that were judged
	accepted []accepted // in the order of the answers
	sent     int
}

// Handle implements Next. The store takes some time, and what else it does is by chance.
func (r *raid) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	began := time.Now()
	away := r.away(&events[0])
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(r.upTo(30 * time.Millisecond)):
	}
	switch {
	case away && r.chance(20):
		<-ctx.Done()
		return nil, ctx.Err()
	case away:
		return nil, errAway
	case r.chance(1):
		return nil, errOwn
	}
	r.mu.Lock()
	for i := range events {
		r.calls = append(r.calls, call{events[i], began})
	}
	r.mu.Unlock()
	if r.chance(2) { // the answer is lost, not the effect
		return nil, errAway
	}
	return make([]chat.Verdict, len(events)), nil
}

// away tells whether the store of an event's group is away.
func (r *raid) away(e *chat.Event) bool {
	turn := r.chance(2)
	r.fate.mu.Lock()
	defer r.fate.mu.Unlock()
	if turn {
		r.off = !r.off
	}
	if r.parts {
		part, _ := strconv.ParseInt(string(e.Group.ID[1:]), 10, 64)
		return !r.calm && (time.Now().Unix()/17+part)%3 == 0
	}
	return r.off && !r.calm
}

// send lets one group talk, join and leave until the process ends.
func (r *raid) send(ctx context.Context, s *Spool, group string) {
	for ctx.Err() == nil {
		r.mu.Lock()
		r.sent++
		e := said(group, fmt.Sprint(r.sent))
		r.mu.Unlock()
		e.At, e.Member = time.Now(), chat.MemberID(fmt.Sprint("m", int64(r.upTo(3))))
		switch r.upTo(10) {
		case 0, 1, 2:
			e.Kind, e.Text = chat.Join, ""
		case 3:
			e.Kind, e.Text = chat.Leave, ""
		case 4, 5: // a late one
			e.At = e.At.Add(-r.upTo(20 * time.Second))
		}
		waits, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
		_, err := s.Handle(waits, []chat.Event{e})
		cancel()
		if err == nil && ctx.Err() == nil {
			r.mu.Lock()
			r.accepted = append(r.accepted, accepted{e, time.Now()})
			r.mu.Unlock()
		}
		<-time.After(r.upTo(700 * time.Millisecond))
	}
}

// TestWhoCameBackIsNeverJudgedForWhatHeDidBefore lets members of several groups talk, leave and join, with
// events that come late, a store that comes and goes as a whole or in parts, a disk that is slow or full,
// and a process that ends in the middle. Nothing that was accepted is lost. Whatever is judged after a later
// join of its member was accepted is pardoned, or the store knew of that join before.
func TestWhoCameBackIsNeverJudgedForWhatHeDidBefore(t *testing.T) {
	fromSeeds(t, 6, simulateReturns)
}

func simulateReturns(t *testing.T, seed uint64) {
	f := &fate{r: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // a seeded script
	r := &raid{fate: f, parts: seed%3 == 0}
	base := newDisk()
	base.fault = func(op string) error {
		if op != "append" && f.chance(2) {
			return errDisk
		}
		return nil
	}
	most := time.Duration([]int{5, 30, 120, 600}[seed%4]) * time.Millisecond
	d := &slowDisk{disk: base, f: f, most: most, full: seed%2 == 0}
	live := func(as func(*rig)) {
		one := build(base, nil, func(c *Config) { c.Disk, c.Next, c.KeepText, c.Stored = d, r, forever, func() uint64 { return 0 } })
		one.start(t)
		as(one)
		one.end()
	}
	for range 3 {
		live(func(one *rig) {
			life, die := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for g := range 6 {
				wg.Go(func() { r.send(life, one.Spool, fmt.Sprint("g", g)) })
			}
			<-time.After(10*time.Second + f.upTo(20*time.Second))
			die()
			wg.Wait()
		})
	}
	f.mu.Lock()
	f.calm = true
	f.mu.Unlock()
	live(func(*rig) { <-time.After(20 * time.Minute) })
	if w := base.waits(); len(w) > 0 || len(base.givenUp) > 0 {
		t.Errorf("%d wait, given up: %v", len(w), base.givenUp)
	}
	r.check(t)
}

// check compares what was judged with what was accepted.
func (r *raid) check(t *testing.T) {
	t.Helper()
	began := map[chat.EventID]time.Time{} // of the first call
	for _, c := range r.calls {
		if _, known := began[c.event.ID]; !known {
			began[c.event.ID] = c.began
		}
	}
	joins := map[string][]accepted{}
	for _, a := range r.accepted {
		if _, judged := began[a.event.ID]; !judged {
			t.Errorf("%s was accepted and is lost", a.event.ID)
		}
		if returns(&a.event) {
			joins[keyOf(&a.event)] = append(joins[keyOf(&a.event)], a)
		}
	}
	for _, c := range r.calls {
		for _, j := range joins[keyOf(&c.event)] {
			if !c.event.Trusted && after(j.event.At, c.event.At) && j.at.Before(c.began) && !began[j.event.ID].Before(c.began) {
				t.Errorf("%s (%s of %v) was judged at %v although his join %s of %v was accepted at %v", c.event.ID, c.event.Kind,
					c.event.At, c.began, j.event.ID, j.event.At, j.at)
			}
		}
	}
}
