package cams

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestAHeartbeatIsLetInAsCAMSIs(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 123e6, time.UTC)
	for _, test := range []struct {
		name   string
		secret string // of the webhook
		signer string // of the heartbeat
		keys   []string
		in     bool
	}{
		{"with the secret", "0123456789abcdef", "0123456789abcdef", nil, true},
		{"with a secret that paths escape", "0123456789 %?#;ä", "0123456789 %?#;ä", nil, true},
		{"with another secret", "0123456789abcdef", "0123456789abcdee", nil, false},
		{"without a secret", "0123456789abcdef", "", nil, false},
		{"where none is asked for", "", "", nil, true},
		{"under another key of the group", "0123456789abcdef", "0123456789abcdef", []string{" chatId", "GroupId"}, true},
		{"under a key that means something else, too", "0123456789abcdef", "0123456789abcdef", []string{"To"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := WebhookConfig{Secret: test.secret, CustSpaceID: "cams-example01", BusinessNumber: "15550100099", GroupKeys: test.keys, Insecure: true}
			w := NewWebhook(cfg)
			cfg.Secret = test.signer
			want := &chat.Event{
				At: at, Group: chat.Group{Provider: chat.CAMS, Account: "cams-example01", ID: "heartbeat-1"},
				ID: "beat", Kind: chat.Message, Member: "heart-1", Text: "beat \"1\"",
			}
			target, body, err := Heartbeat(cfg, want)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(string(body)))
			if err := w.Authenticate(r, at); (err == nil) != test.in {
				t.Fatalf("%s: %v", target, err)
			}
			if strings.Count(strings.TrimPrefix(r.URL.EscapedPath(), "/webhook/cams/"), "/") != 0 {
				t.Errorf("%s does not fit the route", target)
			}
			d, err := w.Decode(r, body, at)
			if err != nil || d.Name != inbound || len(d.Events) != 1 {
				t.Fatalf("decoded %+v, %v", d, err)
			}
			got := d.Events[0]
			if got.Group != want.Group || got.Member != want.Member || got.Text != want.Text || !got.At.Equal(want.At) || got.Trusted ||
				got.Kind != chat.Message {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
