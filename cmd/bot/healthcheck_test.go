package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	answering := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" || r.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s with %q", r.URL.Path, r.Header.Get("Authorization"))
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	ready := answering(200, `{"status":"ready"}`)
	_, port, _ := strings.Cut(ready, ":")
	config := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(config, []byte("admin-listen: "+ready+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env  string
		args string
		code int
		want string
	}{
		"ready":                    {"BOT_ADMIN_LISTEN=" + ready, "", exitDone, "ready\n"},
		"ready, by --addr":         {"", "--addr " + ready, exitDone, "ready\n"},
		"ready, by the file":       {"", "--config " + config, exitDone, "ready\n"},
		"on every address":         {"BOT_ADMIN_LISTEN=0.0.0.0:" + port, "", exitDone, "ready\n"},
		"degraded":                 {"BOT_ADMIN_LISTEN=" + answering(200, `{"status":"degraded","reasons":["calls to cams fail"]}`), "", exitDone, "degraded: calls to cams fail\n"},
		"not ready":                {"BOT_ADMIN_LISTEN=" + answering(503, `{"status":"not ready","reasons":["the bot is stopping"]}`), "", exitEnvironment, "is not ready: the bot is stopping\n"},
		"another server":           {"BOT_ADMIN_LISTEN=" + answering(200, "<html>"), "", exitEnvironment, "answers with status 200 and is no bot (is that its BOT_ADMIN_LISTEN?)\n"},
		"nobody":                   {"BOT_ADMIN_LISTEN=127.0.0.1:1", "", exitEnvironment, "connection refused"},
		"no address":               {"BOT_ADMIN_LISTEN=here", "", exitEnvironment, "BOT_ADMIN_LISTEN"},
		"no address on a flag":     {"", "--addr here", exitUsage, "HOST:PORT"},
		"a file that is not there": {"", "--config /nowhere", exitEnvironment, "reading the settings"},
	} {
		c := console{env: []string{tt.env, "BOT_TENCENT_SECRET_KEY_FILE=/nowhere/to/be/read"}}
		code := c.run(append([]string{"healthcheck"}, strings.Fields(tt.args)...)...)
		printed := c.out.String() + c.said.String()
		if code != tt.code || !strings.Contains(printed, tt.want) || strings.Count(printed, "\n") != 1 {
			t.Errorf("%s: exit code %d: %q", name, code, printed)
		}
	}
}
