package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/sim"
)

// A bot whose token is not that of the console looks healthy from the inside: the doctor says that
// nothing gets in, until something does.
func TestDoctorSeesThatAllWebhooksAreRefused(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	told := func() (out []string) {
		for _, c := range ask[doctor.Report](t, r, http.MethodGet, "doctor?offline=true", nil).Checks {
			if c.About == doctor.AboutWebhooks && c.Status == doctor.Warning && strings.Contains(c.Text, "refused") {
				out = append(out, c.Text+" "+c.Fix)
			}
		}
		return out
	}
	for range 10 {
		if got := told(); len(got) > 0 {
			t.Fatalf("too early: %q", got)
		}
		if status := r.post(t, tencentURL(r, time.Now(), "Sign="+strings.Repeat("0", 64)), message(1, "hi")); status != http.StatusUnauthorized {
			t.Fatalf("status %d", status)
		}
	}
	if got := told(); len(got) != 1 || !strings.Contains(got[0], "the last 10 webhooks of tencent") || !strings.Contains(got[0], "BOT_TENCENT_WEBHOOK_TOKEN") {
		t.Errorf("it says %q", got)
	}
	for range 10 {
		if status := r.post(t, "http://"+r.app.WebhookAddr()+"/webhook/cams/wrong-secret-0123456789", `[]`); status != http.StatusNotFound {
			t.Fatalf("status %d", status)
		}
	}
	if got := told(); len(got) != 2 || !strings.Contains(got[0], "the last 10 webhooks of cams") {
		t.Errorf("it says %q", got)
	}
	if status := r.post(t, tencentURL(r, time.Now()), message(2, "hi")); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if got := told(); len(got) != 1 || !strings.Contains(got[0], "of cams") {
		t.Errorf("it says %q", got)
	}
}
