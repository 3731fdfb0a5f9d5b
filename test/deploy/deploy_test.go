package deploy

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
)

const root = "../.."

// account is the number that the bot runs as in every container.
const account = "65532"

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkVariables reports variables that begin as the bot's settings do and are none, secrets that stand
// in the open, and values that the bot would refuse.
func checkVariables(t *testing.T, where string, variables map[string]string) {
	t.Helper()
	secret, known := map[string]bool{}, map[string]bool{}
	for _, s := range config.Settings() {
		known[s.Name] = true
		if s.Secret {
			secret[s.Name], known[s.Name+"_FILE"] = true, true
		}
	}
	var env []string
	for name, value := range variables {
		if !strings.HasPrefix(name, "BOT_") {
			continue
		}
		if !known[name] {
			t.Errorf("%s: %s is not a setting", where, name)
		}
		if secret[name] && !strings.HasPrefix(value, "redis://") {
			t.Errorf("%s: %s is a secret and stands in the open", where, name)
		}
		env = append(env, name+"="+value)
	}
	_, problems := config.Load(config.Sources{Env: env, ReadFile: func(name string) ([]byte, error) {
		if strings.HasSuffix(name, "redis-url") {
			return []byte("redis://redis:6379/0"), nil
		}
		return []byte("a-secret-of-enough-characters\n"), nil
	}})
	for _, p := range problems {
		plain := p.Warning && strings.HasSuffix(p.Name, "_ENDPOINT") && where == "demo"
		if !plain && !missingProvider(variables, p) {
			t.Errorf("%s: %s", where, p)
		}
	}
}

// missingProvider tells whether a problem is that no provider was chosen yet, which is the operator's part.
func missingProvider(variables map[string]string, p config.Problem) bool {
	return variables["BOT_TENCENT_SDK_APP_ID"] == "" && variables["BOT_CAMS_CUST_SPACE_ID"] == "" && p.Name == "BOT_TENCENT_SDK_APP_ID"
}

// envFile reads a file of variables. With all, lines that are commented out count as well.
func envFile(t *testing.T, name string, all bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(read(t, name)))
	for lines.Scan() {
		line := lines.Text()
		if bare, ok := strings.CutPrefix(line, "#"); ok {
			if !all || strings.HasPrefix(bare, " ") || !strings.Contains(bare, "=") {
				continue
			}
			line = bare
		}
		if key, value, ok := strings.Cut(line, "="); ok {
			out[key] = value
		} else if line != "" {
			t.Errorf("%s: %q is no variable", name, line)
		}
	}
	return out
}

// shutdownDefault is how long a stop may take unless the operator says otherwise.
func shutdownDefault(t *testing.T) time.Duration {
	t.Helper()
	for _, s := range config.Settings() {
		if s.Name == "BOT_SHUTDOWN_TIMEOUT" {
			d, err := time.ParseDuration(s.Default)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("there is no BOT_SHUTDOWN_TIMEOUT")
	return 0
}
