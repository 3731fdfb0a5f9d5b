package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// childSettings is the environment variable that turns the test program into a bot.
const childSettings = "GROUPGUARD_TEST_CHILD"

// child is what the parent tells the bot.
type child struct {
	Flags  map[string]string
	ID     string
	Secret string
}

// TestMain lets the test program be the bot that the tests kill.
func TestMain(m *testing.M) {
	text := os.Getenv(childSettings)
	if text == "" {
		os.Exit(m.Run())
	}
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, problems := config.Load(config.Sources{Flags: c.Flags, ReadFile: os.ReadFile})
	if config.Failed(problems) {
		fmt.Fprintln(os.Stderr, problems)
	}
	a, err := app.New(ctx, cfg, app.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})), CAMSKeys: simKeys{c.ID, c.Secret}, Lease: time.Second})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println(a.WebhookAddr())
	if err := a.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// victim is a bot in a process of its own.
type victim struct {
	cmd   *exec.Cmd
	addr  string
	once  sync.Once
	ended error
}

// childOf returns what a bot that is connected to a simulator is told.
func childOf(t *testing.T, s *sim.Server, url, redisURL string) child {
	t.Helper()
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, rules, raiderRules)
	o := s.Options()
	return child{ID: o.CAMS.AccessKeyID, Secret: o.CAMS.AccessKeySecret, Flags: map[string]string{
		"listen": "127.0.0.1:0", "admin-listen": "127.0.0.1:0", "rules": rules, "data-dir": filepath.Join(t.TempDir(), "data"),
		"redis-url": redisURL, "tencent-sdk-app-id": fmt.Sprint(o.Tencent.SDKAppID), "tencent-secret-key": o.Tencent.SecretKey,
		"tencent-webhook-token": o.Tencent.WebhookToken, "tencent-endpoint": url,
	}}
}

func startVictim(t *testing.T, c child) *victim {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{cmd: exec.Command(os.Args[0])} //nolint:gosec // this test program itself
	v.cmd.Env = append(os.Environ(), childSettings+"="+string(text))
	v.cmd.Stderr = testWriter{t}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bot did not start: %v", err)
	}
	v.addr = strings.TrimSpace(line)
	return v
}

// kill ends the process as a crash would, and waits until it is gone.
func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // it may have ended by itself
	_ = v.wait()
}

// wait waits until the process is gone and returns how it ended.
func (v *victim) wait() error {
	v.once.Do(func() { v.ended = v.cmd.Wait() })
	return v.ended
}

// TestKilledInTheMiddleNothingIsLost admits 1,000 removals in each of ten rounds, kills the bot at
// a random point of the round, starts it again, and expects that everything that was answered with
// success is carried out.
func TestKilledInTheMiddleNothingIsLost(t *testing.T) {
	for _, store := range []string{"embedded", "redis"} {
		t.Run(store, func(t *testing.T) {
			redisURL := ""
			if store == "redis" {
				redisURL = redistest.Durable(t).URL()
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			killRounds(t, rand.New(rand.NewPCG(seed, 0)), redisURL) //nolint:gosec // a seeded script
		})
	}
}

func killRounds(t *testing.T, r *rand.Rand, redisURL string) {
	const rounds, members, groups = 10, 1_000, 20
	s, url := newSim(t, sim.Options{})
	o, c := s.Options(), childOf(t, s, url, redisURL)
	for g := range groups {
		all := []string{"ann"}
		for n := g; n < rounds*members; n += groups {
			all = append(all, fmt.Sprintf("raider-%d", n))
		}
		if err := s.World().AddGroup(sim.Group{Provider: sim.Tencent, ID: fmt.Sprint("@TGS#", g), Type: "Public", Members: all}); err != nil {
			t.Fatal(err)
		}
	}
	for round := range rounds {
		first := startVictim(t, c)
		after := time.Duration(r.IntN(1200)) * time.Millisecond
		time.AfterFunc(after, first.kill)
		var mu sync.Mutex
		var accepted []int // who was answered with success
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				client := &http.Client{Timeout: 5 * time.Second}
				for n := round*members + w; n < (round+1)*members; n += 8 {
					if joined(client, o, first.addr, fmt.Sprint("@TGS#", n%groups), fmt.Sprintf("raider-%d", n)) {
						mu.Lock()
						accepted = append(accepted, n)
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		first.kill()
		left := stillThere(s, accepted, groups)
		second := startVictim(t, c)
		eventually(t, "everything accepted is removed", func() bool { return stillThere(s, accepted, groups) == 0 })
		t.Logf("round %d: killed after %v: %d of %d accepted, %d of them not removed yet; none lost", round, after, len(accepted), members, left)
		second.kill()
	}
	repeats := 0
	for g := range groups {
		group := fmt.Sprint("@TGS#", g)
		repeats += len(s.Asked(group)) - len(s.Removed(group))
		if !s.World().Has(group, "ann") {
			t.Errorf("ann was removed from %s", group)
		}
	}
	t.Logf("%d removals were asked for twice", repeats)
}

// stillThere counts the members that were not removed yet.
func stillThere(s *sim.Server, accepted []int, groups int) (n int) {
	for _, a := range accepted {
		if s.World().Has(fmt.Sprint("@TGS#", a%groups), fmt.Sprintf("raider-%d", a)) {
			n++
		}
	}
	return n
}

// joined sends the webhook of a join and tells whether it was answered with success.
func joined(client *http.Client, o sim.Options, addr, group, member string) bool {
	now := time.Now()
	ts := strconv.FormatInt(now.Unix(), 10)
	url := fmt.Sprintf("http://%s/webhook/tencent?SdkAppid=%d&CallbackCommand=Group.CallbackAfterNewMemberJoin&Sign=%s&RequestTime=%s",
		addr, o.Tencent.SDKAppID, sim.HookSign(o.Tencent.WebhookToken, ts), ts)
	body := fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":%q,"Type":"Public","JoinType":"Apply",
"NewMemberList":[{"Member_Account":%q}],"EventTime":%d}`, group, member, now.UnixMilli())
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK
}

// TestStopByTERMLosesNothing stops the bot as a service manager does, in the middle of the work.
func TestStopByTERMLosesNothing(t *testing.T) {
	s, url := newSim(t, sim.Options{})
	if err := s.Inject(sim.Fault{API: "delete_group_member", Times: -1, Delay: 200 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	c := childOf(t, s, url, "")
	const members = 300
	all := make([]string, members)
	for n := range all {
		all[n] = fmt.Sprintf("raider-%d", n)
	}
	if err := s.World().AddGroup(sim.Group{Provider: sim.Tencent, ID: "@TGS#0", Type: "Public", Members: all}); err != nil {
		t.Fatal(err)
	}
	v := startVictim(t, c)
	client := &http.Client{Timeout: 5 * time.Second}
	var accepted []int
	for n, m := range all {
		if n == members/2 {
			if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
		if joined(client, s.Options(), v.addr, "@TGS#0", m) {
			accepted = append(accepted, n)
		}
	}
	if err := v.wait(); err != nil {
		t.Errorf("the bot ended with %v", err)
	}
	if len(accepted) < members/2 {
		t.Errorf("%d were accepted before the signal", len(accepted))
	}
	startVictim(t, c)
	eventually(t, "everything accepted is removed", func() bool { return stillThere(s, accepted, 1) == 0 })
}
