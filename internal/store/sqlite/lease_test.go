package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

var errTorn = errors.New("torn")

// entryModel is what is known of an entry in the queue.
type entryModel struct {
	id                   chat.CaseID
	claimed              bool
	until                time.Time // the claim's end
	fence                int64     // of the last claim; -1: it was given back
	deliveries, attempts int
}

// leaseModel is a store of one partition, and what should be in its queue.
type leaseModel struct {
	rt      *rapid.T
	s       *Store
	c       *clock
	named   int
	entries []entryModel // in order
	claims  []actions.Item
}

// TestLeasesFollowTheFile compares what is claimed with a model, over transactions of several steps,
// some of which fail.
func TestLeasesFollowTheFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, c := openAt(t, store.Options{Partitions: 1, Lease: time.Minute})
		m := &leaseModel{rt: rt, s: s, c: c}
		rt.Repeat(map[string]func(*rapid.T){
			"commit":         func(*rapid.T) { m.commit() },
			"change":         func(*rapid.T) { m.transaction() },
			"another change": func(*rapid.T) { m.transaction() },
			"renew":          func(*rapid.T) { m.renew() },
			"advance":        func(*rapid.T) { c.advance(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second) },
			"":               func(*rapid.T) { m.check() },
		})
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func (m *leaseModel) commit() {
	var cases []chat.Case
	for range rapid.IntRange(1, 12).Draw(m.rt, "cases") {
		m.named++
		cases = append(cases, caseAt(fmt.Sprint(m.named), m.c.now()))
		m.entries = append(m.entries, entryModel{id: cases[len(cases)-1].ID})
	}
	if _, err := m.s.Commit(m.rt.Context(), cases); err != nil {
		m.rt.Fatal(err)
	}
}

// transaction does some steps in one transaction. When that fails, nothing of them may stay.
func (m *leaseModel) transaction() {
	entries, claims := slices.Clone(m.entries), slices.Clone(m.claims)
	torn := rapid.IntRange(0, 3).Draw(m.rt, "torn") == 0
	steps := rapid.IntRange(1, 3).Draw(m.rt, "steps")
	err := m.s.change(m.rt.Context(), 1, func(t *tx) error {
		for range steps {
			step := m.settle
			if rapid.Bool().Draw(m.rt, "claim") {
				step = m.claim
			}
			if err := step(t); err != nil {
				return err
			}
		}
		if torn {
			return errTorn
		}
		return nil
	})
	if torn && errors.Is(err, errTorn) {
		m.entries, m.claims = entries, claims
		return
	}
	if err != nil || torn {
		m.rt.Fatalf("a transaction that is torn: %v: %v", torn, err)
	}
}

func (m *leaseModel) claim(t *tx) error {
	most := rapid.IntRange(1, 8).Draw(m.rt, "most")
	items, err := t.claim(0, most)
	if err != nil {
		return err
	}
	var want []chat.CaseID
	for i := range m.entries {
		e := &m.entries[i]
		if len(want) == most || e.claimed && e.until.After(m.c.now()) {
			continue
		}
		want = append(want, e.id)
		if len(items) < len(want) {
			break
		}
		it := items[len(want)-1]
		e.deliveries++
		if it.Deliveries != e.deliveries || it.Attempts != e.attempts || it.Token.Fence <= e.fence {
			m.rt.Errorf("claimed %+v, want delivery %d after %d attempts and a fence above %d", it, e.deliveries, e.attempts, e.fence)
		}
		e.claimed, e.fence, e.until = true, it.Token.Fence, m.c.now().Add(time.Minute)
	}
	if got := casesOfItems(items); !slices.Equal(got, want) {
		m.rt.Errorf("claimed %v, want the oldest that are free: %v", got, want)
	}
	m.claims = append(m.claims, items...)
	return nil
}

func (m *leaseModel) settle(t *tx) error {
	if len(m.claims) == 0 {
		return nil
	}
	it := rapid.SampledFrom(m.claims).Draw(m.rt, "settled")
	state := rapid.SampledFrom([]actions.State{actions.Done, actions.Dead, actions.Held, actions.Void, actions.Retry, actions.Free}).Draw(m.rt, "state")
	if i := m.owned(it); i >= 0 {
		switch state {
		case actions.Retry:
			m.entries[i].attempts++
		case actions.Free:
			m.entries[i].claimed, m.entries[i].fence = false, -1
		default:
			m.entries = slices.Delete(m.entries, i, i+1)
		}
	}
	return t.settle(&actions.Settlement{Item: it, State: state, At: m.c.now()})
}

// owned returns where the entry is that a claim still is of; -1 for none.
func (m *leaseModel) owned(it actions.Item) int {
	return slices.IndexFunc(m.entries, func(e entryModel) bool { return e.id == it.Case && e.fence == it.Token.Fence && e.claimed })
}

func (m *leaseModel) renew() {
	tokens := []actions.Token{{Part: 0, Entry: "1-0", Fence: 1}, {Part: -1, Entry: "1"}, {Part: 7, Entry: "1", Fence: 1}}
	for _, it := range m.claims {
		if !rapid.Bool().Draw(m.rt, "renewed") {
			continue
		}
		tokens = append(tokens, it.Token)
		if i := m.owned(it); i >= 0 {
			m.entries[i].until = m.c.now().Add(time.Minute)
		}
	}
	if err := m.s.Renew(m.rt.Context(), tokens); err != nil {
		m.rt.Fatal(err)
	}
}

// check counts the leases in memory, and the claims in the file.
func (m *leaseModel) check() {
	want := 0
	for _, e := range m.entries {
		if e.claimed {
			want++
		}
	}
	p := &m.s.w.leases.parts[0]
	var inFile int
	if err := m.s.read.QueryRowContext(m.rt.Context(), "SELECT COUNT(*) FROM queue WHERE lease = 1").Scan(&inFile); err != nil {
		m.rt.Fatal(err)
	}
	if inFile != want || len(p.held) != want || p.running.Len() > want {
		m.rt.Errorf("%d claims in the file and %d leases, %d of them running, want %d", inFile, len(p.held), p.running.Len(), want)
	}
}

func casesOfItems(items []actions.Item) (ids []chat.CaseID) {
	for _, it := range items {
		ids = append(ids, it.Case)
	}
	return ids
}
