package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// lateness is how late an event may be, beyond its window's length, and still find its neighbours:
// as long as an outage that is spooled and replayed.
const lateness = 10 * time.Minute

const (
	// entriesPerLimit is how many entries a trail keeps for each one of its limit.
	entriesPerLimit = 4
	// entriesPerWindow is how many entries of a trail cost Redis as much as one window (measured: 1 µs
	// each, and 10 µs a window).
	entriesPerWindow = 10
)

// looks are operations for observe.lua, all of one partition.
type looks struct {
	keys []string
	args []any
	to   []place // where the answers go, one for each operation
	more int     // what trails cost beyond a window each, in windows
}

// size is what the operations cost, in windows: a script call must not block Redis for long.
func (l looks) size() int { return len(l.to) + l.more }

// ask adds an operation.
func (l *looks) ask(to place, keys []string, op ...any) {
	l.keys, l.args, l.to = append(l.keys, keys...), append(l.args, op...), append(l.to, to)
}

// place is where an answer belongs: Facts and, of those, a window or one of the following.
type place struct{ fact, window int }

const (
	joinedAt = -1 - iota // the answer is the join time
	nowhere              // the answer says nothing
)

// Observe implements store.Store.
func (s *Store) Observe(ctx context.Context, all []chat.Look) ([]chat.Facts, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	facts := make([]chat.Facts, len(all))
	parts := map[int]*looks{}
	for i := range all {
		s.plan(parts, i, &all[i])
		facts[i] = blank(&all[i])
	}
	err := eachPart(parts, func(part int, l *looks) error {
		answers, err := s.observes[part].Do(ctx, *l)
		if err != nil {
			return s.wrap(err, "observe %d events in partition %d", len(all), part)
		}
		return fill(facts, l.to, answers)
	})
	if err != nil {
		return nil, err
	}
	return facts, nil
}

// blank returns the answer to a look with room for what it asks.
func blank(l *chat.Look) chat.Facts {
	var f chat.Facts
	if n := len(l.Windows); n > 0 {
		f.Counts = make([]int, n)
	}
	for n := range l.Windows {
		if l.Windows[n].Note != "" {
			f.Trails = make([][]chat.Entry, len(l.Windows))
			break
		}
	}
	return f
}

// plan adds one look's operations to those of the partitions that they belong to.
func (s *Store) plan(parts map[int]*looks, i int, l *chat.Look) {
	of := func(part int) *looks {
		if parts[part] == nil {
			parts[part] = &looks{}
		}
		return parts[part]
	}
	home := store.PartitionOf(l.Group, s.o.Partitions)
	if l.Kind == chat.Join && !l.Peek {
		keys := []string{joinedKey(home, l.Group, l.Member), marksKey(home, l.Group, l.Member)}
		var settled any = ""
		if l.Exact {
			settled = store.SettledBefore(l.At, s.o.Now())
		}
		of(home).ask(place{i, nowhere}, keys, "j", l.At.UnixMicro(), millis(l.KeepJoin), millis(chat.DedupeFor), settled,
			millis(store.KeepPending))
	}
	if l.Joined {
		of(home).ask(place{i, joinedAt}, []string{joinedKey(home, l.Group, l.Member)}, "r")
	}
	event := eventHash(l.Group, l.Event)
	for n := range l.Windows {
		w := &l.Windows[n]
		part := home
		if w.Group == nil {
			part = store.PartitionOfKey(w.ID, w.Key, s.o.Partitions)
		} else if *w.Group != l.Group {
			part = store.PartitionOf(*w.Group, s.o.Partitions)
		}
		of(part).ask(place{i, n}, windowKeys(part, w), windowOp(l, w, event)...)
		if w.Note != "" {
			of(part).more += entriesPerLimit * w.Limit / entriesPerWindow
		}
	}
}

// windowOp returns what observe.lua is to do with a window or a trail.
func windowOp(l *chat.Look, w *chat.Window, event string) []any {
	at, within, keep := l.At.UnixMicro(), max(w.Within.Microseconds(), 1), millis(2*w.Within+lateness)
	limit, peek := max(w.Limit, 1), 0
	if l.Peek {
		peek = 1
	}
	if w.Note != "" {
		return []any{"t", event, at, within, entriesPerLimit * limit, keep, peek, w.Note}
	}
	if add := min(w.Add, limit); add > 1 {
		return []any{"a", event, at, within, limit, keep, peek, add}
	}
	return []any{"w", event, at, within, limit, keep, peek}
}

// flushObserve sends a group of requests in one script call.
func (s *Store) flushObserve(part int) store.Flush[looks, []any] {
	return func(ctx context.Context, reqs []looks) ([][]any, error) {
		ctx, cancel := context.WithTimeout(ctx, flushTimeout)
		defer cancel()
		var all looks
		for _, r := range reqs {
			all.keys, all.args = append(all.keys, r.keys...), append(all.args, r.args...)
		}
		answers, err := s.run(ctx, s.scripts.observe, all.keys, all.args...).Slice()
		if err != nil {
			return nil, s.wrap(err, "observe %d requests in partition %d", len(reqs), part)
		}
		out := make([][]any, len(reqs))
		for i, r := range reqs {
			if len(answers) < len(r.to) {
				return nil, fmt.Errorf("observe in partition %d: %w: too few answers", part, store.ErrDamaged)
			}
			out[i], answers = answers[:len(r.to)], answers[len(r.to):]
		}
		return out, nil
	}
}

// millis is a duration in whole milliseconds, rounded up so that a short one does not become none.
func millis(d time.Duration) int64 {
	return int64((max(d, 0) + time.Millisecond - 1) / time.Millisecond)
}
