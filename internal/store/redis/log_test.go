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

func TestLossesAreReportedAtOnceAndThenSampled(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1_000_000, 0)
	l := &losses{log: slog.New(slog.NewTextHandler(&out, nil)), every: logEvery, now: func() time.Time { return now }}
	for i, step := range []struct {
		after time.Duration
		n     int
		want  string // of the line; empty: none
	}{
		{0, 0, ""}, {0, 3, "dropped=3"}, {time.Second, 4, ""}, {time.Second, 5, ""}, {logEvery, 0, ""}, {0, 1, "dropped=10"}, {0, 7, ""},
	} {
		out.Reset()
		now = now.Add(step.after)
		l.add(t.Context(), 2, step.n)
		if got := out.String(); step.want == "" && got != "" || !strings.Contains(got, step.want) {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
		if got := out.String(); got != "" && (!strings.Contains(got, "level=ERROR") || !strings.Contains(got, "last_partition=2")) {
			t.Errorf("step %d: %q, want an error that names the partition", i, got)
		}
	}
	out.Reset()
	l.flush(t.Context())
	l.flush(t.Context())
	if got := out.String(); strings.Count(got, "dropped=") != 1 || !strings.Contains(got, "dropped=7") {
		t.Errorf("at the end: %q, want the 7 that were held back, once", got)
	}
}
