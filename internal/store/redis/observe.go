package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// lateness is how late an event may be, beyond its window's length, and still find its neighbours:
// as long as an outage that is spooled and replayed.
const lateness = 10 * time.Minute

// looks are operations for observe.lua, all of one partition.
type looks struct {
	keys []string
	args []any
	to   []place // where the answers go, one for each operation
}

func (l looks) size() int { return len(l.to) }

// place is where an answer belongs: Facts and count, or one of the following instead of a count.
type place struct{ fact, count int }

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
		if n := len(all[i].Windows); n > 0 {
			facts[i].Counts = make([]int, n)
		}
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

// plan adds one look's operations to those of the partitions that they belong to.
func (s *Store) plan(parts map[int]*looks, i int, l *chat.Look) {
	of := func(part int) *looks {
		if parts[part] == nil {
			parts[part] = &looks{}
		}
		return parts[part]
	}
	home := store.PartitionOf(l.Group, s.o.Partitions)
	at := l.At.UnixMicro()
	if l.Kind == chat.Join && !l.Peek {
		to := of(home)
		to.keys = append(to.keys, joinedKey(home, l.Group, l.Member), marksKey(home, l.Group, l.Member))
		to.args = append(to.args, "j", at, millis(l.KeepJoin), millis(chat.DedupeFor))
		to.to = append(to.to, place{i, nowhere})
	}
	if l.Joined {
		to := of(home)
		to.keys = append(to.keys, joinedKey(home, l.Group, l.Member))
		to.args = append(to.args, "r")
		to.to = append(to.to, place{i, joinedAt})
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
		peek := 0
		if l.Peek {
			peek = 1
		}
		to := of(part)
		to.keys = append(to.keys, windowKey(part, w))
		to.args = append(to.args, "w", event, at, max(w.Within.Microseconds(), 1), max(w.Limit, 1),
			millis(2*w.Within+lateness), peek)
		to.to = append(to.to, place{i, n})
	}
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
			if len(answers) < r.size() {
				return nil, fmt.Errorf("observe in partition %d: %w: too few answers", part, store.ErrDamaged)
			}
			out[i], answers = answers[:r.size()], answers[r.size():]
		}
		return out, nil
	}
}

// fill puts answers where they belong. Two partitions never fill the same field.
func fill(facts []chat.Facts, to []place, answers []any) error {
	for i, p := range to {
		switch p.count {
		case nowhere:
		case joinedAt:
			text, _ := answers[i].(string)
			if text == "" {
				continue
			}
			at, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fmt.Errorf("read a join time: %w: %w", store.ErrDamaged, err)
			}
			facts[p.fact].JoinedAt = time.UnixMicro(at).UTC()
		default:
			n, ok := answers[i].(int64)
			if !ok {
				return fmt.Errorf("read a count: %w: %T", store.ErrDamaged, answers[i])
			}
			facts[p.fact].Counts[p.count] = int(n)
		}
	}
	return nil
}

// millis is a duration in whole milliseconds, rounded up so that a short one does not become none.
func millis(d time.Duration) int64 {
	return int64((max(d, 0) + time.Millisecond - 1) / time.Millisecond)
}
