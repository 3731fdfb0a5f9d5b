package app_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/redistest"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

func TestASpoolThatIsSwitchedOffLeavesNothingBehind(t *testing.T) {
	server := redistest.Durable(t)
	server.Kill()
	r := start(t, sim.Options{}, wordRules, server.URL(), onlyTencent)
	addGroups(t, r.sim)
	if status := r.post(t, tencentURL(r, time.Now()), message(1, "赌博")); status != http.StatusOK {
		t.Fatalf("%d, want 200", status)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	embedded := r.cfg
	embedded.RedisURL = ""
	if _, err := app.New(t.Context(), embedded, app.Options{Log: quiet()}); err == nil || !strings.Contains(err.Error(), "1 accepted events wait") {
		t.Errorf("without Redis: %v", err)
	}
	r.cfg.SpoolMax = 0
	r.run(t)
	if status := r.post(t, tencentURL(r, time.Now()), message(2, "赌博")); status != http.StatusServiceUnavailable {
		t.Errorf("%d, want 503", status)
	}
	server.Restart(t)
	eventually(t, "bob is removed", func() bool { return !r.sim.World().Has(public, "bob") })
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	if status := r.post(t, tencentURL(r, time.Now()), message(3, "hello")); status != http.StatusOK {
		t.Errorf("with Redis: %d, want 200", status)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), embedded, app.Options{Log: quiet()})
	if err != nil {
		t.Fatalf("with nothing in the spool: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // it only has to let go of what it holds
	if err := a.Run(ctx); err != nil {
		t.Error(err)
	}
}

// Nothing waits in the spool, and what was given up there has its text.
func TestASpoolThatIsSwitchedOffKeepsNoOldText(t *testing.T) {
	for name, redis := range map[string]string{"no spool": noRedis, "no Redis": ""} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, sim.Options{}, wordRules, redis, onlyTencent)
			r.cfg.SpoolMax, r.cfg.EvidenceFor = 0, time.Hour
			disk, err := sqlite.OpenSpool(r.cfg.DataDir, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			for body, age := range map[string]time.Duration{"said long ago": 2 * time.Hour, "said lately": time.Minute} {
				err = errors.Join(err, disk.Append(t.Context(), []spool.Entry{{At: time.Now().Add(-age), Text: true, Body: []byte(body)}}))
			}
			if err := errors.Join(err, disk.Close()); err != nil {
				t.Fatal(err)
			}
			giveUpAll(t, r.cfg.DataDir)
			r.run(t)
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			var held []byte
			for _, file := range []string{"spool.db", "spool.db-wal"} {
				data, err := os.ReadFile(filepath.Join(r.cfg.DataDir, file)) //nolint:gosec // the test's own folder
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				held = append(held, data...)
			}
			if bytes.Contains(held, []byte("said long ago")) || !bytes.Contains(held, []byte("said lately")) {
				t.Error("the wrong text is left")
			}
		})
	}
}
