package tencent

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// beatAt is a message as the bot sends it to itself.
func beatAt(at time.Time) *chat.Event {
	return &chat.Event{
		At: at, Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "heartbeat-1"}, GroupType: chat.Public,
		ID: "beat", Kind: chat.Message, Member: "heart-1", Text: "beat \"1\"",
	}
}

func TestAHeartbeatIsLetInAsTencentIs(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 123e6, time.UTC)
	cfg := WebhookConfig{SDKAppID: "1400000000", Token: "token&=%", Identifier: "administrator"}
	for _, test := range []struct {
		name   string
		signer WebhookConfig
		now    time.Time
		status int
	}{
		{"signed", cfg, at, 0},
		{"signed with another token", WebhookConfig{SDKAppID: cfg.SDKAppID, Token: "other"}, at, http.StatusUnauthorized},
		{"not signed", WebhookConfig{SDKAppID: cfg.SDKAppID}, at, http.StatusUnauthorized},
		{"of another application", WebhookConfig{SDKAppID: "1400000001", Token: cfg.Token}, at, http.StatusForbidden},
		{"repeated much later", cfg, at.Add(6 * time.Minute), http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := beatAt(at)
			target, body, err := Heartbeat(test.signer, want)
			if err != nil {
				t.Fatal(err)
			}
			w, r := NewWebhook(cfg), httptest.NewRequest(http.MethodPost, target, strings.NewReader(string(body)))
			if r.URL.Path != w.Route() || strings.Contains(target, cfg.Token) {
				t.Errorf("sent to %s", target)
			}
			err = w.Authenticate(r, test.now)
			if test.status != 0 {
				if refusal, ok := err.(*chat.Refusal); !ok || refusal.Status != test.status { //nolint:errorlint // it is never wrapped
					t.Fatalf("got %v, want status %d", err, test.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d, err := w.Decode(r, body, test.now)
			if err != nil || d.Name != nameMessage || len(d.Events) != 1 {
				t.Fatalf("decoded %+v, %v", d, err)
			}
			got := d.Events[0]
			if got.Group != want.Group || got.GroupType != want.GroupType || got.Member != want.Member || got.Text != want.Text ||
				!got.At.Equal(want.At) || got.Trusted || got.Asked || got.Kind != chat.Message {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAHeartbeatWithoutATokenNeedsNone(t *testing.T) {
	at := time.Now()
	w := NewWebhook(WebhookConfig{SDKAppID: "1", Insecure: true})
	target, _, err := Heartbeat(WebhookConfig{SDKAppID: "1", Insecure: true}, beatAt(at))
	if err != nil || strings.Contains(target, "Sign") {
		t.Fatalf("%s, %v", target, err)
	}
	if err := w.Authenticate(httptest.NewRequest(http.MethodPost, target, http.NoBody), at); err != nil {
		t.Error(err)
	}
}

// What the clocks of others say must not be hidden by our own.
func TestAHeartbeatSaysNothingOfTheClock(t *testing.T) {
	reg, at := prometheus.NewRegistry(), time.Now()
	cfg := WebhookConfig{SDKAppID: "1", Token: "token", Registerer: reg}
	w := NewWebhook(cfg)
	target, _, err := Heartbeat(cfg, beatAt(at))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Authenticate(httptest.NewRequest(http.MethodPost, target, http.NoBody), at); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(reg, "groupguard_clock_skew_seconds"); n != 0 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
	others := strings.Replace(target, platformHeartbeat, "Android", 1)
	if err := w.Authenticate(httptest.NewRequest(http.MethodPost, others, http.NoBody), at); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(reg, "groupguard_clock_skew_seconds"); n != 1 || err != nil {
		t.Errorf("%d series of another's request, %v", n, err)
	}
}
