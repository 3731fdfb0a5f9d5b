package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/provider"
)

func TestSkewIsThatOfTheMiddleOfTheCall(t *testing.T) {
	sent := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		date  string
		took  time.Duration
		want  time.Duration
		known bool
	}{
		"the same":        {"Fri, 20 Nov 2026 09:00:00 GMT", time.Second, 0, true},
		"a slow answer":   {"Fri, 20 Nov 2026 09:00:02 GMT", 4 * time.Second, 1 * time.Second, true},
		"ahead":           {"Fri, 20 Nov 2026 09:01:00 GMT", 0, 61 * time.Second, true},
		"behind":          {"Fri, 20 Nov 2026 08:50:00 GMT", 0, -10 * time.Minute, true},
		"no date":         {"", 0, 0, false},
		"a date of words": {"yesterday", 0, 0, false},
	} {
		h := http.Header{"Date": {tt.date}}
		got, known := provider.SkewOf(h, sent, sent.Add(tt.took))
		if known != tt.known || (got-tt.want).Abs() > time.Second {
			t.Errorf("%s: got %s %v", name, got, known)
		}
	}
}
