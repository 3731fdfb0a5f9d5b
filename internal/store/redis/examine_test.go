package redis

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// heard counts what the client says.
type heard struct{ n atomic.Int32 }

func (h *heard) Printf(context.Context, string, ...any) { h.n.Add(1) }

// A bot that runs is examined, too: what its client says is still sampled by the logger that it had.
func TestExamineLeavesTheClientsLoggerAlone(t *testing.T) {
	var before heard
	goredis.SetLogger(&before)
	defer LogTo("redis://127.0.0.1:1", slog.New(slog.DiscardHandler))
	server := redistest.New(t)
	server.Kill()
	var other bytes.Buffer
	if _, err := Examine(t.Context(), server.URL(), slog.New(slog.NewTextHandler(&other, nil))); err == nil {
		t.Fatal("it is gone, and was examined")
	}
	if before.n.Load() == 0 || other.Len() > 0 {
		t.Errorf("%d messages to the former logger, and %q to another", before.n.Load(), other.String())
	}
}

func TestExamineReadsAndWritesNothing(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	server := redistest.New(t, "--appendonly", "no", "--appendfsync", "always", "--requirepass", "hunter2-pass")
	url := strings.Replace(server.URL(), "redis://", "redis://:hunter2-pass@", 1)
	LogTo(url, log)
	h, err := Examine(t.Context(), url, log)
	if err != nil || h.Partitions != 0 || h.Replicas != 0 || h.Skew.Abs() > time.Minute || !strings.Contains(h.Version, ".") {
		t.Fatalf("a new one: %+v %v", h, err)
	}
	if len(h.Warnings) != 1 || !strings.HasPrefix(h.Warnings[0], "appendonly") {
		t.Errorf("warned of %q", h.Warnings)
	}
	s := openAt(t, url, 0, store.Options{Partitions: 3})
	if n, err := s.client.DBSize(t.Context()).Result(); err != nil || n != 1 { // what opening it has written
		t.Errorf("%d keys, %v", n, err)
	}
	if h, err = Examine(t.Context(), url, log); err != nil || h.Partitions != 3 {
		t.Errorf("a filled one: %+v %v", h, err)
	}
	wrong := strings.Replace(url, "hunter2", "hunter3", 1)
	if _, err = Examine(t.Context(), wrong, log); err == nil || strings.Contains(err.Error(), "hunter3") {
		t.Errorf("another password: %v", err)
	}
	server.Kill()
	if _, err = Examine(t.Context(), url, log); err == nil || strings.Contains(err.Error()+said.String(), "hunter2") {
		t.Errorf("when it is gone: %v, log %s", err, said.String())
	}
}
