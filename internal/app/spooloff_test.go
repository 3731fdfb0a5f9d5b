package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
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
