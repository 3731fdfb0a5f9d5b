package trial

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// How long, by the clock of the events, things are kept beyond what rules ask for.
const (
	lateness  = time.Hour      // for events that come late
	keepCases = 24 * time.Hour // cases stay known
	// joinRoom is how long before a join that lifts nothing an event must have been to be settled by it:
	// as long as in the stores.
	joinRoom = 5 * time.Second
)

// Memory is a pipeline.Store in memory. Its time is that of the latest event that it has seen: nothing
// reads the wall clock, and everything ends by the time of events. An action counts as done at the
// moment of its event. It is safe for concurrent use. The zero value is ready.
type Memory struct {
	mu      sync.Mutex // guards the fields below
	now     int64      // the latest event, in microseconds since 1970
	windows table[*window]
	trails  table[*trail]
	joins   table[int64]
	cases   table[int] // the strikes that Commit answered
	ladders table[*ladder]
	marks   table[*marks]
	dropped table[int64] // by action: when the mark in its way was decided
}

// Observe answers looks as chat.Look and chat.Facts say.
func (m *Memory) Observe(_ context.Context, looks []chat.Look) ([]chat.Facts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	facts := make([]chat.Facts, len(looks))
	for i := range looks {
		m.observe(&looks[i], &facts[i])
	}
	return facts, nil
}

func (m *Memory) observe(l *chat.Look, f *chat.Facts) {
	at := l.At.UnixMicro()
	if !l.Peek {
		m.now = max(m.now, at)
	}
	if len(l.Windows) > 0 {
		event := digestOf(string(l.Group.Provider), string(l.Group.Account), string(l.Group.ID), string(l.Event))
		f.Counts = make([]int, len(l.Windows))
		for i := range l.Windows {
			w := &l.Windows[i]
			if w.Note == "" {
				f.Counts[i] = m.count(w, point{at: at, add: max(w.Add, 1), event: event}, l.Peek)
				continue
			}
			if f.Trails == nil {
				f.Trails = make([][]chat.Entry, len(l.Windows))
			}
			f.Trails[i] = m.follow(w, step{at: at, event: event, note: w.Note}, l.Peek)
		}
	}
	who := memberDigest(l.Group, l.Member)
	if l.Kind == chat.Join && !l.Peek {
		if l.KeepJoin > 0 {
			last, _ := m.joins.get(who, m.now)
			m.joins.put(who, max(last, at), m.now, m.now+micros(l.KeepJoin+lateness))
		}
		m.lift(who, l)
	}
	if l.Joined {
		if at, ok := m.joins.get(who, m.now); ok {
			f.JoinedAt = time.UnixMicro(at).UTC()
		}
	}
}

// count adds an event to a window, unless it is there or only peeks, and counts around it.
func (m *Memory) count(cw *chat.Window, p point, peek bool) int {
	k, within := digestOf(cw.ID, cw.Key), micros(cw.Within)
	w, ok := m.windows.get(k, m.now)
	if !ok {
		w = &window{}
	}
	if i := w.find(p.event); i >= 0 {
		return w.points[i].first
	}
	i := w.insert(p)
	n := w.most(i, within)
	if peek {
		w.remove(i)
		return n
	}
	w.points[i].first = n
	w.trim(cw.Limit, within)
	m.windows.put(k, w, m.now, m.now+2*within+micros(lateness))
	return n
}

// follow adds an event to a trail, unless it is there or only peeks, and returns what is around it.
func (m *Memory) follow(cw *chat.Window, s step, peek bool) []chat.Entry {
	k, within := digestOf(cw.ID, cw.Key), micros(cw.Within)
	t, ok := m.trails.get(k, m.now)
	if !ok {
		t = &trail{}
	}
	if i := t.find(s.event); i >= 0 {
		return t.around(t.steps[i], within)
	}
	s.turn = t.turns
	found := t.around(s, within)
	if !peek {
		t.turns++
		t.add(s, cw.Limit, within)
		m.trails.put(k, t, m.now, m.now+2*within+micros(lateness))
	}
	return found
}

func memberDigest(g chat.Group, id chat.MemberID) digest {
	return digestOf(string(g.Provider), string(g.Account), string(g.ID), string(id))
}

// name is what an event goes by on trails.
func (d digest) name() string { return hex.EncodeToString(d[:]) }
