package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// pinned is a tag that names one release: three numbers at least.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z0-9.]+)?$`)

func TestMountsExist(t *testing.T) {
	for profile, p := range both(t) {
		for name, s := range p.Services {
			for _, v := range s.Volumes {
				if v.Type != types.VolumeTypeBind {
					continue
				}
				info, err := os.Stat(v.Source)
				if err != nil || !info.IsDir() {
					t.Errorf("%s: %s is mounted as %s and is no folder: a file that is replaced would not be seen (%v)", name, v.Source, v.Target, err)
				}
				if !v.ReadOnly || v.Bind == nil || bool(v.Bind.CreateHostPath) {
					t.Errorf("%s: %s must be read-only, and an error where it is missing", name, v.Target)
				}
			}
			for _, secret := range s.Secrets {
				if _, err := os.Stat(p.Secrets[secret.Source].File); err != nil {
					t.Errorf("%s: the secret %s: %v", name, secret.Source, err)
				}
			}
		}
		if len(p.Services) < 4 {
			t.Errorf("profile %s has %d services", profile, len(p.Services))
		}
	}
}

// Every variable that names a file of a secret names one that is mounted.
func TestSecretsAreMounted(t *testing.T) {
	for _, p := range both(t) {
		for name, s := range p.Services {
			for variable, value := range s.Environment {
				file, found := "", false
				if value != nil {
					file, found = strings.CutPrefix(*value, "/run/secrets/")
				}
				if found && !slices.ContainsFunc(s.Secrets, func(c types.ServiceSecretConfig) bool { return c.Source == file }) {
					t.Errorf("%s: %s names the secret %s, which is not mounted", name, variable, file)
				}
			}
		}
	}
	for variable, value := range envFile(t, "deploy/compose/bot.env.example", true) {
		if strings.HasSuffix(variable, "_FILE") {
			name := strings.TrimPrefix(value, "/run/secrets/")
			if _, ok := both(t)["live"].Secrets[name]; !ok {
				t.Errorf("bot.env.example: there is no secret %q", name)
			}
		}
	}
}

func TestContainersAreConfined(t *testing.T) {
	for _, p := range both(t) {
		for name, s := range p.Services {
			for what, ok := range map[string]bool{
				"a pinned image":            pinned.MatchString(s.Image) || s.Image == "groupguard:local" && s.Build != nil,
				"an account by number":      regexp.MustCompile(`^[1-9]\d*:\d+$`).MatchString(s.User),
				"a read-only root":          s.ReadOnly,
				"no capabilities":           slices.Equal(s.CapDrop, []string{"ALL"}) && len(s.CapAdd) == 0,
				"no new privileges":         slices.Contains(s.SecurityOpt, "no-new-privileges:true"),
				"no privileges":             !s.Privileged && s.NetworkMode == "" && s.Pid == "" && s.Ipc == "" && len(s.Devices) == 0,
				"logs of bounded size":      s.Logging != nil && s.Logging.Options["max-size"] != "" && s.Logging.Options["max-file"] != "",
				"bounded memory":            s.MemLimit > 0,
				"bounded processor time":    s.CPUS > 0,
				"a bounded number of tasks": s.PidsLimit > 0,
				"a restart policy":          s.Restart == types.RestartPolicyUnlessStopped,
				"a network":                 len(s.Networks) > 0,
				"a name of its project":     s.ContainerName == "",
			} {
				if !ok {
					t.Errorf("%s lacks %s", name, what)
				}
			}
			if (name == "bot" || name == "sim") && s.User != account+":"+account {
				t.Errorf("%s runs as %s", name, s.User)
			}
		}
	}
}

func TestPortsAreThisMachinesOwn(t *testing.T) {
	for profile, p := range both(t) {
		for name, s := range p.Services {
			for _, port := range s.Ports {
				webhooks := profile == "live" && name == "bot" && port.Target == 8080
				if port.HostIP != "127.0.0.1" && !webhooks {
					t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
				}
				if name == "redis" || name == "sim" {
					t.Errorf("%s is published, and has no password", name)
				}
			}
		}
	}
}

// Images without a shell have no curl, and a check must not depend on one.
func TestHealthchecksNeedNoShell(t *testing.T) {
	in := map[string]string{"bot": "/bot", "redis": "redis-cli", "prometheus": "promtool", "grafana": "wget"}
	for _, p := range both(t) {
		for name, s := range p.Services {
			if name == "sim" { // nobody waits for it, and it has no port that tells of its health
				continue
			}
			if s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 || s.HealthCheck.Test[0] != "CMD" || s.HealthCheck.Test[1] != in[name] {
				t.Errorf("%s: %v", name, s.HealthCheck)
			}
		}
	}
}

// A bot that is killed in the middle of its stop begins calls again that were answered already.
func TestStopsAreLongEnough(t *testing.T) {
	for _, p := range both(t) {
		for name, s := range p.Services {
			text, ok := s.Environment["BOT_SHUTDOWN_TIMEOUT"]
			if !ok {
				continue
			}
			timeout, err := time.ParseDuration(*text)
			if err != nil || s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) <= timeout {
				t.Errorf("%s is killed after %v, its timeout is %v (%v)", name, s.StopGracePeriod, timeout, err)
			}
		}
	}
}

func TestComposeSettings(t *testing.T) {
	seen := 0
	for profile, p := range both(t) {
		for name, s := range p.Services {
			variables := map[string]string{}
			for variable, value := range s.Environment {
				if value != nil {
					variables[variable] = *value
				}
			}
			if variables["BOT_RULES"] != "" {
				seen++
				checkVariables(t, profile, variables)
				dir := filepath.Dir(variables["BOT_RULES"])
				if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
					_, err := os.Stat(filepath.Join(v.Source, filepath.Base(variables["BOT_RULES"])))
					return v.Target == dir && err == nil
				}) {
					t.Errorf("%s: there are no rules in %s", name, dir)
				}
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d bots were checked", seen)
	}
	checkVariables(t, "bot.env.example", envFile(t, "deploy/compose/bot.env.example", true))
}

// Redis has to keep what it confirmed, and must not throw anything away.
func TestRedisKeepsWhatItConfirmed(t *testing.T) {
	for _, p := range both(t) {
		command := strings.Join(p.Services["redis"].Command, " ")
		for _, want := range []string{"--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"} {
			if !strings.Contains(command, want) {
				t.Errorf("%q lacks %s", command, want)
			}
		}
	}
}
