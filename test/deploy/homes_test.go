package deploy

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/groupguard/groupguard/internal/config"
)

// What the demo queues and records must never come into the real one's store.
func TestHomesShareNothing(t *testing.T) {
	projects := both(t)
	owned := map[string]string{} // by volume, network and file: the project
	for which, p := range projects {
		var names []string
		for key, v := range p.Volumes {
			if v.External {
				t.Errorf("%s: the volume %s is not its own", which, key)
			}
			names = append(names, "volume "+v.Name)
		}
		for key, n := range p.Networks {
			if n.External {
				t.Errorf("%s: the network %s is not its own", which, key)
			}
			names = append(names, "network "+n.Name)
		}
		for _, s := range p.Secrets {
			names = append(names, "secret "+filepath.Base(filepath.Dir(filepath.Dir(s.File)))+"/"+filepath.Base(s.File))
		}
		for _, name := range names {
			if other, taken := owned[name]; taken {
				t.Errorf("%s and %s share the %s", which, other, name)
			}
			owned[name] = which
		}
	}
	if len(owned) < 2*(4+3+6) {
		t.Errorf("only %d things were compared: %v", len(owned), owned)
	}
}

// Each service that keeps something keeps it in a volume of its own.
func TestVolumes(t *testing.T) {
	for which, p := range both(t) {
		for _, name := range []string{"bot", "redis", "prometheus", "grafana"} {
			kept := 0
			for _, v := range p.Services[name].Volumes {
				if v.Type == types.VolumeTypeVolume {
					kept++
					if _, declared := p.Volumes[v.Source]; !declared || v.Source != name {
						t.Errorf("%s: %s keeps what it has in %q", which, name, v.Source)
					}
				}
			}
			if kept != 1 {
				t.Errorf("%s: %s has %d volumes", which, name, kept)
			}
		}
	}
}

// Who reaches whom: Redis and the simulator have no password.
func TestNetworks(t *testing.T) {
	want := map[string][]string{"store": {"bot", "redis"}, "simulated": {"bot", "sim"}, "front": {"bot", "grafana", "prometheus"}}
	p := both(t)["demo"]
	for network, members := range want {
		var got []string
		for name, s := range p.Services {
			if _, in := s.Networks[network]; in {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, members) || p.Networks[network].Internal != (network != "front") {
			t.Errorf("%s has %q, internal: %t", network, got, p.Networks[network].Internal)
		}
	}
	if len(p.Networks) != len(want) {
		t.Errorf("there are %d networks", len(p.Networks))
	}
}

// settingsOf returns the variables of the bot, with the addresses of secrets that are mounted in a
// container replaced by those of the files.
func settingsOf(p *types.Project) map[string]string {
	out := map[string]string{}
	for name, value := range p.Services["bot"].Environment {
		if value == nil {
			continue
		}
		out[name] = *value
		if file, mounted := strings.CutPrefix(*value, "/run/secrets/"); mounted {
			out[name] = p.Secrets[file].File
		}
	}
	return out
}

// A fresh clone starts a bot that can call nobody: its provider is the simulator, which is not there
// without the profile.
func TestDemoCallsNobodyReal(t *testing.T) {
	p := load(t, clone(t))
	for _, name := range []string{"BOT_TENCENT_ENDPOINT", "BOT_CAMS_ENDPOINT"} {
		u, err := url.Parse(settingsOf(p)[name])
		if err != nil || u.Hostname() != "sim" || slices.Contains(names(p), u.Hostname()) {
			t.Errorf("%s is %v (%v)", name, u, err)
		}
	}
}

// The demo's secrets are in the repository. They are good for the simulator alone.
func TestDemoSecretsOpenNothing(t *testing.T) {
	variables := settingsOf(load(t, clone(t)))
	problems := func() (errors []string) {
		var env []string
		for name, value := range variables {
			env = append(env, name+"="+value)
		}
		_, problems := config.Load(config.Sources{Env: env, ReadFile: os.ReadFile})
		for _, p := range problems {
			if !p.Warning {
				errors = append(errors, p.Name)
			}
		}
		slices.Sort(errors)
		return errors
	}
	if got := problems(); len(got) > 0 {
		t.Errorf("the demo's settings have mistakes: %q", got)
	}
	delete(variables, "BOT_TENCENT_ENDPOINT")
	delete(variables, "BOT_CAMS_ENDPOINT")
	want := []string{"BOT_ADMIN_TOKEN", "BOT_CAMS_WEBHOOK_SECRET", "BOT_TENCENT_SECRET_KEY", "BOT_TENCENT_WEBHOOK_TOKEN"}
	if got := problems(); !slices.Equal(got, want) {
		t.Errorf("with the providers' own endpoints %q are refused, want %q", got, want)
	}
	files, err := filepath.Glob(filepath.Join(root, shown, "secrets/*"))
	if err != nil || len(files) != 6 {
		t.Fatalf("the secrets are %q (%v)", files, err)
	}
	for _, file := range files {
		if text := read(t, filepath.Join(shown, "secrets", filepath.Base(file))); !strings.Contains(strings.ToLower(text), "simulat") {
			t.Errorf("%s does not say that it is the simulator's", file)
		}
	}
}

// Who may look at Grafana is the home's choice: in the demo everybody, in a home of one's own nobody
// without a password.
func TestGrafanaAccess(t *testing.T) {
	projects := both(t)
	if v := projects["demo"].Services["grafana"].Environment["GF_AUTH_ANONYMOUS_ORG_ROLE"]; v == nil || *v != "Viewer" {
		t.Errorf("in the demo a stranger is %v", v)
	}
	for name := range projects["live"].Services["grafana"].Environment {
		if strings.HasPrefix(name, "GF_AUTH_") {
			t.Errorf("a home of one's own begins with %s", name)
		}
	}
	if read(t, filepath.Join(shown, "rules/rules.yaml")) != read(t, "rules.yaml") {
		t.Error("the demo's rules differ from rules.yaml: copy it")
	}
}
