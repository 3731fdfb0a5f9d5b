package redis

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// LogTo sends what the client itself says, for every client of this process, to log, without the secrets
// of the URL. Open does so as well; who only calls Examine in a process of its own calls this before.
// A URL that cannot be read changes nothing.
func LogTo(url string, log *slog.Logger) {
	if _, secrets, err := parseURL(url); err == nil {
		logTo(log, secrets)
	}
}

func logTo(log *slog.Logger, secrets []string) {
	goredis.SetLogger(&clientLog{log: log, secrets: secrets, every: logEvery, now: time.Now})
}

// clientLog passes the client's own messages on to slog. During an outage the client writes
// thousands of lines: one is let through per interval, with the number of those held back.
type clientLog struct {
	log     *slog.Logger
	secrets []string
	every   time.Duration
	now     func() time.Time

	mu   sync.Mutex // guards the fields below
	next time.Time
	held int
}

// Printf implements the client's logging interface.
func (c *clientLog) Printf(ctx context.Context, format string, args ...any) {
	c.mu.Lock()
	now := c.now()
	if now.Before(c.next) {
		c.held++
		c.mu.Unlock()
		return
	}
	held := c.held
	c.next, c.held = now.Add(c.every), 0
	c.mu.Unlock()
	text := redact(fmt.Sprintf(format, args...), c.secrets)
	c.log.LogAttrs(ctx, slog.LevelWarn, "redis client", slog.String("message", text), slog.Int("held_back", held))
}
