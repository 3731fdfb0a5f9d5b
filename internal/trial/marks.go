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
	lifted int64 // the latest join, where one has lifted a mark; 0: none has
}

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
// event may be repeated.
func (m *Memory) enqueue(a *chat.Action) bool {
	text, keep := a.Dedupe()
	who, key, at := memberDigest(a.Group, a.Member), digestOf(text), a.EventAt.UnixMicro()
	set, ok := m.marks.get(who, m.now)
	if !ok {
		set = &marks{}
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

// lift ends the marks of what was decided about a member before a join, and remembers the join.
func (m *Memory) lift(who digest, at int64) {
	set, ok := m.marks.get(who, m.now)
	if !ok {
		return
	}
	n := len(set.list)
	set.list = slices.DeleteFunc(set.list, func(k mark) bool { return k.at < at })
	if len(set.list) < n || set.lifted > 0 {
		set.lifted = max(set.lifted, at)
	}
}

// owed tells whether an action of a known case was dropped for the sake of a mark which the member's
// join, no later than the event, has lifted since.
func (m *Memory) owed(a *chat.Action) bool {
	decided, ok := m.dropped.get(digestOf(string(a.ID)), m.now)
	set, known := m.marks.get(memberDigest(a.Group, a.Member), m.now)
	return ok && known && set.lifted > decided && set.lifted <= a.EventAt.UnixMicro()
}
