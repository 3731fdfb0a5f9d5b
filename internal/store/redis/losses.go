package redis

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// losses reports letters of a shelf that were dropped to keep their bound. Once a partition is full every
// further letter drops one: a line is written at once, and then one per interval with the number
// since.
type losses struct {
	shelf actions.Shelf
	log   *slog.Logger
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex // guards the fields below
	next    time.Time
	dropped int // not reported yet
	part    int // the last of them
}

func (l *losses) add(ctx context.Context, part, n int) {
	if n <= 0 {
		return
	}
	l.mu.Lock()
	l.dropped, l.part = l.dropped+n, part
	now := l.now()
	due := !now.Before(l.next)
	if due {
		l.next = now.Add(l.every)
	}
	l.mu.Unlock()
	if due {
		l.flush(ctx)
	}
}

// flush reports what was held back.
func (l *losses) flush(ctx context.Context) {
	l.mu.Lock()
	n, part := l.dropped, l.part
	l.dropped = 0
	l.mu.Unlock()
	if n == 0 {
		return
	}
	l.log.LogAttrs(ctx, slog.LevelError, string(l.shelf)+" letters were dropped to make room: actions are lost",
		slog.Int("dropped", n), slog.Int("last_partition", part), slog.Int("kept_per_partition", maxLetters))
}
