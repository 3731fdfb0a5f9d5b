package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const unit = "groupguard.service"

// unitLines returns the values of a key, of the unit and its drop-ins.
func unitLines(t *testing.T, key string) []string {
	t.Helper()
	var out []string
	for _, name := range []string{unit, unit + ".d/tencent.conf", unit + ".d/cams.conf"} {
		for _, line := range strings.Split(read(t, "deploy/systemd/"+name), "\n") {
			if value, ok := strings.CutPrefix(line, key+"="); ok {
				out = append(out, value)
			}
		}
	}
	return out
}

// TestSystemd has systemd's own tools read the unit, and looks that nothing of it is unknown to them and
// that what it may do is as little as intended. It is skipped only where those tools are not installed.
func TestSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	copyTree(t, filepath.Join(root, "deploy/systemd"), dir)
	// verify looks for the program, which is not installed here.
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(read(t, "deploy/systemd/"+unit), "=/usr/local/bin/bot ", "="+program+" ")
	if err := os.WriteFile(filepath.Join(dir, unit), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	verify := func() string {
		out, err := exec.Command("systemd-analyze", "verify", filepath.Join(dir, unit)).CombinedOutput()
		if err != nil {
			t.Errorf("systemd-analyze verify: %v", err)
		}
		return string(bytes.TrimSpace(out))
	}
	if said := verify(); said != "" {
		t.Errorf("systemd-analyze verify says:\n%s", said)
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", filepath.Join(dir, unit)).CombinedOutput()
	if err != nil {
		t.Errorf("the exposure is 2.0 or more (%v):\n%s", err, out)
	}
	// A key that is misspelt must be seen in a drop-in as well.
	if err := os.WriteFile(filepath.Join(dir, unit+".d", "typo.conf"), []byte("[Service]\nProtectSytem=strict\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := verify(); !strings.Contains(said, "ProtectSytem") {
		t.Errorf("a misspelt key is not reported: %q", said)
	}
}

func TestUnitSettings(t *testing.T) {
	variables := envFile(t, "deploy/compose/bot.env.example", true) // stands for the operator's
	credentials := map[string]bool{}
	for _, c := range unitLines(t, "LoadCredential") {
		name, file, _ := strings.Cut(c, ":")
		if file != "/etc/groupguard/secrets/"+name {
			t.Errorf("the credential %s comes from %s", name, file)
		}
		credentials[name] = true
	}
	for _, line := range unitLines(t, "Environment") {
		name, value, _ := strings.Cut(line, "=")
		if file, ok := strings.CutPrefix(value, "%d/"); ok && !credentials[file] {
			t.Errorf("%s names the credential %s, which is not loaded", name, file)
		} else if strings.HasSuffix(name, "_FILE") != ok {
			t.Errorf("%s=%s: a secret is handed over as a file, and nothing else is", name, value)
		}
		variables[name] = value
	}
	checkVariables(t, unit, variables)
	if len(credentials) < 5 {
		t.Errorf("there are %d credentials", len(credentials))
	}
	stop, err := time.ParseDuration(unitLines(t, "TimeoutStopSec")[0])
	if err != nil || stop <= shutdownDefault(t) {
		t.Errorf("the bot is killed after %v (%v)", stop, err)
	}
	if pattern := regexp.MustCompile(`^/usr/local/bin/bot run$`); !pattern.MatchString(unitLines(t, "ExecStart")[0]) {
		t.Errorf("it starts %q", unitLines(t, "ExecStart"))
	}
}
