package policy

import (
	"cmp"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// memory answers as a store does. It forgets nothing, so that its answers are exact.
type memory struct {
	windows map[string][]remembered // by ID and key
	joined  map[string]time.Time    // by group and member
}

type remembered struct {
	at    time.Time
	event string
	note  string
	add   int
}

func newMemory() *memory { return &memory{map[string][]remembered{}, map[string]time.Time{}} }

// judge asks what an event's rules ask, and decides.
func (m *memory) judge(r *Rules, e *chat.Event) Decision {
	x := r.Examine(e)
	defer x.Release()
	for look := x.Look(); !look.Empty(); look = x.Look() {
		x.Learn(m.observe(&look))
	}
	return x.Judge()
}

func (m *memory) observe(look *chat.Look) chat.Facts {
	f := chat.Facts{Counts: make([]int, len(look.Windows)), Trails: make([][]chat.Entry, len(look.Windows))}
	group := []string{string(look.Group.Provider), string(look.Group.Account), string(look.Group.ID)}
	event, who := key(append(group, string(look.Event))...), key(append(group, string(look.Member))...)
	for i, w := range look.Windows {
		own := remembered{look.At, event, w.Note, max(w.Add, 1)}
		all := slices.Clone(m.windows[w.ID+w.Key])
		known := slices.IndexFunc(all, func(o remembered) bool { return o.event == event })
		if known < 0 {
			all = append(all, own)
		} else {
			own = all[known]
		}
		if !look.Peek {
			m.windows[w.ID+w.Key] = all
		}
		if w.Note == "" {
			f.Counts[i] = most(all, own.at, w.Within)
			continue
		}
		for _, o := range all {
			if o.event != event && o.at.After(own.at.Add(-w.Within)) && o.at.Before(own.at.Add(w.Within)) {
				f.Trails[i] = append(f.Trails[i], chat.Entry{At: o.at, Event: o.event, Note: o.note})
			}
		}
		slices.SortStableFunc(f.Trails[i], func(a, b chat.Entry) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	}
	if look.Joined {
		f.JoinedAt = m.joined[who]
	}
	if look.Kind == chat.Join && look.KeepJoin > 0 && !look.Peek {
		if look.At.After(m.joined[who]) {
			m.joined[who] = look.At
		}
	}
	return f
}

// most returns the most that a span of the length holds which also holds a time.
func most(all []remembered, at time.Time, within time.Duration) int {
	best := 0
	for _, last := range all {
		if last.at.Before(at) || last.at.Sub(at) >= within {
			continue
		}
		n := 0
		for _, o := range all {
			if !o.at.After(last.at) && last.at.Sub(o.at) < within {
				n += o.add
			}
		}
		best = max(best, n)
	}
	return best
}
