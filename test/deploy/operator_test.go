package deploy

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// The homes: of the operator's files, and of the demo's.
const (
	live  = "deploy/compose/live"
	shown = "deploy/compose/demo"
)

// clone makes a folder with what docker-compose.yml needs of the repository, and nothing that somebody
// made in a working copy.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"docker-compose.yml", "rules.yaml", "deploy/compose", "deploy/grafana", "deploy/prometheus"} {
		copyTree(t, filepath.Join(root, name), filepath.Join(dir, name))
	}
	return dir
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "live" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o755); err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// initialise runs the script that makes the operator's files.
func initialise(t *testing.T, dir string) string {
	t.Helper()
	c := exec.Command("sh", filepath.Join(dir, "deploy/compose/init.sh"))
	c.Dir = t.TempDir() // it finds its way from anywhere
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("init.sh: %v\n%s", err, out)
	}
	return string(out)
}

// load reads docker-compose.yml as docker compose does, strictly. What the folder's .env says counts.
func load(t *testing.T, dir string, profiles ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), cli.WithDefaultConfigPath,
		cli.WithEnvFiles(), cli.WithDotEnv, cli.WithDefaultProfiles(profiles...))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatalf("profiles %q: %v", profiles, err)
	}
	return p
}

// both returns the demo as a fresh clone has it, and the real one with the operator's files made.
func both(t *testing.T) map[string]*types.Project {
	t.Helper()
	own := clone(t)
	initialise(t, own)
	return map[string]*types.Project{"live": load(t, own), "demo": load(t, clone(t), "demo")}
}

func names(p *types.Project) []string { return slices.Sorted(maps.Keys(p.Services)) }

func TestProfiles(t *testing.T) {
	fresh := clone(t)
	set := clone(t)
	initialise(t, set)
	four := []string{"bot", "grafana", "prometheus", "redis"}
	five := append(slices.Clone(four), "sim")
	for _, c := range []struct {
		name     string
		dir      string
		profiles []string
		want     []string
		project  string
		home     string
	}{
		{"a fresh clone needs no file of the operator", fresh, nil, four, "groupguard-demo", shown},
		{"the demo adds the simulator", fresh, []string{"demo"}, five, "groupguard-demo", shown},
		{"the file .env chooses the real one", set, nil, four, "groupguard", live},
		{"the simulator beside the real one", set, []string{"demo"}, five, "groupguard", live},
	} {
		p := load(t, c.dir, c.profiles...)
		if got := names(p); !slices.Equal(got, c.want) || p.Name != c.project {
			t.Errorf("%s: got %q of the project %s, want %q of %s", c.name, got, p.Name, c.want, c.project)
		}
		if got, want := p.Secrets["admin-token"].File, filepath.Join(c.dir, c.home, "secrets/admin-token"); got != want {
			t.Errorf("%s: the token is that of %s, want %s", c.name, got, want)
		}
	}
}

// Once .env chooses the real one, the demo is chosen by a file of its own.
func TestDemoBesideAHome(t *testing.T) {
	dir := clone(t)
	initialise(t, dir)
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), cli.WithDefaultConfigPath,
		cli.WithEnvFiles(filepath.Join(dir, shown, "compose.env")), cli.WithDotEnv, cli.WithDefaultProfiles("demo"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := load(t, clone(t), "demo")
	if got.Name != want.Name || !slices.Equal(names(got), names(want)) {
		t.Errorf("it is %s with %q", got.Name, names(got))
	}
	for _, p := range []*types.Project{got, want} {
		if port := p.Services["bot"].Ports[0]; port.HostIP != "127.0.0.1" || port.Target != 8080 {
			t.Errorf("the port of the webhooks is %v", port)
		}
	}
	if file := got.Secrets["admin-token"].File; file != filepath.Join(dir, shown, "secrets/admin-token") {
		t.Errorf("the token is that of %s", file)
	}
}

// A file .env that was there and chooses nothing would start the demo where the real one is meant.
func TestInitWantsToBeChosen(t *testing.T) {
	for _, said := range []string{"", "COMPOSE_PROFILES=\n", "GROUPGUARD_HOME=./" + live + "\n", "GROUPGUARD_HOME=\nCOMPOSE_PROJECT_NAME=groupguard\n"} {
		dir := clone(t)
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("sh", filepath.Join(dir, "deploy/compose/init.sh")).CombinedOutput()
		if err == nil || !strings.Contains(string(out), ".env says nothing of ") {
			t.Errorf(".env with %q: %v, %s", said, err, out)
		}
		if after, err := os.ReadFile(filepath.Join(dir, ".env")); err != nil || string(after) != said {
			t.Errorf("it made %q of .env (%v)", after, err)
		}
	}
}

// What belongs to the operator is made once. The second run must not change a byte of it.
func TestInitKeepsWhatIsThere(t *testing.T) {
	dir := clone(t)
	initialise(t, dir)
	state := func() map[string]string {
		out := map[string]string{}
		err := filepath.WalkDir(filepath.Join(dir, live), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			out[path] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := state()
	if said := initialise(t, dir); said != "" {
		t.Errorf("a second run says %q", said)
	}
	if !maps.Equal(before, state()) {
		t.Error("a second run changed something")
	}
	info, err := os.Stat(filepath.Join(dir, live, "secrets"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the secrets: %v, %v", info.Mode(), err)
	}
	drawn := map[string]bool{}
	for _, name := range []string{"admin-token", "grafana-password", "tencent-webhook-token", "cams-webhook-secret"} {
		value := before[filepath.Join(dir, live, "secrets", name)]
		if len(value) != 65 || drawn[value] {
			t.Errorf("%s is %d bytes, or that of another one", name, len(value))
		}
		drawn[value] = true
	}
}
