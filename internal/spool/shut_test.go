package spool

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// parts is a store of which some groups are away. It is safe for concurrent use.
type parts struct {
	mu    sync.Mutex // guards the fields below
	away  string     // how their IDs begin; empty: none is
	asked int        // in vain
}

func (p *parts) set(away string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
}

func (p *parts) answer(_ context.Context, events []chat.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away != "" && strings.HasPrefix(string(events[0].Group.ID), p.away) {
		p.asked++
		return errAway
	}
	return nil
}

// handed hands in an event that is accepted.
func (r *rig) handed(t *testing.T, group, id string) {
	t.Helper()
	if _, err := r.Handle(t.Context(), []chat.Event{said(group, id)}); err != nil {
		t.Fatal(err)
	}
}

// One part of the store is away, and the oldest entries are all of its groups.
func TestAPartOfTheStoreThatIsAwayHoldsNoOtherBack(t *testing.T) {
	for _, row := range []struct{ dead, healthy, burst int }{{1, 4, 1}, {3, 6, 1}, {4, 8, 1}, {8, 16, 1}, {40, 40, 1}, {1, 4, 700}, {6, 4, 120}} {
		t.Run(fmt.Sprintf("%d dead, %d healthy, bursts of %d", row.dead, row.healthy, row.burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &parts{away: "dead"}
				r := build(newDisk(), &next{answer: p.answer}, nil)
				r.disk.most = 1 << 30
				r.start(t)
				var want []string
				for round := range 2 {
					for i := range row.dead * row.burst {
						r.handed(t, fmt.Sprint("dead ", i%row.dead), fmt.Sprint("dead ", round, " ", i))
					}
					for i := range row.healthy {
						want = append(want, fmt.Sprint(round, " ", i))
						r.handed(t, fmt.Sprint("healthy ", i), want[len(want)-1])
					}
					<-time.After(time.Second)
				}
				<-time.After(20 * time.Second)
				got := r.next.ids()
				slices.Sort(got)
				if slices.Sort(want); !slices.Equal(got, want) {
					t.Errorf("%d of %d events of groups whose store is there are judged: %v", len(got), len(want), got)
				}
				p.set("")
				<-time.After(5 * time.Second)
				r.end()
				if got := r.disk.waits(); len(got) > 0 {
					t.Errorf("%d wait although all of it is back", len(got))
				}
			})
		})
	}
}

// However much waits for the part that is away, others are found behind it, and it is asked little.
func TestOthersAreFoundBehindALongBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		stock(t, d, 8000, 5) // groups g0 to g4
		p := &parts{away: "g"}
		r := build(d, &next{answer: p.answer}, nil)
		r.start(t)
		for i := range 20 {
			r.handed(t, "healthy", fmt.Sprint("healthy ", i))
			<-time.After(10 * time.Second)
			if len(r.next.ids()) != i+1 {
				t.Fatalf("event %d waits after ten seconds", i)
			}
		}
		r.end()
		if most := 5 * 200; p.asked > most {
			t.Errorf("what is away was asked %d times in 200 s, want %d at most", p.asked, most)
		}
	})
}

// Of two parts one is back, and not that of the oldest entry.
func TestAPartThatIsBackIsFoundBehindOneThatIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &parts{away: "dead"}
		r := build(newDisk(), &next{answer: p.answer}, nil)
		r.start(t)
		for i := range 20 {
			r.handed(t, fmt.Sprint("dead ", i%2), fmt.Sprint(i))
			<-time.After(time.Second)
		}
		p.set("dead 0")
		<-time.After(shutFor + 2*time.Second)
		r.end()
		if got, want := r.next.ids(), []string{"1", "3", "5", "7", "9", "11", "13", "15", "17", "19"}; !slices.Equal(got, want) {
			t.Errorf("judged %v, want %v", got, want)
		}
	})
}

// An entry that is stuck is the oldest, when the store goes and comes back as a whole.
func TestAStoreThatIsBackIsFoundBehindAStuckEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g0", "stuck")
		p := &parts{}
		r := build(d, &next{answer: func(ctx context.Context, events []chat.Event) error {
			if err := p.answer(ctx, events); err != nil {
				return err
			}
			return poisoned("stuck", func() error { return errOwn })(ctx, events)
		}}, nil)
		r.start(t)
		for i := range 3 {
			r.handed(t, "other", fmt.Sprint("other ", i))
			<-time.After(time.Second)
		}
		p.set("g")
		for i := range 60 {
			r.handed(t, fmt.Sprint("g", i%5), fmt.Sprint(i))
			<-time.After(time.Second)
		}
		p.set("")
		<-time.After(3 * time.Second)
		r.end()
		if got := d.waits(); len(got) > 1 {
			t.Errorf("%v wait three seconds after the store is back", got)
		}
	})
}

func TestGroupsThatAreShutAreBounded(t *testing.T) {
	var s shut
	for i := range maxShut + 1 {
		s.past = 9
		s.add(chat.Group{ID: chat.GroupID(fmt.Sprint(i))}, zeroHour)
	}
	if len(s.groups) != 1 || s.past != 0 {
		t.Errorf("%d groups, past %d", len(s.groups), s.past)
	}
	if s.expire(zeroHour.Add(shutFor - 1)); len(s.groups) != 1 {
		t.Error("it is forgotten early")
	}
	if s.expire(zeroHour.Add(shutFor)); len(s.groups) != 0 {
		t.Error("it is never forgotten")
	}
}
