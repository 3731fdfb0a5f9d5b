package trial

import (
	"context"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// mark keeps an action's like out of the queue.
type mark struct {
	key  digest
	at   int64 // when the action was decided, and done
	keep int64 // for how long
}

// marks are those of one member in a group.
type marks struct {
	list   []mark
	lifted int64 // the latest join, where one has lifted a mark
	until  int64 // how long that is remembered; 0: none has
	came   int64 // before when all is settled by the latest join with an exact time
	told   int64 // how long that is remembered; 0: there was none
}

// joined returns the latest join, where one has lifted a mark not long ago.
func (s *marks) joined(now int64) (int64, bool) { return s.lifted, now < s.until }

// Commit takes cases as chat.Committed says.
func (m *Memory) Commit(_ context.Context, cases []chat.Case) ([]chat.Committed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]chat.Committed, len(cases))
	for i := range cases {
		m.commit(&cases[i], &out[i])
	}
	return out, nil
}

func (m *Memory) commit(c *chat.Case, out *chat.Committed) {
	m.now = max(m.now, c.Event.At.UnixMicro())
	id := digestOf(string(c.ID))
	out.Strikes, out.Known = m.cases.get(id, m.now)
	if !out.Known {
		out.Strikes = m.climb(c.Strike, c)
		m.cases.put(id, out.Strikes, m.now, m.now+micros(keepCases))
	}
	for _, a := range c.Actions() {
		switch {
		case !a.Intent.Acts(out.Strikes):
		case out.Known:
			if m.owed(&a) && m.enqueue(&a) {
				m.dropped.drop(digestOf(string(a.ID)))
				out.Queued++
			}
		case m.enqueue(&a):
			out.Queued++
		default:
			out.Deduplicated = append(out.Deduplicated, a)
		}
	}
}

// enqueue marks an action, unless a mark is in its way; then that is remembered for as long as the
// event may be repeated. What a member did before the join that lifted marks is settled.
func (m *Memory) enqueue(a *chat.Action) bool {
	text, keep := a.Dedupe()
	who, key, at := memberDigest(a.Group, a.Member), digestOf(text), a.EventAt.UnixMicro()
	set, ok := m.marks.get(who, m.now)
	if !ok {
		set = &marks{}
	}
	if joined, ok := set.joined(m.now); ok && a.Member != "" && joined > at {
		return false
	}
	if a.Member != "" && m.now < set.told && set.came > at {
		return false
	}
	i := slices.IndexFunc(set.list, func(k mark) bool { return k.key == key })
	if i >= 0 {
		if old := set.list[i]; max(at-old.at, old.at-at) < old.keep {
			m.dropped.put(digestOf(string(a.ID)), old.at, m.now, m.now+micros(chat.DedupeFor))
			return false
		}
		set.list = slices.Delete(set.list, i, i+1)
	}
	set.list = slices.DeleteFunc(set.list, func(k mark) bool { return k.at+k.keep+micros(lateness) < m.now })
	set.list = append(set.list, mark{key: key, at: at, keep: micros(keep)})
	m.marks.put(who, set, m.now, m.now+micros(chat.DedupeFor+lateness))
	return true
}

// lift ends the marks of what was decided about a member before a join, and remembers the join. One whose
// time is exact settles what was well before it, even if it lifts nothing.
func (m *Memory) lift(who digest, l *chat.Look) {
	at := l.At.UnixMicro()
	set, ok := m.marks.get(who, m.now)
	if !ok {
		set = &marks{}
	}
	if l.Exact {
		if before := at - micros(joinRoom); m.now >= set.told || before > set.came {
			set.came = before
		}
		set.told = m.now + micros(chat.DedupeFor)
		m.marks.put(who, set, m.now, m.now+micros(chat.DedupeFor+lateness))
	}
	n := len(set.list)
	set.list = slices.DeleteFunc(set.list, func(k mark) bool { return k.at < at })
	last, known := set.joined(m.now)
	if known {
		at = max(at, last)
	}
	if len(set.list) < n || known {
		set.lifted, set.until = at, m.now+micros(chat.DedupeFor)
		m.marks.put(who, set, m.now, m.now+micros(chat.DedupeFor+lateness))
	}
}

// owed tells whether an action of a known case was dropped for the sake of a mark which the member's
// join, no later than the event, has lifted since.
func (m *Memory) owed(a *chat.Action) bool {
	decided, ok := m.dropped.get(digestOf(string(a.ID)), m.now)
	set, known := m.marks.get(memberDigest(a.Group, a.Member), m.now)
	if !ok || !known {
		return false
	}
	joined, known := set.joined(m.now)
	return known && joined > decided && joined <= a.EventAt.UnixMicro()
}
