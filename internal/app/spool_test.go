package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// body returns what the admin port answers.
func (r *rig) body(t *testing.T, path string) string {
	t.Helper()
	resp, err := r.client.Get("http://" + r.app.AdminAddr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// waits tells whether so many events wait on disk.
func (r *rig) waits(t *testing.T, n int) bool {
	t.Helper()
	return strings.Contains(r.body(t, "/metrics"), fmt.Sprintf("\ngroupguard_spool_entries %d\n", n))
}

func onlyTencent(c *config.Config) { c.CAMS = config.CAMS{} }

func TestWhileRedisIsAwayEventsAreAcceptedAndJudgedLater(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), nil)
	addGroups(t, r.sim)
	server.Kill()
	inbound := fmt.Sprintf(`[{"MessageId":"1","From":"15550100002","Type":"TEXT","Message":"赌博","Timestamp":%d,"GroupId":%q}]`,
		time.Now().UnixMilli(), wa)
	for name, hook := range map[string]struct{ url, body string }{
		"Tencent": {tencentURL(r, time.Now()), message(1, "赌博")},
		"CAMS":    {"http://" + r.app.WebhookAddr() + "/webhook/cams/" + r.sim.Options().CAMS.WebhookSecret, inbound},
	} {
		if status := r.post(t, hook.url, hook.body); status != http.StatusOK {
			t.Errorf("%s: %d, want 200", name, status)
		}
	}
	if !r.waits(t, 2) {
		t.Error(r.body(t, "/metrics"))
	}
	if status := r.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d, want 200", status)
	}
	if why := r.body(t, "/readyz"); !strings.Contains(why, "degraded") || !strings.Contains(why, "2 events wait on disk") || !strings.Contains(why, "Redis does not answer") {
		t.Errorf("readyz says %s", why)
	}
	forged := tencentURL(r, time.Now(), "Sign=0000000000000000000000000000000000000000000000000000000000000000")
	if status := r.post(t, forged, message(2, "赌博")); status == http.StatusOK || !r.waits(t, 2) {
		t.Errorf("a forged webhook: %d", status)
	}
	info, err := os.Stat(filepath.Join(r.cfg.DataDir, "spool.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the spool: %v, %v", info.Mode(), err)
	}
	server.Restart(t)
	eventually(t, "both are removed", func() bool {
		return !r.sim.World().Has(public, "bob") && !r.sim.World().Has(wa, "15550100002")
	})
	eventually(t, "nothing is degraded", func() bool { return !strings.Contains(r.body(t, "/readyz"), "degraded") && r.waits(t, 0) })
	if n := len(r.sim.Asked(public)); n != 1 {
		t.Errorf("asked %d times to remove", n)
	}
}

// logged is a log to look at.
type logged struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.text.String()), "\n")
}

func TestABotStartsWhileRedisIsAwayAndAgainWithAFullerSpool(t *testing.T) {
	server := redistest.Durable(t)
	server.Kill()
	log := &logged{}
	r := begin(t, sim.Options{}, wordRules, server.URL(), onlyTencent)
	r.log = slog.New(slog.NewTextHandler(log, nil))
	r.run(t)
	addGroups(t, r.sim)
	for n := range 50 {
		if status := r.post(t, tencentURL(r, time.Now()), message(n, "hello 赌博 secret")); status != http.StatusOK {
			t.Fatalf("event %d: %d, want 200", n, status)
		}
	}
	if status := r.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d, want 200", status)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(log.lines(), "\n")
	if n := strings.Count(text, "they wait on disk"); n != 1 || len(log.lines()) > 25 || strings.Contains(text, "secret") {
		t.Errorf("%d lines in the log:\n%s", len(log.lines()), text)
	}
	r.log = nil
	r.run(t)
	if !r.waits(t, 50) {
		t.Error("what waited is not there after the restart")
	}
	server.Restart(t)
	eventually(t, "bob is removed", func() bool { return !r.sim.World().Has(public, "bob") })
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	if n := len(r.sim.Asked(public)); n != 1 {
		t.Errorf("asked %d times to remove", n)
	}
}

func TestWhatOnlyAnOperatorCanMendEndsTheBot(t *testing.T) {
	locked := redistest.New(t, "--appendonly", "no", "--requirepass", "a-password")
	r := begin(t, sim.Options{}, wordRules, "redis://:no@"+locked.Addr, onlyTencent)
	if _, err := app.New(t.Context(), r.cfg, app.Options{Log: quiet()}); !errors.Is(err, redis.ErrSetup) {
		t.Fatalf("at the start: %v", err)
	}
	locked.Kill()
	a, err := app.New(t.Context(), r.cfg, app.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(t.Context(), r.cfg, app.Options{Log: quiet()}); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second bot on the folder: %v", err)
	}
	locked.Restart(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := a.Run(ctx); !errors.Is(err, redis.ErrSetup) || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("when it is found later: %v", err)
	}
}

func TestAFullSpoolRefuses(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), func(c *config.Config) { onlyTencent(c); c.SpoolMax = 4096 })
	addGroups(t, r.sim)
	server.Kill()
	taken, refused := 0, false
	for n := 0; !refused && n < 50; n++ {
		switch status := r.post(t, tencentURL(r, time.Now()), message(n, "赌博")); status {
		case http.StatusOK:
			taken++
		case http.StatusServiceUnavailable:
			refused = true
		default:
			t.Fatal(status)
		}
	}
	if !refused || taken == 0 || !r.waits(t, taken) {
		t.Fatalf("%d taken, refused %v", taken, refused)
	}
	if status := r.get(t, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d, want 503", status)
	}
	server.Restart(t)
	eventually(t, "bob is removed", func() bool { return !r.sim.World().Has(public, "bob") })
	eventually(t, "it is ready", func() bool { return r.get(t, "/readyz") == http.StatusOK && r.waits(t, 0) })
}
