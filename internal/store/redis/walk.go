package redis

import (
	"context"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

// walkPage is how many names of an index one command reads: Redis serves everybody else between two.
const walkPage = 500

// ref names what an index of a partition holds.
type ref struct {
	part int
	name string
}

// walk goes through an index of every partition at once, newest first. It holds one page of each
// partition. What comes while it goes is not seen.
type walk struct {
	s        *Store
	kind     string
	min      string                 // the least score, as Redis spells it
	want     func(name string) bool // nil: all
	what     string                 // for errors
	branches []branch
}

// branch is the walk in one partition.
type branch struct {
	names []goredis.Z // of the page, those that are left
	max   string      // the score with which the next page begins
	skip  int64       // how many of that score were seen
	over  bool
}

// walk returns a walk from the scores below the greatest down to the least.
func (s *Store) walk(kind, least, greatest, what string) *walk {
	w := &walk{s: s, kind: kind, min: least, what: what, branches: make([]branch, s.o.Partitions)}
	for i := range w.branches {
		w.branches[i].max = greatest
	}
	return w
}

// next returns the n newest that are left, fewer at the end.
func (w *walk) next(ctx context.Context, n int) ([]ref, error) {
	var out []ref
	for len(out) < n {
		if err := w.fill(ctx); err != nil {
			return nil, err
		}
		newest := -1
		for part := range w.branches {
			names := w.branches[part].names
			if len(names) > 0 && (newest < 0 || names[0].Score > w.branches[newest].names[0].Score) {
				newest = part
			}
		}
		if newest < 0 {
			break
		}
		b := &w.branches[newest]
		name, _ := b.names[0].Member.(string)
		out, b.names = append(out, ref{part: newest, name: name}), b.names[1:]
	}
	return out, nil
}

// fill reads pages until each branch has names left or is over.
func (w *walk) fill(ctx context.Context) error {
	for {
		var empty []int
		for part := range w.branches {
			if b := &w.branches[part]; len(b.names) == 0 && !b.over {
				empty = append(empty, part)
			}
		}
		if len(empty) == 0 {
			return nil
		}
		pages := make([]*goredis.ZSliceCmd, len(empty))
		_, err := w.s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for i, part := range empty {
				b := &w.branches[part]
				pages[i] = p.ZRevRangeByScoreWithScores(ctx, partKey(part, w.kind),
					&goredis.ZRangeBy{Min: w.min, Max: b.max, Offset: b.skip, Count: walkPage})
			}
			return nil
		})
		if err != nil {
			return w.s.wrap(err, "%s", w.what)
		}
		for i, part := range empty {
			w.branches[part].take(pages[i].Val(), w.want)
		}
	}
}

// take notes where the next page begins and keeps the names of this one that are wanted.
func (b *branch) take(page []goredis.Z, want func(string) bool) {
	b.over = len(page) < walkPage
	if len(page) == 0 {
		return
	}
	last, same := page[len(page)-1].Score, int64(0)
	for i := len(page) - 1; i >= 0 && page[i].Score == last; i-- {
		same++
	}
	if from := strconv.FormatFloat(last, 'f', -1, 64); from != b.max {
		b.max, b.skip = from, same
	} else {
		b.skip += same
	}
	for _, z := range page {
		if name, _ := z.Member.(string); want == nil || want(name) {
			b.names = append(b.names, z)
		}
	}
}
