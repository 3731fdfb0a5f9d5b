package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// stage is where a bot of docker-compose.yml meets the simulator, outside of containers.
type stage struct {
	program string // the binary
	hooks   string // the address of the bot's webhooks
	world   string // the address of the simulator
	command []string
}

func newStage(t *testing.T, program string, p *types.Project) stage {
	t.Helper()
	s := stage{program: program, hooks: freeAddress(t), world: freeAddress(t)}
	swap := strings.NewReplacer("bot:8080", s.hooks, ":8090", s.world)
	for _, arg := range p.Services["sim"].Command {
		s.command = append(s.command, swap.Replace(arg))
	}
	return s
}

// serve runs the bot with the variables that it has in a container, until the test ends. Only the
// addresses are others, and the store is the embedded one. It returns the variables and the admin port.
func (s stage) serve(t *testing.T, p *types.Project) (env map[string]string, admin string) {
	t.Helper()
	env = settingsOf(p)
	for name, value := range env {
		env[name] = strings.ReplaceAll(value, "sim:8090", s.world)
	}
	env["BOT_REDIS_URL"], env["BOT_DATA_DIR"] = "", t.TempDir()
	env["BOT_LISTEN"], env["BOT_ADMIN_LISTEN"] = s.hooks, "127.0.0.1:0"
	env["BOT_RULES"] = filepath.Join(root, shown, "rules/rules.yaml")
	service := exec.Command(s.program, "run")
	service.Env = []string{}
	for name, value := range env {
		service.Env = append(service.Env, name+"="+value)
	}
	return env, await(t, start(t, service, true), `"msg":"serving".*"admin":"([^"]+)"`)[1]
}

// simulate runs the simulator until the test ends, and returns what it says.
func (s stage) simulate(t *testing.T) <-chan string {
	t.Helper()
	said := start(t, exec.Command(s.program, s.command...), false)
	await(t, said, `^Simulated providers on `)
	return said
}

// removed counts who was removed from the simulated groups, and reports what the providers complain of.
func (s stage) removed(t *testing.T) (n int) {
	t.Helper()
	var world struct {
		Removed    map[string][]string
		Violations map[string]int
	}
	if err := json.Unmarshal(get(t, "http://"+s.world+"/sim/state"), &world); err != nil {
		t.Fatal(err)
	}
	for what, complaints := range world.Violations {
		if complaints != 0 {
			t.Errorf("the providers complain of %s: %d", what, complaints)
		}
	}
	for _, members := range world.Removed {
		n += len(members)
	}
	return n
}

// demoPlays runs the bot and the simulator as the demo does: first the bot alone, as without the profile,
// then a simulator, and then another one, as after its restart.
func demoPlays(t *testing.T, program string) {
	p := load(t, clone(t), "demo")
	s := newStage(t, program, p)
	env, admin := s.serve(t, p)
	health := exec.Command(program, "healthcheck")
	health.Env = []string{"BOT_ADMIN_LISTEN=" + admin}
	if out, err := health.CombinedOutput(); err != nil {
		t.Errorf("bot healthcheck without a simulator: %v\n%s", err, out)
	}
	for _, name := range []string{"a first start", "another start"} {
		t.Run(name, func(t *testing.T) {
			said := s.simulate(t)
			expected, err := strconv.Atoi(await(t, said, `^Round 1: (\d+) removals are expected`)[1])
			if err != nil || expected < 10 {
				t.Fatalf("%d removals are expected (%v)", expected, err)
			}
			until(t, func() string {
				if n := s.removed(t); n != expected {
					return fmt.Sprintf("%d of %d were removed", n, expected)
				}
				return ""
			})
		})
	}
	// As docs/deployment.md says: the container's own variables lead its commands to the bot.
	cases := exec.Command(program, "cases", "--format", "json")
	cases.Env = []string{"BOT_ADMIN_LISTEN=" + admin, "BOT_ADMIN_TOKEN_FILE=" + env["BOT_ADMIN_TOKEN_FILE"], "BOT_RULES=" + env["BOT_RULES"]}
	if out, err := cases.CombinedOutput(); err != nil || !strings.Contains(string(out), "new-member-link") {
		t.Errorf("bot cases: %v, with no new-member-link in its %d bytes", err, len(out))
	}
	if metrics := string(get(t, "http://"+admin+"/metrics")); !strings.Contains(metrics, "groupguard_webhook_requests_total{") {
		t.Error("the bot has no metrics of its webhooks")
	}
}

// refused are webhooks that nobody proved to have sent. The scene has more than 60 before it waits for
// anything.
var refused = regexp.MustCompile(`(?m)^groupguard_webhook_refused_total\{provider="(\w*)",reason="[^"]+"\} (\d+)$`)

// strangerIsRefused plays the demo's simulator against a bot with the operator's own secrets, as
// --profile demo does after init.sh. Even with the simulator for a provider it acts on nothing.
func strangerIsRefused(t *testing.T, program string) {
	dir := clone(t)
	initialise(t, dir)
	if err := os.WriteFile(filepath.Join(dir, live, "secrets/tencent-secret-key"), []byte("a-key-of-the-operators\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := load(t, dir, "demo")
	s := newStage(t, program, p)
	bot := p.Services["bot"].Environment
	for name, value := range envFile(t, "deploy/compose/bot.env.example", true) {
		if strings.HasSuffix(name, "_ENDPOINT") {
			value = "http://sim:8090"
		}
		bot[name] = &value
	}
	off, simulator := "false", "http://sim:8090"
	bot["BOT_DRY_RUN"], bot["BOT_CAMS_ENDPOINT"] = &off, &simulator
	_, admin := s.serve(t, p)
	s.simulate(t)
	until(t, func() string {
		n := 0
		for _, m := range refused.FindAllStringSubmatch(string(get(t, "http://"+admin+"/metrics")), -1) {
			count, err := strconv.Atoi(m[2])
			if err != nil {
				t.Fatal(err)
			}
			n += count
		}
		if n < 60 {
			return fmt.Sprintf("%d webhooks were refused", n)
		}
		return ""
	})
	metrics := string(get(t, "http://"+admin+"/metrics"))
	if accepted := regexp.MustCompile(`(?m)^groupguard_(webhook_requests_total\{event="[^h].*outcome="accepted"|intents_total\{.*provider="(tencent|cams)").* [1-9].*$`).FindAllString(metrics, -1); len(accepted) > 0 {
		t.Errorf("it listened to a stranger: %q", accepted)
	}
	if n := s.removed(t); n != 0 {
		t.Errorf("%d members were removed", n)
	}
}
