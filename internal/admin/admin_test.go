package admin_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
)

func server(token string, reasons []string, reload error) *admin.Server {
	return admin.New(admin.Config{
		Token: token, Version: map[string]string{"version": "v1"}, Gatherer: prometheus.NewRegistry(),
		Ready:  func(context.Context) []string { return reasons },
		Reload: func() error { return reload },
		Log:    slog.New(slog.DiscardHandler),
	})
}

func TestAdminPort(t *testing.T) {
	for _, tt := range []struct {
		name         string
		server       *admin.Server
		method, path string
		auth         string
		status       int
		body         string
	}{
		{"health asks nobody", server("", []string{"store is away"}, nil), "GET", "/healthz", "", 200, `"ok"`},
		{"metrics need no token", server("secret", nil, nil), "GET", "/metrics", "", 200, ""},
		{"version", server("", nil, nil), "GET", "/version", "", 200, `"v1"`},
		{"ready", server("", nil, nil), "GET", "/readyz", "", 200, `"ready"`},
		{"not ready says why", server("", []string{"store is away"}, nil), "GET", "/readyz", "", 503, "store is away"},
		{"no token set, no reload", server("", nil, nil), "POST", "/-/reload", "Bearer ", 404, ""},
		{"reload without a token", server("secret", nil, nil), "POST", "/-/reload", "", 401, "bearer token"},
		{"reload with a wrong token", server("secret", nil, nil), "POST", "/-/reload", "Bearer secre", 401, "bearer token"},
		{"reload with another scheme", server("secret", nil, nil), "POST", "/-/reload", "Basic secret", 401, "bearer token"},
		{"reload", server("secret", nil, nil), "POST", "/-/reload", "Bearer secret", 200, "reloaded"},
		{"refused reload names the problems", server("secret", nil, errors.New("rules.yaml:1:1: error: a\nrules.yaml:2:1: error: b")),
			"POST", "/-/reload", "Bearer secret", 422, `"rules.yaml:1:1: error: a","rules.yaml:2:1: error: b"`},
		{"reload by GET", server("secret", nil, nil), "GET", "/-/reload", "Bearer secret", 405, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, http.NoBody)
			if tt.auth != "" {
				r.Header.Set("Authorization", tt.auth)
			}
			w := httptest.NewRecorder()
			tt.server.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}
