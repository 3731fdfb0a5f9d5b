package app_test

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/store/redistest"
)

// page reads the metrics as they are served.
func page(t *testing.T, r *rig) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.app.AdminAddr()+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", resp.StatusCode, err)
	}
	return string(body)
}

// TestPromtoolTakesTheMetrics has Prometheus' own tool judge names, help texts, units and the format.
func TestPromtoolTakesTheMetrics(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIP: promtool is not installed: it comes with Debian's package prometheus")
	}
	text := page(t, everything(t, redistest.Start(t)))
	check := func(text string) (string, error) {
		cmd := exec.CommandContext(t.Context(), tool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := check(text); err != nil || strings.TrimSpace(out) != "" {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := check(text + "# TYPE groupguard_wrong counter\ngroupguard_wrong 1\n"); err == nil {
		t.Error("promtool takes a counter without _total and without help: it does not check")
	}
	if strings.Contains(text, "native") || strings.Count(text, "# HELP groupguard_") < 30 {
		t.Errorf("this is no full scrape:\n%s", text)
	}
}
