package dashboards

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/store/redistest"
)

// adminToken opens the admin port of the bot on Redis.
const adminToken = "dashboards-test-token"

// fleet is what Prometheus scrapes: the demo, and a bot on Redis under traffic, which has a spool.
type fleet struct {
	binary string
	admins []string // addresses of the admin ports: the demo's, and that of the bot on Redis
	env    []string // for commands about the bot on Redis
	redis  *redistest.Server
	quiet  func() // ends the traffic
}

// startFleet builds the bot, and starts the demo and a bot on Redis with the simulated providers.
func startFleet(t *testing.T) fleet {
	t.Helper()
	f := fleet{binary: filepath.Join(t.TempDir(), "bot"), redis: redistest.Durable(t)}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", f.binary, "./cmd/bot")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the bot: %v\n%s", err, out)
	}
	stores := inMemory(t)
	demo := begin(t, []string{"TMPDIR=" + stores, "BOT_LISTEN=127.0.0.1:0", "BOT_ADMIN_LISTEN=127.0.0.1:0", "BOT_HEARTBEAT=10s"}, f.binary, "demo")
	f.admins = append(f.admins, demo.says(t, regexp.MustCompile(`http://(\S+)/metrics`))[1])

	hooks := freeAddr(t)
	sim := begin(t, nil, f.binary, "sim", "--listen", "127.0.0.1:0", "--hooks", "http://"+hooks)
	url := sim.says(t, regexp.MustCompile(`Simulated providers on (\S+),`))[1]
	sim.says(t, regexp.MustCompile(`ACCESS_KEY_SECRET=\S+`))
	f.env = []string{
		"BOT_LISTEN=" + hooks, "BOT_ADMIN_LISTEN=127.0.0.1:0", "BOT_ADMIN_TOKEN=" + adminToken, "BOT_HEARTBEAT=10s",
		"BOT_REDIS_URL=" + f.redis.URL(), "BOT_DATA_DIR=" + filepath.Join(stores, "data"), "BOT_RULES=" + filepath.Join(root, "rules.yaml"),
		"BOT_CAMS_ROSTER_INTERVAL=1s", "BOT_LOG_FORMAT=text", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
	}
	for _, m := range regexp.MustCompile(`(?m)^ +((?:BOT|ALIBABA)_\w+=\S+)$`).FindAllStringSubmatch(sim.tail(20), -1) {
		f.env = append(f.env, m[1])
	}
	bot := begin(t, f.env, f.binary, "run")
	f.admins = append(f.admins, bot.says(t, regexp.MustCompile(`admin=(\S+)`))[1])
	f.env = append(f.env, "BOT_ADMIN_LISTEN="+f.admins[1])
	f.quiet = playOn(t, url)
	return f
}

// inMemory returns a folder for what the bots store, in memory where there is such a place: a disk that is busy
// with other work lets them refuse webhooks, and the traffic has to be healthy.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "groupguard-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // the place is emptied when the machine stops
	return dir
}

// playOn has the sample traffic come again and again, as many times as leave every brake alone. It returns what
// ends that.
func playOn(t *testing.T, sim string) (quiet func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	quiet = func() { cancel(); <-ended }
	t.Cleanup(quiet)
	go func() {
		defer close(ended)
		pause := time.NewTimer(0)
		defer pause.Stop()
		for run := range 10 {
			select {
			case <-ctx.Done():
				return
			case <-pause.C:
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/sim/play?run=%d", sim, run), http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := http.DefaultClient.Do(r)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				t.Errorf("playing the traffic: %v", err)
				return
			case resp.StatusCode != http.StatusOK:
				t.Errorf("playing the traffic: status %d", resp.StatusCode)
			}
			_ = resp.Body.Close() // nothing of it is read
			pause.Reset(5 * time.Second)
		}
	}()
	return quiet
}
