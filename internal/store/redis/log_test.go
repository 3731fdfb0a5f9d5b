package redis

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestClientMessagesAreSampled(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1_000_000, 0)
	l := &clientLog{
		log: slog.New(slog.NewTextHandler(&out, nil)), secrets: []string{"hunter2"}, every: logEvery,
		now: func() time.Time { return now },
	}
	for range 1000 {
		l.Printf(t.Context(), "dial %s: %d", "user:hunter2@host", 7)
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Fatalf("1,000 messages at once gave %d lines, want 1", n)
	}
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "dial user:[redacted]@host: 7") {
		t.Errorf("line %q", out.String())
	}
	out.Reset()
	now = now.Add(logEvery)
	l.Printf(t.Context(), "still away")
	if !strings.Contains(out.String(), "still away") || !strings.Contains(out.String(), "held_back=999") {
		t.Errorf("line %q, want it with the number held back", out.String())
	}
}
