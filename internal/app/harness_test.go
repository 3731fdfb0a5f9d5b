package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// patience bounds every wait for a condition.
const patience = 2 * time.Minute

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-tick.C
	}
}

// onBothStores runs a test on the embedded store and on a real Redis.
func onBothStores(t *testing.T, test func(t *testing.T, redisURL string)) {
	t.Run("embedded", func(t *testing.T) { test(t, "") })
	t.Run("redis", func(t *testing.T) { test(t, redistest.Start(t)) })
}

// rig is the simulator and a bot that is connected to it.
type rig struct {
	sim      *sim.Server
	cfg      config.Config
	app      *app.App
	stop     func() error
	mu       sync.Mutex
	decided  []chat.Case
	settled  []actions.Settlement
	done     atomic.Int64 // actions that were settled as done
	watch    atomic.Pointer[func(actions.Settlement)]
	client   *http.Client
	rulesDir string
	log      *slog.Logger // nil: errors are shown with the test
}

// simKeys gives the simulator's key pair.
type simKeys struct{ id, secret string }

func (k simKeys) Get(context.Context) (cams.AccessKey, error) {
	return cams.AccessKey{ID: k.id, Secret: k.secret}, nil
}
func (k simKeys) Invalidate(cams.AccessKey) {}

// newSim starts a simulator that stops with the test.
func newSim(t testing.TB, o sim.Options) (*sim.Server, string) {
	t.Helper()
	s := sim.New(o)
	url, stop, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		s.Close()
	})
	return s, url
}

// settingsFor returns the settings of a bot that is connected to a simulator.
func settingsFor(t testing.TB, s *sim.Server, url, dir, rules, redisURL string) config.Config {
	t.Helper()
	o := s.Options()
	cfg, problems := config.Load(config.Sources{ReadFile: os.ReadFile, Flags: map[string]string{
		"listen": "127.0.0.1:0", "admin-listen": "127.0.0.1:0", "admin-token": "sample-admin-token-0123",
		"rules": rules, "data-dir": filepath.Join(dir, "data"), "redis-url": redisURL,
		"tencent-sdk-app-id": strconv.FormatUint(o.Tencent.SDKAppID, 10), "tencent-secret-key": o.Tencent.SecretKey,
		"tencent-webhook-token": o.Tencent.WebhookToken, "tencent-endpoint": url,
		"cams-cust-space-id": o.CAMS.CustSpaceID, "cams-business-number": o.CAMS.BusinessNumber,
		"cams-webhook-secret": o.CAMS.WebhookSecret, "cams-endpoint": url,
		"cams-roster-interval": "1s", "shutdown-timeout": "10s",
	}})
	for _, p := range problems {
		if !p.Warning {
			t.Fatal("the settings are refused: ", p)
		}
	}
	return cfg
}

// start builds a bot under the rules and connects the simulator's webhooks to it.
func start(t testing.TB, o sim.Options, rules, redisURL string, change func(*config.Config)) *rig {
	t.Helper()
	r := begin(t, o, rules, redisURL, change)
	r.run(t)
	return r
}

// begin does what start does, but for the bot itself.
func begin(t testing.TB, o sim.Options, rules, redisURL string, change func(*config.Config)) *rig {
	t.Helper()
	r := &rig{rulesDir: t.TempDir(), client: &http.Client{Timeout: 10 * time.Second}}
	file := filepath.Join(r.rulesDir, "rules.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	var url string
	r.sim, url = newSim(t, o)
	r.cfg = settingsFor(t, r.sim, url, t.TempDir(), file, redisURL)
	if change != nil {
		change(&r.cfg)
	}
	return r
}

// run starts the bot; it stops with the test, or by r.stop.
func (r *rig) run(t testing.TB) {
	t.Helper()
	o := r.sim.Options()
	log := r.log
	if log == nil {
		log = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	a, err := app.New(t.Context(), r.cfg, app.Options{
		Version: "test", Log: log,
		CAMSKeys: simKeys{o.CAMS.AccessKeyID, o.CAMS.AccessKeySecret},
		Decided: func(c chat.Case, _ chat.Committed) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.decided = append(r.decided, c)
		},
		Settled: func(s actions.Settlement) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.settled = append(r.settled, s)
			if s.State == actions.Done {
				r.done.Add(1)
			}
			if f := r.watch.Load(); f != nil {
				(*f)(s)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.app = a
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	var once sync.Once
	var stopped error
	r.stop = func() error {
		once.Do(func() {
			cancel()
			stopped = <-done
		})
		return stopped
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	r.sim.PointAt("http://" + a.WebhookAddr())
}

// ended returns the settlements that ended an action.
func (r *rig) ended() []actions.Settlement {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []actions.Settlement
	for _, s := range r.settled {
		if s.State != actions.Retry && s.State != actions.Free {
			out = append(out, s)
		}
	}
	return out
}

// cases returns the cases that were stored.
func (r *rig) cases() []chat.Case {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.decided)
}

// testWriter shows the log with the test that it belongs to.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p))
	return len(p), nil
}

// quiet returns a logger that says nothing.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
