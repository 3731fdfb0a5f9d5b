package config

import (
	"io/fs"
	"strings"
	"testing"
)

// Values that pass every check, with one provider on. Tests change one thing at a time.
const (
	goodKey    = "key-5bd2850fff3ecb11"
	goodToken  = "token-xxxxyyyy-0001"
	goodSecret = "path-secret-0123456789"
)

func goodEnv() map[string]string {
	return map[string]string{
		"BOT_TENCENT_SDK_APP_ID":    "1400000000",
		"BOT_TENCENT_SECRET_KEY":    goodKey,
		"BOT_TENCENT_WEBHOOK_TOKEN": goodToken,
		"BOT_CAMS_CUST_SPACE_ID":    "cams-example01",
		"BOT_CAMS_BUSINESS_NUMBER":  "+15550100099",
		"BOT_CAMS_WEBHOOK_SECRET":   goodSecret,
	}
}

// with returns a copy of the good environment with changes; an empty value takes a variable out.
func with(changes map[string]string) map[string]string {
	env := goodEnv()
	for name, text := range changes {
		env[name] = text
		if text == "" {
			delete(env, name)
		}
	}
	return env
}

func environ(env map[string]string) []string {
	var out []string
	for name, text := range env {
		out = append(out, name+"="+text)
	}
	return out
}

func loadEnv(env map[string]string) (Config, []Problem) {
	return Load(Sources{Env: environ(env), ReadFile: noFiles})
}

func noFiles(name string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func lines(problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

// mustLoad fails the test on any problem, warnings too.
func mustLoad(t *testing.T, from Sources) Config {
	t.Helper()
	if from.ReadFile == nil {
		from.ReadFile = noFiles
	}
	c, problems := Load(from)
	if len(problems) > 0 {
		t.Fatalf("unexpected problems:\n%s", lines(problems))
	}
	return c
}
